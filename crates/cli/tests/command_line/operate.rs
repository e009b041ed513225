//! `reconcile` and `redrive` against a stand-in: what they invoke, and what they leave.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::look::configuration;
use crate::run::run;
use crate::stand_in::{Answer, Request, StandIn};

const STACK: [&str; 2] = ["--against", "goldsmith-nonprod"];

fn json(value: &Value) -> Answer {
    (200, Vec::new(), value.to_string())
}

/// A report of reconcile with these members.
fn report(members: &Value) -> Value {
    let mut report = json!({
        "time": "2026-01-01T00:00:00.000Z", "documents": {}, "dry-run": false, "changes": [], "waiting": [],
        "refused": [], "failed": [], "not-attempted": [], "problems": [], "calls": {}, "writes": 0,
    });
    for (name, value) in members.as_object().expect("members") {
        report[name] = value.clone();
    }
    report
}

#[test]
fn reconcile_runs_again_while_another_run_holds_what_it_needs() {
    let runs = AtomicUsize::new(0);
    let put = json!({ "kind": "put-key-policy", "target": "key" });
    let stand_in = StandIn::new(move |_: &Request| {
        json(&match runs.fetch_add(1, Ordering::SeqCst) {
            0 => report(&json!({ "not-attempted": [put], "retry": "another run holds the lease" })),
            _ => report(&json!({ "changes": [put], "runs": 2 })),
        })
    });
    let outcome = run(&["reconcile", STACK[0], STACK[1]], &stand_in.url);
    assert_eq!(
        (outcome.code, outcome.out.as_str()),
        (0, "Done, in 2 runs\n  - put-key-policy key\n"),
        "{outcome:?}"
    );
    let bodies: Vec<String> = stand_in
        .requests()
        .into_iter()
        .map(|one| one.body)
        .collect();
    assert_eq!(bodies, ["{}", r#"{"since":"2026-01-01T00:00:00.000Z"}"#]);
}

/// A failure queue with one event, which scheduled-build takes or not.
fn queue(succeeds: bool) -> StandIn {
    let received = AtomicUsize::new(0);
    let body = json!({
        "timestamp": "2026-01-01T00:00:00.000Z",
        "requestContext": { "functionArn": "arn:aws:lambda:us-east-1:111122223333:function:goldsmith-nonprod-scheduled-build:$LATEST" },
        "requestPayload": { "id": "e-1" }, "responsePayload": { "errorMessage": "throttled" },
    });
    let message = json!({ "Messages": [{ "Body": body.to_string(), "ReceiptHandle": "r-1" }] });
    StandIn::new(move |request: &Request| {
        let target = request.headers.get("x-amz-target").map(String::as_str);
        match (target, request.path.split('?').next()) {
            (Some("AmazonSQS.GetQueueUrl"), _) => json(&json!({ "QueueUrl": "http://queue" })),
            (Some("AmazonSQS.ReceiveMessage"), _) => {
                let first = received.fetch_add(1, Ordering::SeqCst) == 0;
                json(&if first { message.clone() } else { json!({}) })
            }
            (Some("AmazonSQS.DeleteMessage"), _) => (200, Vec::new(), String::new()),
            (_, Some(path)) if path.ends_with("/configuration") => json(&configuration()),
            _ if succeeds => json(&json!({ "started": [] })),
            _ => (
                200,
                vec![("x-amz-function-error", "Unhandled".to_owned())],
                r#"{"errorMessage": "throttled again"}"#.to_owned(),
            ),
        }
    })
}

/// What was asked of the queue and of the function, in order.
fn asked(stand_in: &StandIn) -> Vec<String> {
    let asked = stand_in.requests().into_iter().filter_map(|request| {
        let target = request.headers.get("x-amz-target").cloned();
        let invoked = request.path.contains("/invocations");
        target.or_else(|| invoked.then(|| format!("invoke {}", request.body)))
    });
    asked.collect()
}

#[test]
fn redrive_invokes_the_function_with_its_event_and_deletes_what_succeeds() {
    let stand_in = queue(true);
    let outcome = run(&["redrive", STACK[0], STACK[1]], &stand_in.url);
    assert_eq!(
        (outcome.code, outcome.out.as_str()),
        (
            0,
            "goldsmith-nonprod-scheduled-build gave up at 2026-01-01T00:00:00.000Z: throttled\n  \
             done; the event is deleted\n"
        ),
        "{outcome:?}"
    );
    assert_eq!(
        asked(&stand_in),
        [
            "AmazonSQS.GetQueueUrl",
            "AmazonSQS.ReceiveMessage",
            r#"invoke {"id":"e-1"}"#,
            "AmazonSQS.DeleteMessage",
            "AmazonSQS.ReceiveMessage",
        ]
    );
}

#[test]
fn an_event_that_fails_again_stays_in_the_queue() {
    let stand_in = queue(false);
    let outcome = run(&["redrive", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        outcome.code == 3
            && outcome.out.contains("it failed again: ")
            && outcome.out.contains("throttled again"),
        "{outcome:?}"
    );
    assert!(!asked(&stand_in).contains(&"AmazonSQS.DeleteMessage".to_owned()));
}
