//! What `apply` uploads of documents that are merged with variables.

use std::path::Path;

use goldsmith_domain::report::Report;
use serde_json::{Value, json};

use crate::apply::{entry, planned, stack};
use crate::configuration::{SHARED, goldsmith, text};
use crate::layers::{OWN, pulled};
use crate::run::{Outcome, sample_text};
use crate::stand_in::StandIn;

fn apply(dir: &Path, stand_in: &StandIn, more: &[&str]) -> Outcome {
    let dir = text(dir);
    let arguments = ["apply", &dir, "--against", "goldsmith-nonprod", "--yes"];
    let environment = [
        ("AWS_ENDPOINT_URL", stand_in.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "111122223333"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    goldsmith(&[&arguments[..], more].concat(), &environment)
}

fn factory() -> StandIn {
    let done = Report {
        changes: vec![entry("create-recipe")],
        ..Report::default()
    };
    stack(planned, done)
}

#[test]
fn merged_documents_are_uploaded_and_say_of_which_commits_they_are() {
    let own = "{ \"name\": \"baseos-rhel7\", \"build_url\": \"https://ci.example.com/1\" }";
    let (dir, repository, commit) = pulled(own, &SHARED);
    let stand_in = factory();
    let outcome = apply(dir.path(), &stand_in, &["--commit", "0123abc"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let said = format!(
        "with the configuration of {} at {commit}\n",
        repository.url()
    );
    assert!(outcome.err.starts_with(&said), "{outcome:?}");
    let requests = stand_in.requests();
    let puts: Vec<_> = requests
        .iter()
        .filter(|request| request.method == "PUT")
        .collect();
    let path = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
    let paths: Vec<String> = puts.iter().map(|request| path(&request.path)).collect();
    let expected = [
        "/documents/components/agent.yml",
        "/documents/workload_accounts.us-east-1.json",
        "/documents/environment.json",
        "/documents/ami-versions.json",
    ];
    assert_eq!(paths, expected);
    let url = repository.url();
    let metadata = [
        ("commit", "0123abc"),
        ("config-commit", commit.as_str()),
        ("config-ref", "HEAD"),
        ("config-url", url.as_str()),
        ("build-url", "https://ci.example.com/1"),
    ];
    for put in puts {
        for (key, value) in metadata {
            let stored = put.headers.get(&format!("x-amz-meta-{key}"));
            assert_eq!(stored.map(String::as_str), Some(value), "{key}");
        }
    }
    let first: Value = serde_json::from_str(&requests[0].body).expect("JSON");
    let versions = first["documents"]["ami-versions.json"]
        .as_str()
        .expect("a document");
    let versions: Value = serde_json::from_str(versions).expect("JSON");
    let entry = json!({ "recipename": "baseos-rhel7", "aminame": "ami-08bd941ae380bd3cd", "version": "1.4.0" });
    assert_eq!(
        versions,
        json!({ "ami-version": [entry], "ami-scheduled": [] })
    );
}

/// Only what is reviewed is uploaded; a value that changes nothing is no difference.
#[test]
fn apply_refuses_values_that_are_not_in_the_documents() {
    let (dir, ..) = pulled(OWN, &SHARED);
    let stand_in = factory();
    let refused = apply(
        dir.path(),
        &stand_in,
        &["--var", "source_ami=ami-0123456789abcdef0"],
    );
    assert_eq!(
        (refused.code, stand_in.calls().len()),
        (1, 0),
        "{refused:?}"
    );
    let said = "error: --var and --var-file would change ami-versions.json, and apply uploads only what the documents say\n\
                hint: write the value into vars.json, and have it reviewed\n";
    assert!(refused.err.ends_with(said), "{refused:?}");
    let same = apply(
        dir.path(),
        &stand_in,
        &["--var", "source_ami=ami-08bd941ae380bd3cd"],
    );
    assert_eq!(same.code, 0, "{same:?}");
}

/// The sample has no variables: nothing in the environment changes its documents.
#[test]
fn without_variables_the_environment_changes_nothing() {
    let environment = [
        ("SOURCE_AMI", "ami-0123456789abcdef0"),
        ("PIPELINE_ENV", "prod"),
        ("AMI_NAME", "x"),
    ];
    let outcome = goldsmith(&["check", &sample_text()], &environment);
    assert_eq!(
        (outcome.code, outcome.err.as_str()),
        (0, "3 documents read: nothing is wrong\n")
    );
    let outcome = goldsmith(&["explain", &sample_text()], &environment);
    assert!(
        outcome.code == 1 && outcome.err.contains("has no variables"),
        "{outcome:?}"
    );
}
