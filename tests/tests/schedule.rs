//! The schedule: that it fires, and what a run of it starts.

use std::time::Duration;

use goldsmith_tests::{Documents, Factory, eventually, scheduled_event};
use local_stack::{Clock, Config};
use serde_json::json;

/// A rule with a rate of a minute fires within two; the rest is for a machine that is busy.
const A_FEW_MINUTES: Duration = Duration::from_secs(150);

#[tokio::test]
async fn a_rule_fires_by_itself() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;

    factory
        .upload(&documents.clone().with_schedule("rate(1 minute)"))
        .await;
    let schedule = factory
        .aws
        .schedule_of(&factory.outputs.build_rule)
        .await
        .expect("a rule");
    assert_eq!(schedule.as_deref(), Some("rate(1 minute)"));
    factory.assert_settled().await;
    let is_built_again = async || factory.recipe("110304").await.builds.len() > 1;
    eventually("the rule has fired", A_FEW_MINUTES, is_built_again).await;

    factory.upload(&documents).await;
    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.build_versions()[..2], ["1.0.0/1", "1.0.0/2"]);
    factory.assert_published("110304", recipe.newest()).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_build_that_still_runs_is_not_started_again() {
    let factory = Factory::start_with_builds_by_hand().await;
    factory.upload(&Documents::sample()).await;

    let builds = factory.fire_schedule().await;

    assert_eq!(builds.recipes(), Vec::<&str>::new(), "{builds:#?}");
    assert_eq!(builds.writes, 0, "{builds:#?}");
    assert_eq!(builds.skipped.len(), 2, "{builds:#?}");
    for skipped in &builds.skipped {
        let image = &factory
            .recipe(&skipped.recipename)
            .await
            .newest()
            .arn
            .clone();
        assert_eq!(skipped.reason, format!("image {image} still builds"));
    }
    factory.finish_builds().await;
    assert_eq!(
        factory.fire_schedule().await.recipes(),
        ["110302", "110304"]
    );
    factory.finish_builds().await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn the_same_event_twice_builds_once() {
    let factory = Factory::with(&Documents::sample()).await;
    let event = scheduled_event("6a7e8feb-b491-4cf7-a9f1-bf3703467718");

    let first = factory.build(&event).await;
    let second = factory.build(&event).await;

    assert_eq!(
        second.started, first.started,
        "the second run got the first one's builds"
    );
    for (name, recipe) in factory.recipes().await {
        assert_eq!(recipe.build_versions(), ["1.0.0/1", "1.0.0/2"], "{name}");
    }
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_person_builds_what_they_name_once_for_each_token() {
    let factory = Factory::with(&Documents::sample().scheduled("110302")).await;
    let request = |token: &str| json!({ "recipenames": "110304", "token": token });

    let first = factory.build(&request("monday")).await;
    let again = factory.build(&request("monday")).await;
    let other = factory.build(&request("tuesday")).await;

    assert_eq!(first.recipes(), ["110304"], "{first:#?}");
    assert_eq!(again.started, first.started);
    assert_ne!(other.started, first.started);
    let recipes = factory.recipes().await;
    assert_eq!(
        recipes["110304"].build_versions(),
        ["1.0.0/1", "1.0.0/2", "1.0.0/3"]
    );
    assert_eq!(recipes["110302"].build_versions(), ["1.0.0/1"]);
    factory
        .assert_published("110304", recipes["110304"].newest())
        .await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_recipe_without_a_pipeline_is_skipped_with_the_reason() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;

    let builds = factory
        .build(&json!({ "recipenames": "110304;110399" }))
        .await;

    assert_eq!(builds.recipes(), ["110304"]);
    let skipped: Vec<_> = builds
        .skipped
        .iter()
        .map(|skipped| skipped.recipename.as_str())
        .collect();
    assert_eq!(skipped, ["110399"], "{builds:#?}");
    assert!(
        builds.skipped[0].reason.contains("no pipeline"),
        "{builds:#?}"
    );
    factory.assert_settled().await;
}

/// 150 scheduled recipes with 100 builds at once: a third of them missed their patches for a week.
#[tokio::test]
async fn a_scheduled_build_that_finds_no_room_is_started_once_there_is_some() {
    let mut config = Config::with_clock(Clock::Manual);
    config.emulator.quotas.concurrent_builds = 1;
    let factory = Factory::start_with(config).await;
    factory.upload(&Documents::sample()).await;
    // The first builds need room as well: one is started, and the other when that has ended.
    let recipes = factory.recipes().await;
    let started: usize = recipes.values().map(|recipe| recipe.builds.len()).sum();
    assert_eq!(started, 1, "{recipes:#?}");
    factory.finish_builds().await;
    factory.finish_builds().await;
    factory.assert_settled().await;

    let builds = factory.fire_schedule().await;
    assert_eq!(
        (builds.started.len(), builds.owed.len(), builds.failed.len()),
        (1, 1, 0),
        "{builds:#?}"
    );
    factory.finish_builds().await;
    factory.finish_builds().await;
    factory.assert_settled().await;
    for (name, recipe) in factory.recipes().await {
        assert_eq!(recipe.build_versions(), ["1.0.0/1", "1.0.0/2"], "{name}");
        factory.assert_published(&name, recipe.newest()).await;
    }
}

#[tokio::test]
async fn what_is_built_on_another_recipe_is_built_after_it_on_its_newest_image() {
    let documents = Documents::of_recipes(["110304"])
        .with_recipe("110305", "recipe:110304")
        .scheduled("110304;110305");
    let factory = Factory::with(&documents).await;
    let builds = factory.fire_schedule().await;
    assert_eq!(builds.recipes(), ["110304"], "{builds:#?}");
    factory.until_quiet().await;

    let parent = factory.recipe("110304").await;
    let child = factory.recipe("110305").await;
    assert_eq!(parent.build_versions(), ["1.0.0/1", "1.0.0/2"]);
    assert_eq!(
        child.build_versions(),
        ["1.0.0/1", "1.0.0/2"],
        "once, and after it"
    );
    factory.assert_published("110305", child.newest()).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn nothing_is_built_on_an_image_that_waits_for_a_person() {
    let documents = Documents::of_recipes(["110304"])
        .with_recipe("110305", "recipe:110304")
        .scheduled("110304;110305");
    let factory = Factory::with(&documents).await;
    factory
        .upload(&documents.with_setting("approval", json!("required")))
        .await;
    factory.fire_schedule().await;
    factory.until_quiet().await;
    let child = factory.recipe("110305").await;
    assert_eq!(child.build_versions(), ["1.0.0/1"]);
    let report = factory.reconcile().await;
    assert!(report.waiting_for("parent").is_some(), "{report:#?}");

    let output = factory.goldsmith(&["approve", "110304"]).await;
    assert!(output.status.success(), "{output:?}");
    factory.until_quiet().await;
    let child = factory.recipe("110305").await;
    assert_eq!(child.build_versions(), ["1.0.0/1", "1.0.0/2"]);
}
