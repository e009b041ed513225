//! An image that cannot be copied is built again in its consumer's account: with a role and the resources of
//! that account, once, and nothing of it is left or looked at when it is done.

use goldsmith_aws::apply;
use goldsmith_domain::plan::{
    Action, Change, Plan, REBUILDING_TAG, REBUILT_TAG, RebuildImage, Refused, TagPipeline, Waiting,
};
use serde_json::Value;

use crate::support::documents::{BUILDER, ENVIRONMENT, builder};
use crate::support::emulated::{list_in, pipeline_at};
use crate::support::inputs::PIPELINE;
use crate::support::run;
use crate::support::transport::Trouble;
use crate::support::{World, parsed};

const ROLE: &str = "arn:aws:iam::444444444444:role/goldsmith-nonprod-rebuild";
const PARAMETERS: &str = "arn:aws:iam::444444444444:role/goldsmith-nonprod-parameters";
const PUBLISHED: &str = "images/110304/444444444444/image-us-east-1.json";

/// One recipe on a base that is billed with the instance, for an account that builds it again.
fn uploaded() -> World {
    World::on_a_hard_base(builder())
}

async fn run(world: &World) -> run::Outcome {
    run::reconcile(&world.aws()).await.expect("a run")
}

async fn plan(world: &World) -> Plan {
    run::look(&world.aws()).await.expect("a look")
}

/// Our image is built, and nothing is begun in the account.
async fn built() -> World {
    let world = uploaded();
    run(&world).await;
    world.finish_builds();
    world
}

/// The build that a plan starts in the account.
async fn planned(world: &World) -> RebuildImage {
    let changes = plan(world).await.changes;
    let rebuild = |change: Change| {
        if let Action::Rebuild(rebuild) = change.action {
            Some(*rebuild)
        } else {
            None
        }
    };
    changes.into_iter().find_map(rebuild).expect("a build")
}

fn published(world: &World) -> Option<Value> {
    let file = world.cloud.output().remove(PUBLISHED)?;
    Some(serde_json::from_str(&file.content).expect("JSON"))
}

