//! `apply` against a stand-in for AWS: its calls, their order, and what makes it stop.

use std::sync::atomic::{AtomicUsize, Ordering};

use goldsmith_domain::report::{Entry, Report};
use goldsmith_domain::review::{DocumentEtags, Review, Stack};
use serde_json::Value;

use crate::run::{Outcome, changed, run, sample_text};
use crate::stand_in::{Answer, Request, StandIn};

const INVOKE: &str = "POST /2015-03-31/functions/goldsmith-nonprod-reconcile/invocations";
/// Who uploads is asked for, and stored.
const CALLER: &str = "POST /";
const COMPONENT: &str = "PUT /documents/components/harden.yml";
const ENVIRONMENT: &str = "PUT /documents/environment.json";
const VERSIONS: &str = "PUT /documents/ami-versions.json";

pub fn entry(kind: &str) -> Entry {
    Entry {
        kind: kind.to_owned(),
        target: "110304".to_owned(),
        reason: None,
    }
}

fn review(environment: &str, changes: &[Entry]) -> Review {
    let parsed = "111122223333".parse().expect("an account");
    let stack = Stack {
        environment: environment.parse().expect("a name"),
        account: parsed,
        region: "us-east-1".parse().expect("a Region"),
    };
    let json = serde_json::json!({
        "stack": stack, "recipes": [], "unchanged": 0, "access": [], "key-policies": [], "settings": [],
        "quotas": [], "storage": [], "waiting": [], "refused": [], "changes": changes, "notes": [],
    });
    serde_json::from_value(json).expect("a review")
}

/// The answer to a dry run; the bucket has `environment.json` with this `ETag`.
pub fn dry(environment: &str, changes: &[Entry], etag: &str) -> Report {
    let etags = [("environment.json".to_owned(), etag.to_owned())].into();
    Report {
        dry_run: true,
        review: Some(Box::new(review(environment, changes))),
        standing: Some(DocumentEtags {
            bucket: "documents".to_owned(),
            etags,
        }),
        ..Report::default()
    }
}

pub fn ok(report: &Report) -> Answer {
    (
        200,
        Vec::new(),
        serde_json::to_string(report).expect("JSON"),
    )
}

/// What STS answers to `GetCallerIdentity`.
fn caller() -> Answer {
    let answer = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/ada</Arn>\
                  </GetCallerIdentityResult></GetCallerIdentityResponse>";
    (200, Vec::new(), answer.to_owned())
}

/// Answers dry runs by their number, from 0, and the real run with `done`.
pub fn stack(dry: impl Fn(usize) -> Answer + Send + 'static, done: Report) -> StandIn {
    let count = AtomicUsize::new(0);
    StandIn::new(move |request: &Request| match request.method.as_str() {
        "PUT" => (200, vec![("etag", "\"new\"".to_owned())], String::new()),
        _ if request.path == "/" => caller(),
        _ if request.body.contains("dry-run") => dry(count.fetch_add(1, Ordering::SeqCst)),
        _ => ok(&done),
    })
}

fn apply(dir: &str, stand_in: &StandIn, more: &[&str]) -> Outcome {
    let arguments = ["apply", dir, "--against", "goldsmith-nonprod"];
    run(&[&arguments[..], more].concat(), &stand_in.url)
}

pub fn planned(_: usize) -> Answer {
    ok(&dry("nonprod", &[entry("create-recipe")], "\"old\""))
}

