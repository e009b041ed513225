//! What a plan is made from: every user of it observes the same, deleted documents included; and what a
//! change that failed keeps from being attempted.

use goldsmith_aws::apply;
use goldsmith_domain::plan::{Action, Plan, StartBuild, TagPipeline};

use crate::support::documents::ENVIRONMENT;
use crate::support::inputs::PIPELINE;
use crate::support::run::{self, look};
use crate::support::{World, parsed};

const WORKLOADS: &str = "workload_accounts.us-east-1.json";
const TRAINEE: &str = r#"{ "trainee": { "account_id": "444444444444" } }"#;

/// A settled stack that shares with a workload account, whose document is then deleted.
async fn deleted() -> World {
    let world = World::with_documents();
    let sharing = ENVIRONMENT.replace(
        r#""schema-version": 1,"#,
        r#""schema-version": 1, "workload-accounts": "share","#,
    );
    world.cloud.upload("environment.json", sharing);
    world.cloud.upload(WORKLOADS, TRAINEE);
    world.settle().await;
    assert!(look(&world.aws()).await.expect("a look").changes.is_empty());
    world.cloud.delete(WORKLOADS);
    world
}

#[tokio::test]
async fn a_plan_that_takes_access_is_one_that_waits_for_a_deleted_document() {
    let world = deleted().await;
    let plan = look(&world.aws()).await.expect("a look");
    assert!(plan.changes.is_empty() && plan.refused.is_empty(), "{plan}");
    let waits: Vec<_> = plan
        .waiting
        .iter()
        .map(|(about, _)| about.as_str())
        .collect();
    assert_eq!(waits, [WORKLOADS], "{plan}");

    world.cloud.upload(WORKLOADS, "{}");
    let plan = look(&world.aws()).await.expect("a look");
    assert!(plan.may_take_access(), "an empty document says it: {plan}");
    run::reconcile(&world.aws()).await.expect("a run");
    assert!(look(&world.aws()).await.expect("a look").changes.is_empty());
}

#[tokio::test]
async fn a_build_that_cannot_be_started_keeps_nothing_from_its_pipeline() {
    let world = World::settled().await;
    let start = StartBuild {
        pipeline: parsed(
            "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/mstr-nonprod-nowhere",
        ),
        recipename: parsed("110304"),
        token: "t".repeat(64),
        tags: [].into(),
    };
    let tag = |arn: &str| TagPipeline {
        arn: parsed(arn),
        tags: [("Team".to_owned(), "bi".to_owned())].into(),
    };
    let nowhere = start.pipeline.to_string();
    let plan = Plan {
        changes: vec![
            Action::StartBuild(start).into(),
            Action::TagPipeline(tag(&nowhere)).into(),
            Action::TagPipeline(tag(PIPELINE)).into(),
        ],
        ..Plan::default()
    };
    let applied = Box::pin(apply(&world.aws(), &plan)).await;
    let failed: Vec<_> = applied.failed.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(
        failed,
        ["start-build", "tag-pipeline"],
        "both are attempted: {applied:?}"
    );
    assert!(applied.not_attempted.is_empty(), "{applied:?}");
    assert_eq!(applied.changes.len(), 1, "{applied:?}");
}
