//! JSON of the commands that also have text. Each output is compared with docs/commands.schema.json by
//! [`crate::run`], and here is what it says.

use goldsmith_domain::health::Health;
use goldsmith_domain::release::Release;
use goldsmith_domain::report::Report;
use serde_json::{Value, json};

use crate::apply::{dry, entry, ok, planned, stack};
use crate::configuration::{Repository, SHARED, project, text};
use crate::operate::queue;
use crate::run::{Outcome, goldsmith, run, sample_text};
use crate::stand_in::{Request, StandIn};

const STACK: [&str; 2] = ["--against", "goldsmith-nonprod"];
const JSON: [&str; 2] = ["--format", "json"];

fn value(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

#[test]
fn apply_says_what_was_uploaded_and_what_the_run_did() {
    let done = Report {
        changes: vec![entry("create-recipe")],
        ..Report::default()
    };
    let stand_in = stack(planned, done);
    let dir = sample_text();
    let outcome = run(
        &["apply", &dir, STACK[0], STACK[1], "--yes", JSON[0], JSON[1]],
        &stand_in.url,
    );
    let applied = value(&outcome);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(
        applied["uploaded"],
        json!([
            "components/harden.yml",
            "environment.json",
            "ami-versions.json"
        ])
    );
    assert_eq!(
        applied["report"]["changes"],
        json!([{ "kind": "create-recipe", "target": "110304" }])
    );
}

#[test]
fn reconcile_prints_its_report() {
    let done = Report {
        refused: vec![entry("ami-gone")],
        ..Report::default()
    };
    let stand_in = stack(planned, done);
    let real = run(
        &["reconcile", STACK[0], STACK[1], JSON[0], JSON[1]],
        &stand_in.url,
    );
    assert_eq!(
        (real.code, &value(&real)["refused"][0]["kind"]),
        (3, &json!("ami-gone"))
    );
    let dry = run(
        &[
            "reconcile",
            "--dry-run",
            STACK[0],
            STACK[1],
            JSON[0],
            JSON[1],
        ],
        &stand_in.url,
    );
    let dry_run = value(&dry);
    assert_eq!(
        (
            dry.code,
            &dry_run["dry-run"],
            &dry_run["review"]["unchanged"]
        ),
        (2, &json!(true), &json!(0))
    );
}

/// Each member of a report is named here, so that a new one does not compile before the schema has it.
#[test]
fn the_schema_has_every_member_of_a_report() {
    let planned = dry("nonprod", &[entry("create-recipe")], "\"old\"");
    let all = || vec![entry("k")];
    let everything = Report {
        time: "2026-01-01T00:00:00.000Z".to_owned(),
        commit: Some("0123abc".to_owned()),
        release: Some(Release {
            version: "0.0.1".to_owned(),
            commit: Some("0123abc".to_owned()),
        }),
        documents: [("environment.json".to_owned(), "v1".to_owned())].into(),
        dry_run: true,
        changes: all(),
        waiting: all(),
        refused: all(),
        failed: all(),
        not_attempted: all(),
        problems: Vec::new(),
        more_problems: 1,
        leaked_gib: 1,
        health: Some(Health::default()),
        calls: [("s3:GetObject".to_owned(), 1)].into(),
        drift_calls: 1,
        writes: 1,
        review: planned.review,
        standing: planned.standing,
        retry: Some("another run holds the lease".to_owned()),
        schedule_changed: Some("2026-01-01T00:00:00.000Z".to_owned()),
        runs: Some(2),
        runs_before: 1,
    };
    let stand_in = StandIn::new(move |_: &Request| ok(&everything));
    let arguments = [
        "reconcile",
        "--dry-run",
        STACK[0],
        STACK[1],
        JSON[0],
        JSON[1],
    ];
    let outcome = run(&arguments, &stand_in.url);
    assert_eq!(value(&outcome)["runs-before"], json!(1));
}

#[test]
fn build_says_what_started_and_what_did_not() {
    let started = json!({ "recipename": "110304", "pipeline-arn": "p", "image-arn": "i" });
    let skipped = json!({ "recipename": "110302", "reason": "it builds" });
    let answer = json!({ "started": [started], "skipped": [skipped], "failed": [] });
    let stand_in = StandIn::new(move |_: &Request| (200, Vec::new(), answer.to_string()));
    let outcome = run(
        &[
            "build", "110304", "110302", STACK[0], STACK[1], JSON[0], JSON[1],
        ],
        &stand_in.url,
    );
    assert_eq!(
        value(&outcome),
        json!({
            "started": [{ "recipename": "110304", "image-arn": "i" }],
            "skipped": [{ "recipename": "110302", "reason": "it builds" }], "failed": [],
        })
    );
}

#[test]
fn redrive_says_what_became_of_each_event() {
    let stand_in = queue(&["bad-1", "e-2"], 0);
    let outcome = run(
        &["redrive", STACK[0], STACK[1], JSON[0], JSON[1]],
        &stand_in.url,
    );
    let redriven = value(&outcome);
    assert_eq!((outcome.code, &redriven["left"]), (3, &json!(1)));
    assert!(redriven["events"][0]["failure"].is_string(), "{redriven}");
    assert_eq!(redriven["events"][1]["failure"], Value::Null);
}

#[test]
fn init_and_consumer_and_pull_need_no_aws_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("nonprod").display().to_string();
    let init = goldsmith(&["init", &dir, JSON[0], JSON[1]]);
    let files = value(&init)["files"].clone();
    assert!(
        files.as_array().is_some_and(|files| files
            .iter()
            .any(|file| *file == json!(format!("{dir}/environment.json")))),
        "{files}"
    );
    let consumer = goldsmith(&["consumer", "222222222222", &sample_text(), JSON[0], JSON[1]]);
    let served = value(&consumer);
    assert_eq!(
        (&served["account"], &served["regions"], &served["copies"]),
        (&json!("222222222222"), &json!(["us-east-1"]), &json!(false))
    );
    assert!(
        served["commands"]["deploy"]
            .as_str()
            .is_some_and(|command| command.contains("aws cloudformation deploy")),
        "{served}"
    );
    let repository = Repository::new(&SHARED);
    let commit = repository.publish();
    let project = project("{}");
    let pulled = crate::configuration::goldsmith(
        &[
            "pull",
            &text(project.path()),
            "--url",
            &repository.url(),
            JSON[0],
            JSON[1],
        ],
        &[],
    );
    let answer = value(&pulled);
    assert_eq!(
        (&answer["pulled"]["commit"], answer["files"].as_u64()),
        (&json!(commit), Some(SHARED.len() as u64))
    );
}
