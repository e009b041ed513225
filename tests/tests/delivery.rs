//! Events come more than once, and at once; looking is free.

use goldsmith_tests::{BASE, Documents, Factory, Report};
use local_stack::Function;
use serde_json::{Value, json};

const TIMES: usize = 10;

#[tokio::test]
async fn an_upload_delivered_ten_times_builds_once() {
    let factory = Factory::with(&Documents::sample()).await;
    factory.emulator.clear_calls();

    for _ in 0..TIMES {
        let report = factory.deliver(&upload_event(&factory)).await;
        assert_eq!(report.writes, 0, "{report:#?}");
    }

    assert_eq!(factory.writes(), Vec::<String>::new());
    assert_each_built_once(&factory).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn an_upload_delivered_ten_times_at_once_builds_once() {
    let documents = Documents::sample();
    let factory = Factory::with(&documents).await;

    let more = documents
        .with_recipe("110305", BASE)
        .with_recipe("110306", BASE);
    factory
        .put_document("ami-versions.json", more.ami_versions().into_bytes())
        .await
        .expect("an upload");
    let reports = factory
        .deliver_at_once(&upload_event(&factory), TIMES)
        .await;
    factory.until_quiet().await;

    assert_nothing_failed(&reports);
    assert_nothing_failed(&factory.reconcile_reports().await);
    assert_eq!(factory.recipes().await.len(), 4);
    assert_each_built_once(&factory).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn the_first_documents_delivered_ten_times_at_once_build_once() {
    let factory = Factory::start().await;

    for (key, content) in Documents::sample().files() {
        factory
            .put_document(&key, content)
            .await
            .expect("an upload");
    }
    let reports = factory
        .deliver_at_once(&upload_event(&factory), TIMES)
        .await;
    factory.until_quiet().await;

    assert_nothing_failed(&reports);
    assert_nothing_failed(&factory.reconcile_reports().await);
    assert_eq!(factory.recipes().await.len(), 2);
    assert_each_built_once(&factory).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_dry_run_lists_the_changes_and_attempts_none() {
    let factory = Factory::start_with_builds_by_hand().await;
    let policy = factory.key_policy().await;
    factory.upload_unannounced(&Documents::sample()).await;

    let report = factory.dry_run().await;

    assert!(report.dry_run, "{report:#?}");
    assert_eq!(report.writes, 0, "{report:#?}");
    assert_eq!(factory.writes(), Vec::<String>::new(), "{report:#?}");
    assert_eq!(factory.key_policy().await, policy);
    for kind in [
        "put-key-policy",
        "create-component",
        "create-recipe",
        "create-pipeline",
        "start-build",
    ] {
        assert!(
            report.kinds().contains(&kind),
            "{kind} is not in {report:#?}"
        );
    }
    let real = factory.reconcile().await;
    assert_eq!(
        real.changes, report.changes,
        "the dry run has listed what was then done"
    );
    factory.finish_builds().await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn every_run_leaves_its_report_in_the_log_and_in_the_bucket() {
    let factory = Factory::start().await;

    let report = factory.reconcile().await;

    assert_eq!(factory.reconcile_reports().await, [report]);
    let stored = factory
        .output_keys("reports/reconcile/")
        .await
        .expect("keys")
        .pop()
        .expect("a report");
    let stored = factory.output_json(&stored).await.expect("a report");
    let lines = factory.logs_of(Function::Reconcile).await.expect("logs");
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let reports: Vec<_> = lines
        .filter(|line| line["fields"]["message"] == "report")
        .collect();
    assert_eq!(reports.len(), 1, "{reports:#?}");
    let logged = reports[0]["fields"]["report"].as_str().expect("a report");
    assert_eq!(serde_json::from_str::<Value>(logged).expect("JSON"), stored);
    factory.assert_settled().await;
}

/// What S3 sends when a document arrives.
fn upload_event(factory: &Factory) -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": { "name": factory.outputs.document_bucket },
            "object": { "key": "ami-versions.json", "sequencer": "0055AED6DCD90281E5" }
        }
    }] })
}

fn assert_nothing_failed(reports: &[Report]) {
    for report in reports {
        assert!(report.failed.is_empty(), "{report:#?}");
    }
}

async fn assert_each_built_once(factory: &Factory) {
    for (name, recipe) in factory.recipes().await {
        assert_eq!(recipe.build_versions(), ["1.0.0/1"], "{name}");
        factory.assert_published(&name, recipe.newest()).await;
    }
}
