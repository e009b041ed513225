//! `goldsmith` without a command: what it says of a folder, and that it needs neither credentials nor long.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::look::configuration;
use crate::run::{changed, in_folder};
use crate::stand_in::{Answer, Request, StandIn};

const NOBODY: [(&str, &str); 1] = [("HOME", "/nonexistent")];

fn with_aws(url: &str) -> [(&'static str, String); 4] {
    [
        ("AWS_ENDPOINT_URL", url.to_owned()),
        ("AWS_ACCESS_KEY_ID", "111122223333".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ]
}

fn bare(folder: &Path, url: &str) -> crate::run::Outcome {
    let variables = with_aws(url);
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    in_folder(&[], folder, &variables)
}

#[test]
fn an_empty_folder_is_told_how_to_begin() {
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = in_folder(&[], folder.path(), &NOBODY);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let own = env!("CARGO_PKG_VERSION");
    assert!(
        outcome.out.starts_with(&format!("goldsmith {own}\n"))
            && outcome
                .out
                .contains("\n             > goldsmith init ami-versions/nonprod\n"),
        "{outcome:?}"
    );
    std::fs::write(folder.path().join("web.pkr.hcl"), "").expect("a file");
    let outcome = in_folder(&[], folder.path(), &NOBODY);
    assert!(
        outcome
            .out
            .contains("> goldsmith import . --into ami-versions/nonprod\n"),
        "{outcome:?}"
    );
}

#[test]
fn without_credentials_the_documents_are_told_and_what_was_not_asked() {
    let folder = changed("ami-versions.json", "110304;110302", "110304");
    let variables = [NOBODY[0], ("AWS_REGION", "us-east-1")];
    let outcome = in_folder(&[], folder.path(), &variables);
    assert!(
        outcome.code == 0
            && outcome
                .out
                .contains("\nnonprod\n  documents  .: 3 documents read: nothing is wrong\n")
            && outcome
                .out
                .contains("\n  not asked  there are no AWS credentials")
            && outcome
                .out
                .contains("\n             > goldsmith doctor . --against goldsmith-nonprod\n"),
        "{outcome:?}"
    );
}

#[test]
fn wrong_documents_come_first() {
    let folder = changed("ami-versions.json", "110304;110302", "11 03");
    let outcome = in_folder(&[], folder.path(), &NOBODY);
    assert!(
        outcome.code == 0 && outcome.out.contains("\n             > goldsmith check .\n"),
        "{outcome:?}"
    );
}

/// A stack that was deployed and has not run; nothing is in its buckets.
fn stack(request: &Request) -> Answer {
    let json = |value: Value| (200, Vec::new(), value.to_string());
    match request.path.split('?').next().unwrap_or_default() {
        "/2015-03-31/functions/goldsmith-nonprod-reconcile/configuration" => json(configuration()),
        "/ListImagePipelines" => json(json!({ "imagePipelineList": [] })),
        "/ListImageBuildVersions" => json(json!({ "imageSummaryList": [] })),
        "/documents" | "/documents/" => {
            let listed = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
            (200, Vec::new(), listed.to_owned())
        }
        _ => (
            404,
            Vec::new(),
            "<Error><Code>NoSuchKey</Code></Error>".to_owned(),
        ),
    }
}

#[test]
fn documents_that_are_not_in_the_bucket_are_to_be_planned() {
    let folder = changed("ami-versions.json", "110304;110302", "110304");
    let stand_in = StandIn::new(stack);
    let outcome = bare(folder.path(), &stand_in.url);
    assert!(
        outcome.code == 0
            && outcome
                .out
                .contains("\n  stack      goldsmith-nonprod in 111122223333, us-east-1\n")
            && outcome.out.contains("\n  last run   there was none yet\n")
            && outcome
                .out
                .contains("\n  changed    3 documents differ from what is in the bucket\n")
            && outcome
                .out
                .contains("\n             > goldsmith plan . --against goldsmith-nonprod\n"),
        "{outcome:?}"
    );
    let writes = stand_in
        .calls()
        .into_iter()
        .filter(|call| call.starts_with("PUT") || call.starts_with("DELETE"));
    assert_eq!(writes.count(), 0);
}

#[test]
fn a_stack_that_is_missing_and_one_that_never_answers_are_said_soon() {
    let folder = changed("ami-versions.json", "110304;110302", "110304");
    let missing = StandIn::new(|_| {
        let code = ("x-amzn-errortype", "ResourceNotFoundException".to_owned());
        (404, vec![code], "{}".to_owned())
    });
    let outcome = bare(folder.path(), &missing.url);
    assert!(
        outcome
            .out
            .contains("\n  stack      there is no goldsmith-nonprod in us-east-1\n")
            && outcome
                .out
                .contains("\n             > make deploy ENV=nonprod\n"),
        "{outcome:?}"
    );
    // It takes connections, and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let began = Instant::now();
    let outcome = bare(folder.path(), &url);
    assert!(
        outcome.code == 0
            && outcome
                .out
                .contains("  not asked  there was no answer in 10 seconds\n"),
        "{outcome:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(30));
}
