//! What needs no network.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::run::{changed, goldsmith, sample, sample_text, with_environment};

#[test]
fn documents_without_a_problem_pass() {
    let outcome = goldsmith(&["check", &sample_text()]);
    assert_eq!((outcome.code, outcome.out.as_str()), (0, ""), "{outcome:?}");
    assert_eq!(outcome.err, "3 documents read: nothing is wrong\n");
}

#[test]
fn a_problem_is_reported_in_each_format() {
    let folder = changed("ami-versions.json", "110304;110302", "110304;11 02");
    let path = folder.path().display().to_string();
    let text = goldsmith(&["check", &path]);
    assert_eq!(text.code, 1);
    assert!(
        text.out
            .starts_with(&format!("{path}/ami-versions.json:6:")),
        "{text:?}"
    );
    assert!(
        text.err.ends_with("3 documents read: 1 problem\n"),
        "{text:?}"
    );
    let json = goldsmith(&["check", &path, "--format", "json"]);
    let verdict: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(
        (json.code, &verdict["problems"][0]["file"]),
        (1, &json!("ami-versions.json"))
    );
}

#[test]
fn annotations_have_paths_below_the_root_of_the_repository() {
    let folder = changed("ami-versions.json", "110304;110302", "110304;11 02");
    let environment = folder.path().join("ami-versions/nonprod");
    std::fs::create_dir_all(environment.join("components")).expect("a folder");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    for name in [
        "environment.json",
        "ami-versions.json",
        "components/harden.yml",
    ] {
        std::fs::rename(folder.path().join(name), environment.join(name)).expect("a file");
    }
    let outcome = goldsmith(&[
        "check",
        &environment.display().to_string(),
        "--format",
        "github",
    ]);
    assert!(
        outcome
            .out
            .starts_with("::error file=ami-versions/nonprod/ami-versions.json,line=6,col="),
        "{outcome:?}"
    );
}

#[test]
fn a_folder_of_environments_is_recognised() {
    let sample = sample_text();
    let parent = Path::new(&sample)
        .parent()
        .expect("a parent")
        .display()
        .to_string();
    let outcome = goldsmith(&["check", &parent]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome
            .err
            .contains(&format!("hint: {parent} holds environments")),
        "{outcome:?}"
    );
}

