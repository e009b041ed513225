//! What consumers read, damaged by hand: found by a deep scan, and written again.

use std::collections::BTreeMap;

use goldsmith_aws::{apply, observe};
use goldsmith_domain::observed::{Damage, Depth};
use goldsmith_domain::plan::Plan;
use goldsmith_domain::publication::SIGNATURE_METADATA;

use crate::support::World;
use crate::support::cloud::Published;
use crate::support::run::{desired, plan_for};

const IMAGE: &str = "images/110304/image.json";
const OF_REGION: &str = "images/110304/image-us-east-1.json";
const PARAMETER: &str = "/goldsmith/nonprod/110304/ami-id";

/// What a deep scan plans.
async fn deep_plan(world: &World) -> Plan {
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let observed = observe(&aws, &wanted, Depth::Content)
        .await
        .expect("a look");
    plan_for(&wanted, &observed)
}

/// What consumers can read: objects with their metadata, and parameters.
fn read(world: &World) -> (BTreeMap<String, Published>, BTreeMap<String, String>) {
    (world.cloud.published(), world.cloud.parameters())
}

/// Asserts that a deep scan reports exactly these repairs, makes them, and has nothing left to do.
async fn assert_repaired(world: &World, expected: &[&str]) {
    let plan = deep_plan(world).await;
    let repairs = plan.changes.iter().map(|change| change.repairs.clone());
    let repairs: Vec<String> = repairs.map(Option::unwrap_or_default).collect();
    assert_eq!(repairs, expected);
    let applied = Box::pin(apply(&world.aws(), &plan)).await;
    assert_eq!(applied.changes.len(), expected.len(), "{applied:?}");
    assert_eq!(deep_plan(world).await, Plan::default(), "repaired once");
}

#[tokio::test]
async fn a_deep_scan_of_what_is_published_finds_nothing_and_an_ordinary_run_does_not_look() {
    let world = World::settled().await;
    assert_eq!(deep_plan(&world).await, Plan::default());
    let reads = |world: &World| {
        let calls = world.cloud.calls();
        calls
            .iter()
            .filter(|call| call.as_str() == "s3:GetObject")
            .count()
    };
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let before = reads(&world);
    observe(&aws, &wanted, Depth::Digest).await.expect("a look");
    assert_eq!((reads(&world), aws.take_drift_calls()), (before, 0));
}

#[tokio::test]
async fn every_object_and_parameter_that_was_changed_or_deleted_is_written_again() {
    let world = World::settled().await;
    let whole = read(&world);
    for key in [IMAGE, OF_REGION] {
        world
            .cloud
            .change_output(key, |object| object.content = "{}".to_owned());
        assert_repaired(&world, &[&format!("{key} {}", Damage::Content)]).await;
        world.cloud.delete_output(key);
        assert_repaired(&world, &[&format!("{key} {}", Damage::Missing)]).await;
        world
            .cloud
            .change_output(key, |object| object.metadata.clear());
        assert_repaired(&world, &[&format!("{key} {}", Damage::Image)]).await;
        assert_eq!(read(&world), whole, "{key}");
    }
    let parameter = format!("{PARAMETER} in us-east-1 of account 111122223333");
    world.cloud.set_parameter(PARAMETER, "ami-00000000");
    assert_repaired(&world, &[&format!("{parameter} {}", Damage::Content)]).await;
    assert_eq!(read(&world), whole);
}

/// Whoever can write to the bucket can write everything but a signature.
#[tokio::test]
async fn an_object_without_our_signature_of_exactly_it_is_written_again() {
    let world = World::settled().await;
    let whole = read(&world);
    let signature_of = |key: &str| world.cloud.output()[key].metadata[SIGNATURE_METADATA].clone();
    let another = signature_of("images/110302/image.json");
    let of_region = signature_of(OF_REGION);
    for forged in ["", "x", "AAAA", &another, &of_region] {
        world.cloud.change_output(IMAGE, |object| {
            object
                .metadata
                .insert(SIGNATURE_METADATA.to_owned(), forged.to_owned());
        });
        assert_repaired(&world, &[&format!("{IMAGE} {}", Damage::Signature)]).await;
    }
    world.cloud.change_output(IMAGE, |object| {
        object.metadata.remove(SIGNATURE_METADATA);
    });
    assert_repaired(&world, &[&format!("{IMAGE} {}", Damage::Signature)]).await;
    assert_eq!(read(&world), whole);
    let signed = whole
        .0
        .values()
        .all(|object| object.metadata[SIGNATURE_METADATA] == "true");
    assert!(signed, "{whole:?}");
}

#[tokio::test]
async fn an_empty_output_bucket_is_filled_again() {
    let world = World::settled().await;
    let whole = read(&world);
    for key in whole.0.keys() {
        world.cloud.delete_output(key);
    }
    let plan = deep_plan(&world).await;
    assert!(
        plan.changes.iter().all(|change| change.repairs.is_some()),
        "{plan}"
    );
    Box::pin(apply(&world.aws(), &plan)).await;
    assert_eq!(read(&world), whole);
    assert_eq!(deep_plan(&world).await, Plan::default());
}

/// Metadata with a build number that no build has reached: every real build would count as older.
#[tokio::test]
async fn metadata_of_a_build_that_does_not_exist_end_no_publication() {
    let world = World::settled().await;
    let whole = read(&world);
    let forge = |object: &mut Published| {
        let image = object
            .metadata
            .get_mut("goldsmith-image")
            .expect("an image");
        *image = image.replace("/1.0.0/1", "/1.0.0/4000000000");
    };
    world.cloud.change_output(IMAGE, forge);
    world.cloud.change_output(OF_REGION, forge);
    let both = format!("{IMAGE} {0}; {OF_REGION} {0}", Damage::Image);
    assert_repaired(&world, &[&both]).await;
    assert_eq!(read(&world), whole);
}

#[tokio::test]
async fn what_may_not_be_read_is_reported_and_keeps_nothing_else_from_being_compared() {
    let world = World::settled().await;
    world.cloud.delete_output(OF_REGION);
    world.cloud.deny_output(IMAGE);
    let plan = deep_plan(&world).await;
    let text = plan.to_string();
    assert!(
        text.contains("images/110304/image.json was not compared with the image: "),
        "{text}"
    );
    assert!(
        text.contains(&format!("{OF_REGION} {}", Damage::Missing)),
        "{text}"
    );
}
