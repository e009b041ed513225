//! A payload that is nearly an event, or nearly a dry run, starts nothing.

use goldsmith_tests::{Documents, Factory, image_event, scheduled_event};
use local_stack::Function;
use serde_json::{Value, json};

/// Somebody may invoke the functions, and sends what no reader should take for a request.
#[tokio::test]
async fn what_is_neither_an_event_nor_a_request_runs_nothing() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let image = factory.recipe("110304").await.newest().arn.clone();
    factory.emulator.clear_calls();
    for (function, payloads) in refused(&image) {
        let runs = factory.runs(function).await;
        for payload in payloads {
            let answer = factory.invoke(function, &payload).await.expect("an answer");
            let error = answer.payload["errorMessage"].as_str().unwrap_or_default();
            assert!(answer.failed, "{} took {payload}", function.name());
            assert!(error.contains(", expected "), "{payload}: {error}");
        }
        assert_eq!(factory.runs(function).await, runs, "{}", function.name());
    }
    assert_eq!(factory.writes(), Vec::<String>::new());
    factory.assert_settled().await;
}

fn refused(image: &str) -> [(Function, Vec<Value>); 3] {
    let mixed = |field: &str, value: Value| {
        let mut event = scheduled_event("an-hour");
        event[field] = value;
        event
    };
    let anything = [
        json!([]),
        json!([{ "dry-run": true }]),
        json!(""),
        json!({ "Records": [] }),
        json!({ "Records": [], "dry-run": true }),
        json!({ "Records": [["2.1", "aws:s3", "ObjectCreated:Put", {}]] }),
        json!({ "detail-type": "Scheduled Event" }),
        mixed("dry-run", json!(true)),
        mixed("detail", json!({ "dry-run": true })),
        mixed("source", json!("somebody")),
    ];
    let with = |more: &[Value]| [&anything, more].concat();
    [
        (
            Function::Reconcile,
            with(&[json!({ "dry_run": true }), json!({ "documents": {} })]),
        ),
        (
            Function::ScheduledBuild,
            with(&[
                json!({ "recipenames": "" }),
                json!({ "recipenames": null }),
                image_event(image, "AVAILABLE"),
            ]),
        ),
        (
            Function::ImageEvents,
            with(&[
                json!({}),
                json!({ "resources": [image] }),
                scheduled_event("an-hour"),
            ]),
        ),
    ]
}

/// A dry run may bring documents, and each of them may cost a call.
#[tokio::test]
async fn a_dry_run_with_very_many_documents_reads_none_of_them() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let many: serde_json::Map<String, Value> = (0..20_000)
        .map(|n| (format!("components/c{n}.yml"), json!("")))
        .collect();
    let request = json!({ "dry-run": true, "documents": many });

    let answer = factory.invoke(Function::Reconcile, &request).await;

    let report = answer.expect("an answer").payload;
    let problem = &report["problems"][0];
    assert_eq!(problem["found"], "20000 further documents", "{report:#}");
    let reads = report["calls"]["s3:GetObject"].as_u64().expect("a count");
    assert!(reads < 10, "{reads} documents were read");
    factory.assert_settled().await;
}