#[tokio::test]
async fn an_image_is_built_again_published_and_cleaned_up() {
    let world = built().await;
    world.emulator.clear_calls();
    let begun = run(&world).await;
    assert!(begun.left.is_empty(), "{:?}", begun.left);
    assert_eq!(world.called("CreateImage"), 1);
    assert!(
        world
            .cloud
            .output()
            .contains_key("images/110304/image.json"),
        "ours is published at once"
    );
    assert_eq!(published(&world), None);
    let waiting = plan(&world).await;
    assert!(
        waiting.changes.is_empty() && waiting.refused.is_empty(),
        "{waiting}"
    );
    assert!(
        waiting
            .waiting
            .iter()
            .any(|(_, why)| matches!(why, Waiting::Rebuild { .. })),
        "{waiting}"
    );

    world.finish_builds();
    let ended = run(&world).await;
    assert!(ended.left.is_empty(), "{:?}", ended.left);
    let ami = published(&world).expect("it is published")["ami_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let parameter = format!("{BUILDER} us-east-1 /goldsmith/nonprod/110304/ami-id");
    assert_eq!(world.cloud.parameters().get(&parameter), Some(&ami));
    for operation in [
        "DeleteImageRecipe",
        "DeleteInfrastructureConfiguration",
        "DeleteDistributionConfiguration",
    ] {
        assert!(world.called(operation) >= 1, "{operation}");
    }
    let pipeline = pipeline_at(&world.emulator, PIPELINE).await;
    assert!(pipeline["tags"][REBUILT_TAG].is_string(), "{pipeline}");
    let sessions = world.cloud.sessions();
    assert!(
        sessions
            .iter()
            .all(|(role, _)| role == ROLE || role == PARAMETERS),
        "{sessions:?}"
    );
}

#[tokio::test]
async fn a_settled_run_enters_no_account() {
    let world = built().await;
    run(&world).await;
    world.finish_builds();
    run(&world).await;
    let sessions = world.cloud.sessions().len();
    world.emulator.clear_calls();
    let settled = plan(&world).await;
    assert!(
        settled.changes.is_empty() && settled.waiting.is_empty() && settled.refused.is_empty(),
        "{settled}"
    );
    assert_eq!(world.cloud.sessions().len(), sessions);
    let operations: Vec<String> = world
        .emulator
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .collect();
    assert_eq!(operations.len(), 4, "the four lists: {operations:?}");
}

/// The pipeline's tag remembers the account that the documents forgot.
#[tokio::test]
async fn an_account_that_no_longer_says_rebuild_is_cleaned_up_when_its_build_ends() {
    let world = built().await;
    run(&world).await;
    let begun = pipeline_at(&world.emulator, PIPELINE).await;
    assert_eq!(
        begun["tags"][REBUILDING_TAG],
        format!("{BUILDER}:us-east-1")
    );
    world.cloud.upload("environment.json", ENVIRONMENT);
    run(&world).await;
    assert_eq!(world.called("DeleteImageRecipe"), 0, "it is building");

    world.finish_builds();
    let ended = run(&world).await;
    assert!(ended.left.is_empty(), "{:?}", ended.left);
    assert_eq!(
        (
            world.called("DeleteImageRecipe"),
            world.called("DeleteInfrastructureConfiguration")
        ),
        (1, 1)
    );
    let sessions = world.cloud.sessions().len();
    let settled = plan(&world).await;
    assert!(
        settled.changes.is_empty() && settled.refused.is_empty(),
        "{settled}"
    );
    assert_eq!(
        world.cloud.sessions().len(),
        sessions,
        "nobody looks there any more"
    );
}

/// Looking into an account is no write, so that a run that waits for a build there writes nothing.
#[tokio::test]
async fn a_run_that_waits_for_a_build_there_writes_nothing() {
    let world = built().await;
    run(&world).await;
    let aws = world.aws();
    let _plan = run::look(&aws).await.expect("a look");
    let (calls, writes) = aws.take_calls();
    assert_eq!(
        (
            calls["sts:AssumeRole"],
            calls["imagebuilder:ListImageRecipes"],
            writes
        ),
        (1, 1, 0),
        "{calls:?}"
    );
}

/// A run that was cut off is made again: names and token are the same.
#[tokio::test]
async fn a_build_that_is_asked_for_twice_is_one_build() {
    let world = built().await;
    let rebuild = planned(&world).await;
    for _ in 0..2 {
        world.make(Action::Rebuild(Box::new(rebuild.clone()))).await;
    }
    let there = list_in(&world.emulator, BUILDER, "ListImageBuildVersions").await;
    assert_eq!(there.len(), 1, "{there:?}");
    world.finish_builds();
    run(&world).await;
    world.finish_builds();
    let again = plan(&world).await;
    assert!(
        again
            .changes
            .iter()
            .all(|change| change.kind() != "rebuild-image"),
        "{again}"
    );
    assert!(published(&world).is_some());
}

/// A plan goes from building there to taking access away from others: one busy account may not stop that.
#[tokio::test]
async fn an_account_that_has_too_many_calls_stops_nothing_of_ours() {
    let world = built().await;
    let tag = TagPipeline {
        arn: parsed(PIPELINE),
        tags: [("Team".to_owned(), "bi".to_owned())].into(),
    };
    let changes = vec![
        Action::Rebuild(Box::new(planned(&world).await)).into(),
        Action::TagPipeline(tag).into(),
    ];
    // The first call is that for the role, which is ours; the second is the account's.
    world.transport.strike(
        2,
        Trouble::Refuse {
            status: 429,
            code: "CallRateLimitExceededException",
        },
    );
    let applied = Box::pin(apply(
        &world.aws(),
        &Plan {
            changes,
            ..Plan::default()
        },
    ))
    .await;
    assert!(world.transport.calm(), "it has struck");
    let reason = applied.failed[0].reason.as_deref().unwrap_or_default();
    assert!(
        reason.contains("CallRateLimitExceededException") && applied.transient,
        "{applied:?}"
    );
    assert_eq!(
        (applied.changes.len(), applied.not_attempted.len()),
        (1, 0),
        "{applied:?}"
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_reported_and_blocks_no_other_account() {
    let world = uploaded();
    world.cloud.close_role(ROLE);
    run(&world).await;
    world.finish_builds();
    run(&world).await;
    assert!(
        world
            .cloud
            .output()
            .contains_key("images/110304/image.json")
    );
    let plan = plan(&world).await;
    let [
        (
            recipe,
            Refused::RebuildRole {
                account,
                role,
                reason,
            },
        ),
    ] = plan.refused.as_slice()
    else {
        panic!("{plan}")
    };
    assert_eq!(
        (recipe.as_str(), account.as_str(), role.as_str()),
        ("110304", BUILDER, ROLE)
    );
    assert!(
        reason.contains("sts:AssumeRole failed: AccessDenied"),
        "{reason}"
    );
    let copies = plan
        .changes
        .iter()
        .filter(|change| change.kind() == "rebuild-image")
        .count();
    assert_eq!((copies, world.called("CreateImage")), (0, 0));
}
