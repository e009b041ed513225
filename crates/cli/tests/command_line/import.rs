//! `goldsmith import`: every example, written, checked, and not overwritten.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{Outcome, goldsmith};

/// An example of the crate that makes the documents.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../import/tests/examples")
        .join(name)
}

/// Imports into `nonprod` of a folder.
fn import(source: &Path, folder: &Path, more: &[&str]) -> Outcome {
    let (source, into) = (source.display().to_string(), folder.join("nonprod"));
    let into = into.display().to_string();
    let arguments = ["import", source.as_str(), "--into", into.as_str()];
    goldsmith(&[&arguments[..], more].concat())
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file");
}

#[test]
fn every_example_passes_check_and_is_not_overwritten() {
    let kinds = [
        ("packer-linux", "packer"),
        ("packer-hcl", "packer"),
        ("packer-windows", "packer"),
        ("rake", "rake"),
        ("terraform-state", "terraform"),
        ("terraform-show", "terraform"),
    ];
    for (name, kind) in kinds {
        let folder = tempfile::tempdir().expect("a folder");
        let outcome = import(&example(name), folder.path(), &["--format", "json"]);
        assert_eq!(outcome.code, 3, "{name}: {outcome:?}");
        let report: Value = serde_json::from_str(&outcome.out).expect("JSON");
        assert_eq!(report["kind"], kind);
        assert_eq!(report["check"]["problems"], serde_json::json!([]), "{name}");
        let written = report["files"].as_array().expect("files");
        assert!(written.len() >= 2, "{name}: {written:?}");
        for path in written {
            assert!(
                Path::new(path.as_str().expect("a path")).is_file(),
                "{path}"
            );
        }
        let check = goldsmith(&[
            "check",
            &folder.path().join("nonprod").display().to_string(),
        ]);
        assert_eq!(check.code, 0, "{name}: {check:?}");
        let again = import(&example(name), folder.path(), &[]);
        assert_eq!(again.code, 1, "{again:?}");
        assert!(
            again.err.contains("already exists; nothing was written"),
            "{again:?}"
        );
    }
}

#[test]
fn the_report_has_what_was_chosen_and_what_was_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = import(&example("packer-linux"), folder.path(), &[]);
    assert_eq!(outcome.code, 3, "{outcome:?}");
    let into = folder.path().join("nonprod");
    for line in [
        format!("Written\n  {}\n", into.join("ami-versions.json").display()),
        "Chosen\n  ami-scheduled is web: ".to_owned(),
        "\n  ami-name is {recipename}: ".to_owned(),
        "Left for a person\n".to_owned(),
        "  web.json: builders[1]: found googlecompute; goldsmith builds on AWS only\n    hint: keep Packer for this builder\n"
            .to_owned(),
        "Left, and nobody has to do anything\n  web.json: builders[0].encrypt_boot: found true; every volume is encrypted\n"
            .to_owned(),
    ] {
        assert!(outcome.out.contains(&line), "{line}\n{}", outcome.out);
    }
    assert!(!outcome.out.contains("hunter2"), "a secret is not shown");
    assert!(
        outcome.err.starts_with("3 files written, "),
        "{}",
        outcome.err
    );
    assert!(outcome.err.contains("nothing is wrong"), "{}", outcome.err);
}

#[test]
fn an_import_that_leaves_nothing_ends_with_0_and_one_with_problems_with_1() {
    let source = tempfile::tempdir().expect("a folder");
    let builder = r#"{ "type": "amazon-ebs", "region": "us-east-1", "source_ami": "ami-08bd941ae380bd3cd", "instance_type": "m6i.large" }"#;
    write(
        source.path(),
        "web.json",
        &format!(r#"{{ "builders": [{builder}] }}"#),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = source.path().join("web.json");
    let outcome = import(&file, folder.path(), &["--family", "acme"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let environment = std::fs::read_to_string(folder.path().join("nonprod/environment.json"));
    assert!(
        environment
            .expect("a document")
            .contains("\"family\": \"acme\"")
    );

    let data = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: X\n        action: NoSuchAction\n";
    let arn = "arn:aws:imagebuilder:us-east-1:111122223333:component/x/1.0.0/1";
    let recipe = "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/r/1.0.0";
    let resource = |kind: &str, attributes: Value| serde_json::json!({ "mode": "managed", "type": kind, "name": "x", "instances": [{ "attributes": attributes }] });
    let state = serde_json::json!({ "version": 4, "resources": [
        resource("aws_imagebuilder_component", serde_json::json!({ "arn": arn, "name": "x", "data": data })),
        resource("aws_imagebuilder_image_recipe", serde_json::json!({
            "arn": recipe, "name": "r", "version": "1.0.0", "parent_image": "ami-08bd941ae380bd3cd",
            "component": [{ "component_arn": arn }] })),
    ] });
    let source = tempfile::tempdir().expect("a folder");
    write(source.path(), "terraform.tfstate", &state.to_string());
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = import(source.path(), folder.path(), &[]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(
        outcome.out.contains("What `goldsmith check` finds\n")
            && outcome.out.contains("NoSuchAction"),
        "{outcome:?}"
    );
}

#[test]
fn what_cannot_be_imported_is_an_error_with_a_hint_and_nothing_is_written() {
    let source = tempfile::tempdir().expect("a folder");
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |more: &[&str], message: &str| {
        let outcome = import(source.path(), folder.path(), more);
        assert_eq!((outcome.code, outcome.out.as_str()), (1, ""), "{outcome:?}");
        assert!(outcome.err.contains(message), "{message}: {}", outcome.err);
    };
    refused(
        &[],
        "found no Packer template, no project and no Terraform state",
    );
    refused(&["--kind", "rake"], "found no build.json in the folder");
    refused(&["--base", "latest"], "found latest, expected an AMI id");
    std::fs::write(source.path().join("web.json"), b"\xFF\xFE{").expect("a file");
    refused(&[], "hint: web.json was not read: it is not UTF-8 text");
    write(source.path(), "a.pkr.hcl", "source {\n  x = \n}\n");
    refused(&[], "a.pkr.hcl:2: found something else, expected HCL2");
    std::fs::remove_file(source.path().join("a.pkr.hcl")).expect("a file");
    write(source.path(), "a.json", r#"{ "builders": [] }"#);
    write(source.path(), "b.json", r#"{ "builders": [] }"#);
    refused(
        &[],
        "found a.json and b.json, expected one template in the folder",
    );
    assert!(
        !folder.path().join("nonprod").exists(),
        "nothing is written"
    );
}

#[test]
fn a_name_that_is_no_environment_is_refused() {
    let outcome = goldsmith(&["import", "x", "--into", "Not-a-name!"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("environment name"), "{outcome:?}");
}

/// What the pages show is what the command prints.
#[test]
fn the_pages_show_what_is_printed() {
    for page in ["from-packer.md", "from-rake.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs")
            .join(page);
        let text = std::fs::read_to_string(path).expect("a page");
        let (_, rest) = text.split_once("<!-- import: ").expect("an example");
        let (name, rest) = rest.split_once(" -->\n```console\n").expect("a name");
        let (shown, _) = rest.split_once("```").expect("an end");
        let folder = tempfile::tempdir().expect("a folder");
        let printed = import(&example(name), folder.path(), &[]).out;
        let lines: Vec<&str> = shown.lines().filter(|line| !line.is_empty()).collect();
        assert!(lines.len() > 5, "{page} shows lines");
        for line in lines {
            assert!(
                printed.lines().any(|printed| printed == line),
                "{page}: {line}\n{printed}"
            );
        }
    }
}
