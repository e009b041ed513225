//! Attacks: each plays somebody who must not get anything, and asserts what must hold.
//!
//! docs/threat-model.md names the attackers, what stops each of them, and the test here that shows it.
//! An attacker uploads a document, or calls the embedded AWS as an account, a role or a consumer.

mod bases;
mod components;
mod damage;
mod documents;
mod keys;
mod parameter_roles;
mod parameters;
mod payloads;
mod publications;
mod texts;

use goldsmith_tests::{Documents, Factory};
use local_stack::{Function, workspace_root};

/// Everything that somebody outside can read of a pull request with these documents: the plan as its
/// comment has it, the saved observation, a dry run's report, and what the function logs of it.
async fn everything_shown(factory: &Factory, name: &str, documents: &Documents) -> String {
    let folder = workspace_root().join("target").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("an old folder");
    }
    for (key, content) in documents.files() {
        let file = folder.join(key);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, content).expect("a document");
    }
    let saved = folder.join("observed.json");
    let (folder, file) = (folder.to_str(), saved.to_str());
    let arguments = [
        "plan",
        folder.expect("UTF-8"),
        "--format",
        "markdown",
        "--save",
        file.expect("UTF-8"),
    ];
    let output = factory.goldsmith(&arguments).await;
    let saved = std::fs::read_to_string(&saved).expect("the saved observation");
    let report = factory.dry_run_with(documents).await;
    let logs = factory.logs_of(Function::Reconcile).await.expect("logs");
    let plan = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    [plan, errors, saved, format!("{report:?}"), logs.join("\n")].join("\n")
}
