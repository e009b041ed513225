//! `pause`: nothing is made, built or published until it ends; then everything is.

use goldsmith_tests::{Documents, Factory, OTHER_BASE, image_event};
use local_stack::Function;
use serde_json::{Value, json};

#[tokio::test]
async fn a_pause_stops_every_function_and_nothing_is_lost_by_it() {
    let documents = Documents::sample();
    let factory = Factory::start_with_builds_by_hand().await;
    factory.upload(&documents).await;
    let paused = documents
        .clone()
        .with_recipe("110304", OTHER_BASE)
        .paused(true);
    factory.upload(&paused).await;
    factory.emulator.clear_calls();

    factory.finish_builds().await;
    let report = factory.assert_settled().await;
    let waiting = report.waiting_for("paused").expect("what waits");
    assert!(
        waiting.reason.contains("create-recipe") && waiting.reason.contains("publish-image"),
        "{waiting:?}"
    );
    let builds = factory.build(&json!({ "recipenames": "110302" })).await;
    assert_eq!(
        (builds.started.len(), builds.skipped[0].reason.as_str()),
        (0, "environment.json says `pause`")
    );
    let image = factory.recipe("110302").await.newest().arn.clone();
    let event = image_event(&image, "AVAILABLE");
    let answer = factory
        .invoke(Function::ImageEvents, &event)
        .await
        .expect("an answer");
    assert_eq!(
        answer.payload["outcome"],
        Value::from("paused"),
        "{:#}",
        answer.payload
    );
    assert_eq!(factory.writes(), Vec::<String>::new());
    assert!(
        factory
            .output_keys("images/")
            .await
            .expect("keys")
            .is_empty(),
        "nothing is published"
    );

    factory.upload(&paused.paused(false)).await;
    factory.finish_builds().await;
    for (name, version) in [("110302", "1.0.0/1"), ("110304", "1.0.1/1")] {
        let recipe = factory.recipe(name).await;
        assert_eq!(recipe.newest().version, version);
        factory.assert_published(name, recipe.newest()).await;
    }
    factory.assert_settled().await;
}
