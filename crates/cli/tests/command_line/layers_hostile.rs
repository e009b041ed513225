//! Variables of strangers: deep, no text, with names that lead elsewhere, or behind links.

use std::fs;

use serde_json::json;

use crate::configuration::{SHARED, project};
use crate::layers::{OWN, check, pulled};

#[test]
fn a_hostile_file_of_variables_is_a_problem_at_its_place() {
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let (dir, ..) = pulled(
        OWN,
        &[
            ("amis/vars.json", deep.as_str()),
            SHARED[1],
            SHARED[2],
            SHARED[3],
        ],
    );
    let outcome = check(&dir);
    let said = "target/pipeline-config/amis/vars.json:1:38: found [, expected at most 32 levels of nesting";
    assert!(
        outcome.code == 1 && outcome.out.contains(said),
        "{outcome:?}"
    );
    let (dir, ..) = pulled(OWN, &SHARED);
    fs::write(dir.path().join("vars.json"), b"{\"name\": \"\xE9\"}").expect("a file");
    let outcome = check(&dir);
    let said = "vars.json:1:11: found the byte 0xE9, expected UTF-8 text";
    assert!(
        outcome.code == 1 && outcome.out.contains(said),
        "{outcome:?}"
    );
    for name in ["..-rhel7", "a/b", "../../etc"] {
        fs::write(
            dir.path().join("vars.json"),
            json!({ "name": name }).to_string(),
        )
        .expect("a file");
        let outcome = check(&dir);
        let said = "error: the name of the image leads to no folders of the configuration\n";
        assert!(
            outcome.code == 1 && outcome.err.starts_with(said),
            "{name}: {outcome:?}"
        );
    }
}

/// Files that were put there by hand, as a fork of a repository could.
#[test]
fn a_link_out_of_the_configuration_is_refused() {
    let (dir, ..) = pulled(OWN, &SHARED);
    let secret = tempfile::tempdir().expect("a folder");
    let path = secret.path().join("secret.json");
    fs::write(&path, r#"{"owner": "secret"}"#).expect("a file");
    let link = dir.path().join("target/pipeline-config/amis/aws.vars.json");
    std::os::unix::fs::symlink(&path, link).expect("a link");
    let outcome = check(&dir);
    assert!(
        outcome.code == 1 && outcome.err.contains("links to"),
        "{outcome:?}"
    );
    assert!(!outcome.out.contains("owner"), "{outcome:?}");
    let dir = project(OWN);
    fs::create_dir(dir.path().join("target")).expect("a folder");
    let link = dir.path().join("target/pipeline-config");
    std::os::unix::fs::symlink(secret.path(), link).expect("a link");
    let outcome = check(&dir);
    assert!(
        outcome.code == 1 && outcome.err.contains("links to"),
        "{outcome:?}"
    );
}
