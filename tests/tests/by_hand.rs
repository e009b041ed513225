//! What people have done in the console stays done.

use goldsmith_tests::{Documents, Factory};
use serde_json::Value;

#[tokio::test]
async fn a_pipeline_that_was_disabled_is_enabled_again_and_gets_its_patches() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;
    let pipeline = factory.recipe("110304").await.pipeline;
    factory
        .aws
        .disable_pipeline(&pipeline)
        .await
        .expect("a pipeline");
    let scheduled = factory.fire_schedule().await;
    assert!(
        scheduled.skipped[0].reason.contains("disabled"),
        "{scheduled:#?}"
    );

    let repaired = factory.reconcile().await.changes.remove(0);
    assert_eq!(
        (repaired.kind.as_str(), repaired.reason.as_str()),
        ("update-pipeline", "status: disabled, wanted enabled")
    );
    assert_eq!(factory.recipe("110304").await.pipeline.status, "ENABLED");
    let scheduled = factory.fire_schedule().await;
    assert_eq!(scheduled.recipes(), ["110304"], "{scheduled:#?}");
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_person_s_run_puts_right_what_its_plan_has_shown() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let pipeline = factory.recipe("110304").await.pipeline;
    factory
        .aws
        .set_instance_types(&pipeline.infrastructure_configuration_arn, &["c6i.large"])
        .await
        .expect("a configuration");
    let planned = factory.dry_run().await.changes;
    assert_eq!(planned.len(), 1, "{planned:#?}");

    let done = factory.reconcile().await.changes;

    assert_eq!(done, planned);
    assert_eq!(
        done[0].reason,
        "instance types: c6i.large, wanted m6i.large"
    );
    assert_eq!(factory.dry_run().await.changes, []);
    factory.assert_settled().await;
}

/// The configuration's description has still the digest that the documents want: only a close look sees the hand.
#[tokio::test]
async fn apply_puts_right_what_a_hand_has_changed_and_the_plan_is_empty_afterwards() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let pipeline = factory.recipe("110304").await.pipeline;
    factory
        .aws
        .set_instance_types(&pipeline.infrastructure_configuration_arn, &["c6i.large"])
        .await
        .expect("a configuration");
    let folder = documents.in_folder("by-hand-applied");
    let folder = folder.to_str().expect("UTF-8");

    let applied = factory.goldsmith(&["apply", folder, "--yes"]).await;

    let said = String::from_utf8_lossy(&applied.stdout);
    assert_eq!(applied.status.code(), Some(0), "{applied:?}");
    assert!(
        said.contains("update-infrastructure-configuration"),
        "{said}"
    );
    let planned = factory
        .goldsmith(&["plan", folder, "--format", "json"])
        .await;
    let review: Value = serde_json::from_slice(&planned.stdout).expect("JSON");
    assert_eq!(review["changes"], Value::Array(Vec::new()), "{review:#}");
    assert_eq!(planned.status.code(), Some(0), "{planned:?}");
    factory.assert_settled().await;
}
