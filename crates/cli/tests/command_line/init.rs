//! `goldsmith init --style`: every style passes `check`, and brings a project.

use std::path::Path;
use std::process::Command;

use crate::run::goldsmith;

const STYLES: [&str; 4] = ["image-builder", "rake-packer", "windows", "stig"];

/// Makes a project in a folder.
fn init(folder: &Path, style: &str, more: &[&str]) -> crate::run::Outcome {
    let documents = folder.join("ami-versions/nonprod").display().to_string();
    let project = folder.display().to_string();
    let arguments = ["init", &documents, "--project", &project, "--style", style];
    goldsmith(&[&arguments[..], more].concat())
}

fn text(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_style_passes_check_in_every_partition() {
    for style in STYLES {
        for region in ["us-east-1", "us-gov-west-1"] {
            let folder = tempfile::tempdir().expect("a folder");
            let made = init(folder.path(), style, &["--region", region]);
            assert_eq!(made.code, 0, "{style}: {made:?}");
            let documents = folder
                .path()
                .join("ami-versions/nonprod")
                .display()
                .to_string();
            let check = goldsmith(&["check", &documents]);
            assert_eq!(check.code, 0, "{style}: {check:?}");
            assert!(check.err.contains("nothing is wrong"), "{style}: {check:?}");
        }
    }
}

#[test]
fn every_style_brings_a_project_without_a_word_left_to_replace() {
    let paths = [
        "README.md",
        ".envrc",
        ".github/workflows/images.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        "ci/install-goldsmith.sh",
        "test/baseline/inspec.yml",
        "test/baseline/controls/baseline.rb",
        "ami-versions/nonprod/environment.json",
        "ami-versions/nonprod/audit/poam.yml",
        "ami-versions/nonprod/audit/skip.yml",
        "ami-versions/nonprod/components/setup.yml",
    ];
    for style in STYLES {
        let folder = tempfile::tempdir().expect("a folder");
        let made = init(folder.path(), style, &[]);
        for path in paths {
            let text = text(folder.path(), path);
            let words = [
                "@ENVIRONMENT@",
                "@REGION@",
                "@PARTITION@",
                "@BASE@",
                "@DOCUMENTS@",
                "@STYLE@",
                "@FAMILY@",
            ];
            let left = words.into_iter().find(|word| text.contains(word));
            assert_eq!(left, None, "{style}: {path}");
            assert!(made.out.contains(path), "{style}: {path} is printed");
        }
        let command = "check ami-versions/nonprod";
        for path in [
            ".github/workflows/images.yml",
            ".gitlab-ci.yml",
            "Jenkinsfile",
            "README.md",
        ] {
            assert!(
                text(folder.path(), path).contains(command),
                "{style}: {path}"
            );
        }
        let again = init(folder.path(), style, &[]);
        assert!(
            again.code == 1 && again.err.contains("nothing was written"),
            "{again:?}"
        );
    }
}

/// The installer takes only the binary that was pinned.
#[test]
fn the_installer_takes_only_what_was_pinned() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(init(folder.path(), "image-builder", &[]).code, 0);
    let (served, bin) = (folder.path().join("served"), folder.path().join("bin"));
    std::fs::write(&served, "#!/bin/sh\necho goldsmith\n").expect("a file");
    let sum = Command::new("sha256sum")
        .arg(&served)
        .output()
        .expect("a sum")
        .stdout;
    let sum = String::from_utf8_lossy(&sum)[..64].to_owned();
    let install = |sum: &str| {
        let script = folder.path().join("ci/install-goldsmith.sh");
        let url = format!("file://{}", served.display());
        let mut command = Command::new(script);
        command
            .arg(&bin)
            .env("GOLDSMITH_URL", url)
            .env("GOLDSMITH_SHA256", sum);
        command.output().expect("it runs").status.success()
    };
    assert!(!install(&"0".repeat(64)), "another binary is refused");
    assert!(!bin.join("goldsmith").exists());
    assert!(install(&sum));
    let said = Command::new(bin.join("goldsmith"))
        .output()
        .expect("it runs")
        .stdout;
    assert_eq!(said, b"goldsmith\n");
}

#[test]
fn a_folder_that_a_script_cannot_name_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = folder.path().join("a b/nonprod").display().to_string();
    let project = folder.path().display().to_string();
    let made = goldsmith(&["init", &documents, "--project", &project, "--style", "stig"]);
    assert!(
        made.code == 1 && made.err.contains("expected a folder of letters"),
        "{made:?}"
    );
    assert!(!folder.path().join("README.md").exists());
}