#[test]
fn a_consumer_gets_the_text_of_its_account() {
    let (account, key) = (
        "222222222222",
        "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    );
    let outcome = goldsmith(&["consumer", account, &sample_text()]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(
        outcome
            .out
            .starts_with("Account 222222222222 may launch the images of nonprod"),
        "{outcome:?}"
    );
    assert!(
        outcome
            .err
            .starts_with("hint: the key of us-east-1 is not in the documents"),
        "{outcome:?}"
    );
    let given = goldsmith(&["consumer", account, &sample_text(), "--key", key]);
    assert_eq!((given.code, given.err.as_str()), (0, ""));
    assert!(given.out.contains(&format!("KeyArns={key} ")), "{given:?}");
}

#[test]
fn an_account_that_is_no_consumer_is_an_error() {
    let unknown = goldsmith(&["consumer", "222222222223", &sample_text()]);
    assert_eq!((unknown.code, unknown.out.as_str()), (1, ""));
    assert_eq!(
        unknown.err,
        "error: account 222222222223 is not a consumer in these documents\nhint: did you mean 222222222222?\n"
    );
    let sample = sample_text();
    let parent = Path::new(&sample)
        .parent()
        .expect("a parent")
        .display()
        .to_string();
    let nowhere = goldsmith(&["consumer", "222222222222", &parent]);
    assert!(
        nowhere.code == 1 && nowhere.err.contains(" holds environments"),
        "{nowhere:?}"
    );
}

#[test]
fn a_command_line_that_is_not_understood_is_no_plan_with_changes() {
    assert_eq!(goldsmith(&["plan"]).code, 1);
    assert_eq!(goldsmith(&["plan", "--help"]).code, 0);
}

#[test]
fn nothing_to_compare_with_is_an_error_with_a_hint() {
    let outcome = goldsmith(&["plan", &sample_text()]);
    assert_eq!((outcome.code, outcome.out.as_str()), (1, ""));
    assert!(
        outcome
            .err
            .starts_with("error: there is nothing to compare the documents with\nhint: "),
        "{outcome:?}"
    );
}

#[test]
fn a_region_and_credentials_are_asked_for_before_the_first_call() {
    let status = ["status", "--against", "goldsmith-nonprod"];
    let region = with_environment(&status, &[]);
    assert!(
        region.code == 1
            && region
                .err
                .starts_with("error: no AWS Region is configured\nhint: "),
        "{region:?}"
    );
    let credentials = with_environment(&status, &[("AWS_REGION", "us-east-1")]);
    assert!(
        credentials.code == 1
            && credentials
                .err
                .starts_with("error: there are no AWS credentials\n  caused by: "),
        "{credentials:?}"
    );
    let stack = with_environment(&status[..1], &[]);
    assert!(
        stack.err.starts_with("error: no stack is named\nhint: "),
        "{stack:?}"
    );
    let variable = with_environment(&status[..1], &[("GOLDSMITH_STACK", "not a stack")]);
    assert!(
        variable
            .err
            .contains("found `not a stack`, expected the name of a stack"),
        "{variable:?}"
    );
}

/// Several repositories may each hold some documents of an environment.
#[test]
fn a_folder_with_some_documents_passes_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    let nothing = goldsmith(&["check", &path]);
    assert_eq!(nothing.code, 1, "{nothing:?}");
    let sample = std::fs::read_to_string(sample().join("ami-versions.json")).expect("a sample");
    std::fs::write(folder.path().join("ami-versions.json"), sample).expect("a file");
    let some = goldsmith(&["check", &path]);
    assert!(
        some.code == 0 && some.out.contains("environment.json: not in this folder"),
        "{some:?}"
    );
    let json: Value =
        serde_json::from_str(&goldsmith(&["check", &path, "--format", "json"]).out).expect("JSON");
    assert_eq!(json["elsewhere"], serde_json::json!(["environment.json"]));
}

#[test]
fn the_sample_of_the_page_that_lacks_its_first_brace_gets_a_hint() {
    let folder = changed("environment.json", "nonprod", "nonprod");
    let workloads = r#""product": { "account_id": "333333333333" } }"#;
    let path = folder.path().join("workload_accounts.us-east-1.json");
    std::fs::write(path, workloads).expect("a file");
    let outcome = goldsmith(&["check", &folder.path().display().to_string()]);
    assert!(
        outcome.code == 1 && outcome.out.contains("hint: begin with `{`"),
        "{outcome:?}"
    );
}

#[test]
fn documents_of_init_pass_check_and_are_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("nonprod").display().to_string();
    assert_eq!(goldsmith(&["init", &path]).code, 0);
    assert_eq!(goldsmith(&["check", &path]).code, 0);
    for key in ["environment.json", "ami-versions.json"] {
        let text = std::fs::read_to_string(folder.path().join("nonprod").join(key));
        let text = text.expect("a document");
        assert!(
            !text.contains("$schema"),
            "there is no schema to lead to: {text}"
        );
    }
    let again = goldsmith(&["init", &path]);
    assert_eq!(again.code, 1);
    assert!(
        again.err.contains("already exists; nothing was written"),
        "{again:?}"
    );
    let wrong = goldsmith(&[
        "init",
        &folder.path().join("Not a name").display().to_string(),
    ]);
    assert!(
        wrong.code == 1 && wrong.err.contains("  caused by: "),
        "{wrong:?}"
    );
}

#[test]
fn init_names_the_schemas_beside_the_environments() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("schema")).expect("a folder");
    let schema = goldsmith(&["schema", "environment"]).out;
    std::fs::write(folder.path().join("schema/environment.schema.json"), schema).expect("a file");
    let path = folder.path().join("nonprod");
    assert_eq!(goldsmith(&["init", &path.display().to_string()]).code, 0);
    let text = |key: &str| std::fs::read_to_string(path.join(key)).expect("a document");
    assert!(
        text("environment.json")
            .starts_with("{\n  \"$schema\": \"../schema/environment.schema.json\",\n")
    );
    assert!(!text("ami-versions.json").contains("$schema"));
    assert!(path.join("../schema/environment.schema.json").is_file());
    assert_eq!(goldsmith(&["check", &path.display().to_string()]).code, 0);
}

