//! Runs the real binary, cut off from whatever this machine is configured with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What commands print as JSON.
const SCHEMA: &str = include_str!("../../../../docs/commands.schema.json");

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
    let command = Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    outcome(command, arguments, environment)
}

fn outcome(mut command: Command, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let output = command
        .args(arguments)
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let outcome = Outcome {
        code: output.status.code().expect("a code"),
        out: text(output.stdout),
        err: text(output.stderr),
    };
    if arguments
        .windows(2)
        .any(|pair| pair == ["--format", "json"])
    {
        assert_as_documented(arguments[0], &outcome);
    }
    outcome
}

/// Whatever a command prints as JSON is what docs/commands.schema.json says, in every test that asks for JSON.
fn assert_as_documented(command: &str, outcome: &Outcome) {
    let values = serde_json::Deserializer::from_str(&outcome.out).into_iter::<Value>();
    for (n, value) in values.enumerate() {
        let value = value.unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
        let definition = match (command, n) {
            (command, 0) => command,
            ("logs", _) => "logs-line",
            _ => panic!("{command} prints more than one value: {outcome:?}"),
        };
        let mut schema: Value = serde_json::from_str(SCHEMA).expect("a schema");
        schema["$ref"] = format!("#/$defs/{definition}").into();
        let validator = jsonschema::validator_for(&schema).expect("a valid schema");
        let wrong: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{definition}: {wrong:#?}");
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

/// Runs `goldsmith` in a folder, with these variables and no others.
pub fn in_folder(arguments: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    command.current_dir(folder);
    outcome(command, arguments, environment)
}
