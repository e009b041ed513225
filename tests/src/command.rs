//! The command line, pointed at a factory as a person would point it at AWS.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use local_stack::{ACCOUNT, REGION, SECRET, workspace_root};

use crate::Factory;

impl Factory {
    /// Runs `goldsmith` with these arguments.
    pub async fn goldsmith(&self, arguments: &[&str]) -> Output {
        let folder = workspace_root().join("target");
        let mut command = Command::new(binaries().join("goldsmith"));
        command
            .args(arguments)
            .current_dir(&folder)
            .env_clear()
            .envs(variables(self, &folder));
        let run = tokio::task::spawn_blocking(move || command.output());
        run.await.expect("a thread").expect("goldsmith runs")
    }
}

/// Where the command line is built, on which every test of it relies.
fn binaries() -> std::path::PathBuf {
    let binaries = workspace_root().join("target/debug");
    assert!(
        binaries.join("goldsmith").is_file(),
        "there is no goldsmith: `cargo build -p goldsmith-cli`"
    );
    binaries
}

/// The environment in which `goldsmith` finds the factory.
pub(crate) fn variables(factory: &Factory, home: &Path) -> BTreeMap<&'static str, String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let endpoints = &factory.endpoints;
    let variables = [
        ("PATH", format!("{}:{path}", binaries().display())),
        ("HOME", home.display().to_string()),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("TZ", "UTC".to_owned()),
        ("AWS_ACCESS_KEY_ID", ACCOUNT.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ENDPOINT_URL", endpoints.aws.clone()),
        (
            "AWS_ENDPOINT_URL_IMAGEBUILDER",
            endpoints.imagebuilder.clone(),
        ),
        ("AWS_ENDPOINT_URL_EC2", endpoints.imagebuilder.clone()),
        ("AWS_ENDPOINT_URL_KMS", endpoints.kms.clone()),
        ("GOLDSMITH_STACK", "goldsmith-nonprod".to_owned()),
    ];
    variables.into()
}
