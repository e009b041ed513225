//! Several runs of one upload, quotas that are used up, and time that runs out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use goldsmith_aws::upload::{Turn, turn};
use goldsmith_aws::{Deadline, apply_until, documents};
use goldsmith_domain::plan::Action;

use imagebuilder_emulator::{Fault, FaultAnswer, Matching};

use crate::support::World;
use crate::support::documents::AMI;
use crate::support::run;

fn kind(turn: &Turn<'_>) -> &'static str {
    match turn {
        Turn::Ours(_) => "ours",
        Turn::Theirs(reason) => reason,
    }
}

#[tokio::test]
async fn of_the_runs_of_one_upload_one_does_the_work() {
    let world = World::with_documents();
    let (first, second) = (world.aws(), world.aws());
    let documents = documents::current(&first).await.expect("documents");
    let ours = turn(&first, &documents, "a").await;
    assert_eq!(kind(&ours), "ours");
    let theirs = turn(&second, &documents, "b").await;
    assert_eq!(
        kind(&theirs),
        "another run works on the same documents already"
    );
    let Turn::Ours(claim) = ours else {
        panic!("it is ours");
    };
    claim.end().await;
    let next = turn(&second, &documents, "b").await;
    assert_eq!(kind(&next), "ours", "the first one has ended");
}

/// Lambda tries the event of a run that died again, under the same request.
#[tokio::test]
async fn the_second_attempt_of_a_run_that_died_goes_on() {
    let world = World::with_documents();
    let aws = world.aws();
    let documents = documents::current(&aws).await.expect("documents");
    for attempt in 1..=3 {
        let ours = turn(&aws, &documents, "a").await;
        assert_eq!(kind(&ours), "ours", "attempt {attempt}");
    }
}

#[tokio::test]
async fn a_run_that_another_upload_has_overtaken_leaves_the_work_to_its_run() {
    let world = World::with_documents();
    let aws = world.aws();
    let documents = documents::current(&aws).await.expect("documents");
    let text = crate::support::documents::AMI_VERSIONS;
    world.cloud.upload("ami-versions.json", format!("{text}\n"));
    let overtaken = turn(&aws, &documents, "a").await;
    let expected = "another document was uploaded meanwhile, and its run does the work";
    assert_eq!(kind(&overtaken), expected);
    let newest = documents::current(&aws).await.expect("documents");
    assert_eq!(kind(&turn(&aws, &newest, "b").await), "ours");
}

#[tokio::test]
async fn nothing_is_begun_when_the_time_is_nearly_over() {
    let world = World::with_documents();
    let aws = world.aws();
    let plan = run::look(&aws).await.expect("a plan");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now");
    let at = |seconds| {
        let end = now + Duration::from_secs(seconds);
        Deadline::at_millis(end.as_millis().try_into().expect("a time"))
    };
    let late = Box::pin(apply_until(&aws, &plan, at(10))).await;
    assert!(late.out_of_time && late.changes.is_empty() && late.failed.is_empty());
    assert_eq!(late.not_attempted.len(), plan.changes.len());
    let early = Box::pin(apply_until(&aws, &plan, at(3600))).await;
    assert!(!early.out_of_time);
    assert_eq!(early.changes.len(), plan.changes.len(), "{early:?}");
}

/// Which run does the work only saves calls: nothing may depend on it.
#[tokio::test]
async fn a_run_that_can_take_no_turn_does_its_work() {
    let world = World::with_documents();
    let aws = world.aws();
    let documents = documents::current(&aws).await.expect("documents");
    for operation in ["s3:PutObject", "s3:ListObjectsV2"] {
        world.transport.refuse(operation, "AccessDenied");
        assert_eq!(
            kind(&turn(&aws, &documents, "a").await),
            "ours",
            "{operation}"
        );
    }
}

/// No event tells of a deletion, so that nobody else would do the work.
#[tokio::test]
async fn a_run_is_not_overtaken_by_a_document_that_was_deleted() {
    let world = World::with_documents();
    let aws = world.aws();
    let documents = documents::current(&aws).await.expect("documents");
    world.cloud.delete("components/harden.yml");
    assert_eq!(kind(&turn(&aws, &documents, "a").await), "ours");
}

#[tokio::test]
async fn what_does_not_depend_on_each_other_runs_at_once_and_never_more_than_eight() {
    const RECIPES: usize = 20;
    let world = World::with_documents();
    let entry = |n| format!(r#"{{"aminame":"{AMI}","recipename":"r{n}"}}"#);
    let entries: Vec<_> = (0..RECIPES).map(entry).collect();
    let text = format!(
        r#"{{"ami-version":[{}],"ami-scheduled":[]}}"#,
        entries.join(",")
    );
    world.cloud.upload("ami-versions.json", text);
    let aws = world.aws();
    let plan = run::look(&aws).await.expect("a plan");
    world.transport.take_most_under_way();
    let applied = Box::pin(goldsmith_aws::apply(&aws, &plan)).await;
    assert_eq!(applied.changes.len(), plan.changes.len(), "{applied:?}");
    assert_eq!(world.transport.take_most_under_way(), 8);
}

/// Image Builder answers every call of an operation with a quota that is used up.
fn exhaust(world: &World, operation: &str) {
    let answer = FaultAnswer {
        status: 402,
        code: "ServiceQuotaExceededException".to_owned(),
        message: "as asked".to_owned(),
    };
    let matching = Matching {
        times: 100,
        ..Matching::next(operation)
    };
    let fault = Fault::Answer { matching, answer };
    world.emulator.add_faults([fault]);
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_told_once() {
    let world = World::with_documents();
    let aws = world.aws();
    let plan = run::look(&aws).await.expect("a plan");
    let makes = |action: &Action| matches!(action, Action::CreatePipeline(_));
    let pipelines = plan.changes.iter().filter(|change| makes(&change.action));
    assert!(pipelines.count() > 1);
    exhaust(&world, "imagebuilder:CreateImagePipeline");
    let applied = Box::pin(goldsmith_aws::apply(&aws, &plan)).await;
    let failed: Vec<_> = applied
        .failed
        .iter()
        .map(|entry| entry.kind.as_str())
        .collect();
    assert_eq!(failed, ["create-pipeline"]);
    let reasons = applied
        .not_attempted
        .iter()
        .filter(|entry| entry.kind == "create-pipeline");
    let reasons: Vec<_> = reasons
        .filter_map(|entry| entry.reason.as_deref())
        .collect();
    assert!(
        !reasons.is_empty()
            && reasons
                .iter()
                .all(|why| *why == "the quota of image pipelines is used up"),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn a_build_without_room_waits_and_fails_nothing() {
    let world = World::with_documents();
    let aws = world.aws();
    let plan = run::look(&aws).await.expect("a plan");
    exhaust(&world, "imagebuilder:StartImagePipelineExecution");
    let applied = Box::pin(goldsmith_aws::apply(&aws, &plan)).await;
    assert!(
        applied.failed.is_empty() && !applied.transient,
        "{applied:?}"
    );
    let waiting: Vec<_> = applied
        .waiting
        .iter()
        .map(|entry| entry.kind.as_str())
        .collect();
    assert_eq!(waiting, ["start-build", "start-build"]);
}
