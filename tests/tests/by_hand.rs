//! What people have done in the console stays done.

use goldsmith_tests::{Documents, Factory, OTHER_BASE};
use serde_json::json;

#[tokio::test]
async fn a_pipeline_that_was_disabled_stays_disabled() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;
    let pipeline = factory.recipe("110304").await.pipeline;
    factory
        .aws
        .disable_pipeline(&pipeline)
        .await
        .expect("a pipeline");
    factory.assert_settled().await;

    factory
        .upload(&documents.with_recipe("110304", OTHER_BASE))
        .await;

    let recipe = factory.recipe("110304").await;
    assert_eq!(
        (recipe.version.as_str(), recipe.pipeline.status.as_str()),
        ("1.0.1", "DISABLED")
    );
    let scheduled = factory.fire_schedule().await;
    assert!(scheduled.started.is_empty(), "{scheduled:#?}");
    assert!(
        scheduled.skipped[0].reason.contains("disabled"),
        "{scheduled:#?}"
    );

    let by_hand = factory.build(&json!({ "recipenames": "110304" })).await;
    assert_eq!(by_hand.recipes(), ["110304"], "{by_hand:#?}");
    let recipe = factory.recipe("110304").await;
    factory.assert_published("110304", recipe.newest()).await;
    assert_eq!(recipe.pipeline.status, "DISABLED");
    factory.assert_settled().await;
}
