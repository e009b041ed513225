//! Instances that failed builds have kept.

use goldsmith_domain::observed::{Depth, ImageState, KeptInstance};
use jiff::ToSpan as _;

use super::settled;
use crate::world::{World, desired, plan_of};

const INSTANCE: &str = "i-0123456789abcdef0";

/// A world in which a second build ended in this state, and an instance says that it belongs to it.
fn with_instance(state: ImageState) -> World {
    let mut world = settled(&desired());
    let mut image = world.images[0].clone();
    let arn = image.arn.to_string().replace("/1.0.0/1", "/1.0.0/2");
    image.arn = arn.parse().expect("an ARN");
    image.state = state;
    image.amis.clear();
    world.kept_instances = vec![KeptInstance {
        id: INSTANCE.parse().expect("an instance"),
        image: image.arn.clone(),
        expires: None,
    }];
    world.images.push(image);
    world
}

/// What an hour plans for instances.
fn hour(world: &World) -> String {
    let plan = plan_of(&desired(), &world.observe_to(&desired(), Depth::Hour));
    let lines = plan.to_string();
    let of_instances = lines.lines().filter(|line| line.contains("instance"));
    of_instances.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_instance_of_a_failed_build_gets_a_day_and_is_ended_after_it() {
    let mut world = with_instance(ImageState::Failed);
    assert_eq!(hour(&world), format!("change  expire-instance {INSTANCE}"));
    world.run_closely(&desired());
    let last = world.kept_instances[0].expires.expect("a day");
    assert_eq!(last.to_string(), "2026-01-02", "a day after what is now");
    assert!(hour(&world).starts_with("waiting"), "{}", hour(&world));
    world.time += 47.hours();
    assert_eq!(world.kept_instances.len(), 1);
    assert!(
        hour(&world).starts_with("waiting"),
        "its last day is not over"
    );
    world.time += 1.hours();
    assert_eq!(
        hour(&world),
        format!("change  terminate-instance {INSTANCE}")
    );
    world.run_closely(&desired());
    assert_eq!(
        (world.kept_instances.len(), hour(&world)),
        (0, String::new())
    );
}

#[test]
fn a_person_keeps_it_longer_by_a_later_day() {
    let mut world = with_instance(ImageState::Cancelled);
    world.kept_instances[0].expires = "2026-02-01".parse().ok();
    world.time += 100.hours();
    assert!(hour(&world).contains("2026-02-01"), "{}", hour(&world));
}

/// Anybody can write the tag that names an image.
#[test]
fn no_other_instance_is_touched() {
    for state in [
        ImageState::Available,
        ImageState::Running("TESTING".to_owned()),
        ImageState::Unrecognized("NEW".to_owned()),
    ] {
        let mut world = with_instance(state);
        world.kept_instances[0].expires = "2025-01-01".parse().ok();
        assert_eq!(hour(&world), "");
    }
    let mut world = with_instance(ImageState::Failed);
    let another = "arn:aws:imagebuilder:us-east-1:111122223333:image/another/1.0.0/1";
    world.kept_instances[0].image = another.parse().expect("an ARN");
    assert_eq!(hour(&world), "");
}

/// An ordinary run lists no instances.
#[test]
fn only_a_run_that_looks_closely_lists_instances() {
    let world = with_instance(ImageState::Failed);
    let observed = world.observe_to(&desired(), Depth::Digest);
    assert!(observed.kept_instances.is_empty());
}
