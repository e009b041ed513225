//! `reconcile` and `redrive` against a stand-in: what they invoke, and what they leave.

use std::sync::Mutex;
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

#[test]
fn a_stack_of_a_newer_release_is_warned_of_in_one_line() {
    let answer = report(&json!({ "release": { "version": "999.0.0" } }));
    let stand_in = StandIn::new(move |_: &Request| json(&answer));
    let outcome = run(&["reconcile", STACK[0], STACK[1]], &stand_in.url);
    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(
        (outcome.code, outcome.err.as_str()),
        (
            0,
            &*format!(
                "warning: this goldsmith is {own}, and the stack runs 999.0.0; install that release\n"
            )
        ),
        "{outcome:?}"
    );
    let dry_run = run(
        &["reconcile", "--dry-run", STACK[0], STACK[1]],
        &stand_in.url,
    );
    assert_eq!(dry_run.err, outcome.err);
}

#[test]
fn version_says_which_release_a_stack_ran_last() {
    let latest = report(&json!({
        "release": { "version": "0.0.1" }, "run": "r", "told": [], "format": 1
    }));
    let stand_in = StandIn::new(move |request: &Request| {
        match request.path.split('?').next().unwrap_or_default() {
            "/output/reports/latest.json" => json(&latest),
            "/2015-03-31/functions/goldsmith-nonprod-reconcile/configuration" => {
                json(&configuration())
            }
            path => panic!("{path} is asked for nothing"),
        }
    });
    let own = env!("CARGO_PKG_VERSION");
    let alone = run(&["version"], "http://127.0.0.1:1");
    assert_eq!(
        (alone.code, alone.out),
        (0, format!("goldsmith {own}\n")),
        "it needs no network"
    );
    let text = run(&["version", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        text.out.starts_with(&format!(
            "goldsmith {own}\ngoldsmith-nonprod last ran 0.0.1, "
        )) && text.err.is_empty(),
        "{text:?}"
    );
    let json = run(
        &["version", STACK[0], STACK[1], "--format", "json"],
        &stand_in.url,
    );
    let value: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(value["command"]["version"], json!(own));
    assert_eq!(
        value["stack"],
        json!({
            "name": "goldsmith-nonprod", "last-run": "2026-01-01T00:00:00.000Z",
            "release": { "version": "0.0.1" },
        })
    );
}

/// A failure queue with these events, each of which is there once, and `others` that another reader has.
/// scheduled-build takes those whose id does not begin with `bad`.
pub fn queue(events: &[&'static str], others: usize) -> StandIn {
    let waiting = Mutex::new(events.iter().rev().copied().collect::<Vec<_>>());
    let kept = AtomicUsize::new(events.len() + others);
    StandIn::new(move |request: &Request| {
        let target = request.headers.get("x-amz-target").map(String::as_str);
        match (target, request.path.split('?').next()) {
            (Some("AmazonSQS.GetQueueUrl"), _) => json(&json!({ "QueueUrl": "http://queue" })),
            (Some("AmazonSQS.ReceiveMessage"), _) => {
                let next = waiting.lock().expect("a lock").pop();
                json(&next.map_or_else(|| json!({}), |id| json!({ "Messages": [message(id)] })))
            }
            (Some("AmazonSQS.DeleteMessage"), _) => {
                kept.fetch_sub(1, Ordering::SeqCst);
                (200, Vec::new(), String::new())
            }
            (Some("AmazonSQS.GetQueueAttributes"), _) => {
                let kept = kept.load(Ordering::SeqCst).to_string();
                json(&json!({ "Attributes": { "ApproximateNumberOfMessagesNotVisible": kept } }))
            }
            (_, Some(path)) if path.ends_with("/configuration") => json(&configuration()),
            _ if !request.body.contains("bad") => json(&json!({ "started": [] })),
            _ => (
                200,
                vec![("x-amz-function-error", "Unhandled".to_owned())],
                r#"{"errorMessage": "throttled again"}"#.to_owned(),
            ),
        }
    })
}

fn message(id: &str) -> Value {
    let body = json!({
        "timestamp": "2026-01-01T00:00:00.000Z",
        "requestContext": { "functionArn": "arn:aws:lambda:us-east-1:111122223333:function:goldsmith-nonprod-scheduled-build:$LATEST" },
        "requestPayload": { "id": id }, "responsePayload": { "errorMessage": "throttled" },
    });
    json!({ "MessageId": id, "Body": body.to_string(), "ReceiptHandle": id })
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
    let stand_in = queue(&["e-1"], 0);
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
            "AmazonSQS.GetQueueAttributes",
        ]
    );
}

#[test]
fn an_event_that_fails_again_stays_in_the_queue() {
    let stand_in = queue(&["bad-1", "e-2"], 0);
    let outcome = run(&["redrive", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        outcome.code == 3
            && outcome.out.contains("it failed again: ")
            && outcome.out.contains("throttled again")
            && outcome
                .err
                .contains("about 1 event is left in the failure queue")
            && outcome.err.contains("again in 6 minutes"),
        "{outcome:?}"
    );
    let deleted = |request: &Request| request.body.contains("ReceiptHandle");
    let requests = stand_in.requests();
    let deleted: Vec<&Request> = requests.iter().filter(|one| deleted(one)).collect();
    assert!(
        deleted.len() == 1 && deleted[0].body.contains("e-2"),
        "{deleted:?}"
    );
}

#[test]
fn events_are_received_one_at_a_time() {
    let stand_in = queue(&["e-1", "e-2"], 0);
    let outcome = run(&["redrive", STACK[0], STACK[1]], &stand_in.url);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let requests = stand_in.requests();
    let received = requests
        .iter()
        .filter(|one| one.body.contains("MaxNumberOfMessages"));
    let received: Vec<Value> = received
        .map(|one| serde_json::from_str(&one.body).expect("JSON"))
        .collect();
    assert_eq!(received.len(), 3);
    assert_eq!(
        (
            &received[0]["MaxNumberOfMessages"],
            &received[0]["VisibilityTimeout"]
        ),
        (&json!(1), &json!(360))
    );
}

#[test]
fn what_another_reader_holds_is_counted() {
    let stand_in = queue(&[], 2);
    let outcome = run(&["redrive", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        outcome.code == 3
            && outcome
                .err
                .contains("about 2 events are left in the failure queue")
            && !outcome.err.contains("there is no event"),
        "{outcome:?}"
    );
}