#[test]
fn documents_replace_the_planned_versions_and_are_applied() {
    let stand_in = stack(
        planned,
        Report {
            changes: vec![entry("create-recipe")],
            ..Report::default()
        },
    );
    let outcome = apply(&sample_text(), &stand_in, &["--yes", "--commit", "0123abc"]);
    assert_eq!(
        (outcome.code, outcome.out.as_str()),
        (0, "Done\n  - create-recipe 110304\n"),
        "{outcome:?}"
    );
    assert_eq!(
        stand_in.calls(),
        [
            INVOKE,
            INVOKE,
            CALLER,
            COMPONENT,
            ENVIRONMENT,
            VERSIONS,
            INVOKE
        ]
    );
    let requests = stand_in.requests();
    let first: Value = serde_json::from_str(&requests[0].body).expect("JSON");
    assert!(
        first["documents"]["ami-versions.json"]
            .as_str()
            .is_some_and(|text| text.contains("110304"))
    );
    let header = |n: usize, name: &str| requests[n].headers.get(name).cloned();
    assert_eq!(
        (header(3, "if-none-match").as_deref(), header(3, "if-match")),
        (Some("*"), None)
    );
    assert_eq!(
        (header(4, "if-match").as_deref(), header(4, "if-none-match")),
        (Some("\"old\""), None)
    );
    assert_eq!(header(5, "x-amz-meta-commit").as_deref(), Some("0123abc"));
    assert_eq!(
        header(5, "x-amz-meta-uploader").as_deref(),
        Some("arn:aws:iam::111122223333:user/ada")
    );
    assert_eq!(
        header(5, "x-amz-expected-bucket-owner").as_deref(),
        Some("111122223333")
    );
    assert_eq!(requests[6].body, "{}");
}

#[test]
fn without_a_terminal_nothing_is_uploaded() {
    let stand_in = stack(planned, Report::default());
    let outcome = apply(&sample_text(), &stand_in, &[]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome
            .err
            .contains("nothing was changed\nhint: `--yes` applies without asking"),
        "{outcome:?}"
    );
    assert_eq!(stand_in.calls(), [INVOKE]);
}

#[test]
fn a_stale_plan_is_refused_with_its_differences() {
    let changed = |n: usize| {
        let (change, etag) = if n == 0 {
            ("create-recipe", "\"old\"")
        } else {
            ("start-build", "\"newer\"")
        };
        ok(&dry("nonprod", &[entry(change)], etag))
    };
    let stand_in = stack(changed, Report::default());
    let outcome = apply(&sample_text(), &stand_in, &["--yes"]);
    assert_eq!(outcome.code, 1);
    for line in [
        "environment.json was replaced in the bucket",
        "now planned: start-build 110304",
        "no longer planned: create-recipe 110304",
    ] {
        assert!(
            outcome.err.contains(&format!("\n  {line}\n")),
            "{outcome:?}"
        );
    }
    assert_eq!(stand_in.calls(), [INVOKE, INVOKE]);
}

