//! Runs the real binary, cut off from whatever this machine is configured with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run said and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs `goldsmith` without AWS.
pub fn goldsmith(arguments: &[&str]) -> Outcome {
    run(arguments, "http://127.0.0.1:1")
}

/// Runs `goldsmith` with AWS at `url`.
pub fn run(arguments: &[&str], url: &str) -> Outcome {
    let environment = [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "111122223333"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
    ];
    with_environment(arguments, &environment)
}

/// Runs `goldsmith` with these variables and no others.
pub fn with_environment(arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(arguments)
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Outcome {
        code: output.status.code().expect("a code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// The sample documents of the repository.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ami-versions/nonprod")
}

/// The sample's path as an argument.
pub fn sample_text() -> String {
    sample().display().to_string()
}

/// A copy of the sample in which `from` became `to` in a document.
pub fn changed(key: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("components")).expect("a folder");
    for name in [
        "environment.json",
        "ami-versions.json",
        "components/harden.yml",
    ] {
        let text = std::fs::read_to_string(sample().join(name)).expect("a sample");
        assert!(name != key || text.contains(from), "{name} has no {from}");
        let text = if name == key {
            text.replace(from, to)
        } else {
            text
        };
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}
