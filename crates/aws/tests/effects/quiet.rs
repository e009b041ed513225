//! No mutation may happen: on a world that is as the documents want it, a run only reads.

use std::collections::BTreeMap;

use goldsmith_aws::apply;
use goldsmith_domain::report::Calls;

use crate::support::World;
use crate::support::run;

/// What the services saw, whatever our own counter says.
fn seen(world: &World) -> Calls {
    let emulated = world.emulator.calls();
    let emulated = emulated
        .iter()
        .map(|call| format!("{}:{}", call.service, call.operation));
    let mut calls = BTreeMap::new();
    for call in emulated.chain(world.cloud.calls()) {
        *calls.entry(call).or_default() += 1;
    }
    calls
}

fn forget(world: &World) {
    world.emulator.clear_calls();
    world.cloud.clear_calls();
}

#[tokio::test]
async fn a_satisfied_world_is_only_read() {
    let world = World::settled().await;
    forget(&world);
    let before = world.snapshot().await;
    forget(&world);

    let aws = world.aws();
    let plan = run::look(&aws).await.expect("a look");
    let applied = Box::pin(apply(&aws, &plan)).await;

    assert!(
        applied.changes.is_empty() && applied.failed.is_empty() && applied.not_attempted.is_empty()
    );
    let seen = seen(&world);
    let reads = [
        ("events:DescribeRule", 1),
        ("imagebuilder:ListDistributionConfigurations", 1),
        ("imagebuilder:ListImageBuildVersions", 1),
        ("imagebuilder:ListImagePipelines", 1),
        ("imagebuilder:ListInfrastructureConfigurations", 1),
        // The stack's key, and the further Region's.
        ("kms:GetKeyPolicy", 2),
        ("s3:GetBucketPolicy", 1),
        // Three documents; that nobody has uploaded accounts of the two Regions is told by the list.
        ("s3:GetObject", 3),
        ("s3:ListObjectsV2", 1),
    ];
    assert_eq!(
        seen,
        reads.map(|(call, count)| (call.to_owned(), count)).into()
    );
    assert_eq!(aws.take_calls(), (seen, 0));
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn the_counter_agrees_with_the_services_on_a_run_that_writes() {
    let world = World::with_documents();
    let aws = world.aws();
    run::reconcile(&aws).await.expect("a run");

    let (counted, writes) = aws.take_calls();
    let seen = seen(&world);
    assert_eq!(counted, seen);
    let changing = [
        "events:PutRule",
        "imagebuilder:CreateComponent",
        "imagebuilder:CreateDistributionConfiguration",
        "imagebuilder:CreateImagePipeline",
        "imagebuilder:CreateImageRecipe",
        "imagebuilder:CreateInfrastructureConfiguration",
        "imagebuilder:StartImagePipelineExecution",
        "kms:PutKeyPolicy",
        "s3:DeleteObject",
        "s3:PutBucketPolicy",
        "s3:PutObject",
    ];
    let of = |call: &&str| {
        seen.get(*call)
            .copied()
            .unwrap_or_else(|| panic!("{call} was not called"))
    };
    assert_eq!(writes, changing.iter().map(of).sum::<u64>());
    assert_eq!(
        aws.take_calls(),
        (Calls::new(), 0),
        "a take empties the counter"
    );
}

#[tokio::test]
async fn a_first_run_reads_and_writes_what_it_must() {
    let world = World::with_documents();
    let outcome = run::reconcile(&world.aws()).await.expect("a run");
    assert!(outcome.left.is_empty(), "{outcome:?}");
    let kinds: Vec<&str> = outcome
        .changes
        .iter()
        .map(|entry| entry.kind.as_str())
        .collect();
    let expected = [
        // Of the building Region, and of the further one.
        "put-key-policy",
        "put-key-policy",
        "put-rule",
        "create-infrastructure-configuration",
        "create-distribution-configuration",
        "create-component",
        "create-recipe",
        "create-pipeline",
        "create-distribution-configuration",
        "create-recipe",
        "create-pipeline",
        "start-build",
        "start-build",
        "put-bucket-policy",
    ];
    assert_eq!(kinds, expected);
}