#[test]
fn completions_have_every_command() {
    let script = goldsmith(&["completions", "bash"]).out;
    for command in [
        "check", "plan", "apply", "status", "build", "logs", "init", "schema",
    ] {
        assert!(script.contains(command), "{command}");
    }
}

/// An account in which nothing exists yet.
pub fn empty_account() -> Value {
    json!({
        "format": 8,
        "quotas": {},
        "documents": {}, "in-bucket": {},
        "stack": {
            "environment": "nonprod", "account": "111122223333", "region": "us-east-1",
            "key": "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000001",
            "instance-profile": "goldsmith-nonprod", "instance-roles": null, "parameter-prefix": "/goldsmith/", "output-bucket": "goldsmith-nonprod-output",
        },
        "observed": {
            "time": "1970-01-01T00:00:00Z",
            "pipelines": [], "images": [], "origins": {}, "objections": {}, "proofs": {}, "leftovers": {}, "kept-instances": [], "infrastructure": [], "distributions": [], "catalog": null,
            "further-key-policies": {}, "bucket-policy": "", "amis": null, "amis-out-of-turn": [], "licences": {}, "rebuilds": {},
            "built": {}, "grants": {}, "quarantined": {}, "damages": {},
            "deployment": [], "deleted-documents": [], "unreadable": [],
            "facts": { "instance-types": {}, "keys": {}, "regions": {}, "subnets": {}, "instance-profiles": {} },
            "key-policy": json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
                    "Action": "kms:*", "Resource": "*",
                }],
            })
            .to_string(),
            "rule": {
                "name": "goldsmith-nonprod-build", "schedule": "cron(0 6 ? * SUN *)", "event-pattern": null,
                "description": null, "state": "ENABLED", "role-arn": null, "has-target": null,
            },
        },
    })
}

#[test]
fn a_plan_is_replayed_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (observed, saved, summary) = (
        path("observed.json"),
        path("saved.json"),
        path("summary.md"),
    );
    std::fs::write(&observed, empty_account().to_string()).expect("a file");
    std::fs::write(&saved, "old").expect("a file");
    let plan = |more: &[&str]| {
        let sample = sample_text();
        let arguments = ["plan", &sample, "--observed", &observed];
        goldsmith(&[&arguments[..], more].concat())
    };
    let json = plan(&["--format", "json", "--save", &saved, "--summary", &summary]);
    assert_eq!(json.code, 2, "{json:?}");
    let review: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(review["stack"]["environment"], "nonprod");
    let again = goldsmith(&[
        "plan",
        &sample_text(),
        "--observed",
        &saved,
        "--format",
        "json",
    ]);
    assert_eq!(
        again.out, json.out,
        "the saved observation gives the same plan"
    );
    let mode = std::fs::metadata(&saved)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let summary = std::fs::read_to_string(&summary).expect("a summary");
    let markdown = plan(&["--format", "markdown"]);
    assert!(summary.starts_with("<!-- goldsmith plan nonprod -->\n"));
    assert!(
        markdown
            .out
            .starts_with("<!-- goldsmith plan nonprod -->\n")
            && markdown.out.len() <= 65_536
    );
    let set = plan(&["--set", "instance-types.0=m7i.large"]);
    assert!(
        set.err
            .contains("planned as if environment.json had instance-types.0 = \"m7i.large\""),
        "{set:?}"
    );
    let wrong = plan(&["--set", "instance-types.9=x"]);
    assert!(
        wrong.code == 1 && wrong.err.contains("hint: write a path with dots"),
        "{wrong:?}"
    );
}

#[test]
fn a_saved_observation_of_another_format_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("observed.json");
    let mut observed = empty_account();
    observed["format"] = json!(1);
    std::fs::write(&path, observed.to_string()).expect("a file");
    let path = path.display().to_string();
    let answer = goldsmith(&["plan", &sample_text(), "--observed", &path]);
    assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{answer:?}");
    let sentence = format!("{path}: found format 1, expected format 8\n");
    assert!(answer.err.contains(&sentence), "{answer:?}");
    assert!(
        answer
            .err
            .contains("hint: save the observation again with this release"),
        "{answer:?}"
    );
}