#[test]
fn a_document_that_changed_before_its_upload_is_named() {
    let stand_in = StandIn::new(|request: &Request| match request.path.split('?').next() {
        Some("/documents/environment.json") => (
            412,
            Vec::new(),
            "<Error><Code>PreconditionFailed</Code><Message>no</Message></Error>".to_owned(),
        ),
        _ if request.method == "PUT" => (200, Vec::new(), String::new()),
        Some("/") => caller(),
        _ => planned(0),
    });
    let outcome = apply(&sample_text(), &stand_in, &["--yes"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.err.contains(
            "error: environment.json was not uploaded; before it, 1 of 3 documents were uploaded\n"
        ),
        "{outcome:?}"
    );
    assert!(
        outcome.err.contains("PreconditionFailed") && outcome.err.contains("hint: "),
        "{outcome:?}"
    );
    assert_eq!(
        stand_in.calls(),
        [INVOKE, INVOKE, CALLER, COMPONENT, ENVIRONMENT]
    );
}

#[test]
fn documents_of_another_environment_are_not_uploaded() {
    let other = |_| {
        let mut report = dry("prod", &[], "\"old\"");
        let reason = Some("environment.json says `nonprod`, and this stack is `prod`".to_owned());
        let refused = vec![Entry {
            reason,
            ..entry("environment")
        }];
        report.review = report
            .review
            .map(|review| Box::new(Review { refused, ..*review }));
        ok(&report)
    };
    let stand_in = stack(other, Report::default());
    let outcome = apply(&sample_text(), &stand_in, &["--yes"]);
    assert!(
        outcome.code == 1
            && outcome
                .err
                .contains("says `nonprod`, and this stack is `prod`"),
        "{outcome:?}"
    );
    assert_eq!(stand_in.calls(), [INVOKE]);
}

#[test]
fn a_folder_may_hold_some_of_the_documents() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("components")).expect("a folder");
    let write =
        |key: &str, text: &str| std::fs::write(folder.path().join(key), text).expect("a file");
    let workloads = "workload_accounts.us-east-1.json";
    write(workloads, r#"{"product": {"account_id": "333333333333"}}"#);
    write("components/more.yml", "name: more");
    write("README.md", "no document");
    let stand_in = stack(planned, Report::default());
    let outcome = apply(&folder.path().display().to_string(), &stand_in, &["--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let uploads = [
        "PUT /documents/components/more.yml",
        &format!("PUT /documents/{workloads}"),
    ];
    assert_eq!(stand_in.calls()[3..5], uploads);
}

#[test]
fn the_error_of_a_function_is_shown() {
    let failed = |_| {
        let error =
            r#"{"errorType": "Call", "errorMessage": "kms:GetKeyPolicy failed: AccessDenied"}"#;
        (
            200,
            vec![("x-amz-function-error", "Unhandled".to_owned())],
            error.to_owned(),
        )
    };
    let outcome = apply(
        &sample_text(),
        &stack(failed, Report::default()),
        &["--yes"],
    );
    assert_eq!(outcome.code, 1);
    let expected = "error: the function goldsmith-nonprod-reconcile failed: kms:GetKeyPolicy failed: AccessDenied\n";
    assert_eq!(outcome.err, expected);
}

#[test]
fn a_refusal_ends_with_three() {
    let stand_in = stack(
        |_| ok(&dry("nonprod", &[], "\"old\"")),
        Report {
            refused: vec![entry("base-ami")],
            ..Report::default()
        },
    );
    let outcome = apply(&sample_text(), &stand_in, &["--yes"]);
    assert_eq!(
        (outcome.code, outcome.out.as_str()),
        (3, "Refused\n  - base-ami 110304\n"),
        "{outcome:?}"
    );
}

/// An upload's own event starts a run beside the person's: what it did belongs to the account.
#[test]
fn what_other_runs_do_since_the_upload_is_waited_for_and_told() {
    let dry_run = |_| {
        let changes = [entry("create-recipe"), entry("start-build")];
        let time = "2026-01-01T00:00:00.000Z".to_owned();
        ok(&Report {
            time,
            ..dry("nonprod", &changes, "\"old\"")
        })
    };
    let runs = AtomicUsize::new(0);
    let stand_in = StandIn::new(move |request: &Request| match request.method.as_str() {
        "PUT" => (200, vec![("etag", "\"new\"".to_owned())], String::new()),
        _ if request.path == "/" => caller(),
        _ if request.body.contains("dry-run") => dry_run(0),
        _ => {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            let changes = [entry("create-recipe"), entry("start-build")];
            ok(&Report {
                changes: changes[..=run].to_vec(),
                runs: Some(2 + run),
                ..Report::default()
            })
        }
    });
    let outcome = apply(&sample_text(), &stand_in, &["--yes"]);
    let expected = "Done, in 3 runs\n  - create-recipe 110304\n  - start-build 110304\n";
    assert_eq!(
        (outcome.code, outcome.out.as_str()),
        (0, expected),
        "{outcome:?}"
    );
    let last = stand_in.requests().pop().expect("a request");
    assert_eq!(last.body, r#"{"since":"2026-01-01T00:00:00.000Z"}"#);
}

#[test]
fn wrong_documents_are_not_uploaded() {
    let stand_in = stack(planned, Report::default());
    let folder = changed("ami-versions.json", "110304;110302", "110304;11 02");
    let outcome = apply(&folder.path().display().to_string(), &stand_in, &["--yes"]);
    assert!(
        outcome.code == 1 && outcome.err.contains("ami-versions.json:6:"),
        "{outcome:?}"
    );
    let set = apply(&sample_text(), &stand_in, &["--yes", "--set", "family=x"]);
    assert!(
        set.code == 1
            && set
                .err
                .contains("hint: apply takes its values from the documents"),
        "{set:?}"
    );
    assert_eq!(stand_in.calls(), [""; 0]);
}

#[test]
fn a_missing_function_is_an_error_with_a_hint() {
    let missing = |_: &Request| {
        let headers = vec![("x-amzn-errortype", "ResourceNotFoundException".to_owned())];
        (
            404,
            headers,
            r#"{"Message": "Function not found"}"#.to_owned(),
        )
    };
    let outcome = apply(&sample_text(), &StandIn::new(missing), &["--yes"]);
    assert!(
        outcome.code == 1 && outcome.err.contains("hint: is the stack deployed"),
        "{outcome:?}"
    );
}
