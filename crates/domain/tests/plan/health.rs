//! What an hour measures for alarms.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::health::Health;
use goldsmith_domain::observed::{Image, ImageState, Observed};
use jiff::ToSpan as _;

use super::settled;
use crate::world::{World, desired, scheduled};

fn with_schedule() -> Desired {
    let wanted = desired();
    let scheduled = vec![scheduled(&wanted.recipes[0].name.to_string())];
    Desired {
        scheduled,
        ..wanted
    }
}

fn health(world: &World, wanted: &Desired) -> Health {
    Health::of(wanted, &world.observe(wanted))
}

/// A further build of the first recipe, some days after the world began.
fn ended(world: &mut World, days: i64, state: ImageState) {
    let build = world.images.len() + 1;
    let mut image: Image = world.images[0].clone();
    let arn = image
        .arn
        .to_string()
        .replace("/1.0.0/1", &format!("/1.0.0/{build}"));
    image.arn = arn.parse().expect("an ARN");
    image.created = Some(world.time + (days * 24).hours());
    image.state = state;
    world.images.push(image);
}

#[test]
fn days_count_from_the_last_good_build_of_a_recipe_of_the_schedule() {
    let wanted = with_schedule();
    let mut world = settled(&wanted);
    let begun = world.time;
    world.images[0].created = Some(begun);
    ended(&mut world, 3, ImageState::Failed);
    world.time = begun + (5 * 24 + 23).hours();
    assert_eq!(health(&world, &wanted).days_without_build, 5);
    let unscheduled = Desired {
        scheduled: Vec::new(),
        ..desired()
    };
    assert_eq!(health(&world, &unscheduled).days_without_build, 0);
    world.time = begun;
    ended(&mut world, 4, ImageState::Available);
    world.time = begun + (5 * 24 + 23).hours();
    assert_eq!(health(&world, &wanted).days_without_build, 1);
}

#[test]
fn failures_in_a_row_end_with_a_good_build_and_a_running_one_is_none() {
    let wanted = with_schedule();
    let mut world = settled(&wanted);
    world.images[0].created = Some(world.time);
    assert_eq!(health(&world, &wanted).failures_in_a_row, 0);
    ended(&mut world, 1, ImageState::Failed);
    ended(&mut world, 2, ImageState::Cancelled);
    ended(&mut world, 3, ImageState::Running("BUILDING".to_owned()));
    assert_eq!(health(&world, &wanted).failures_in_a_row, 2);
    ended(&mut world, 4, ImageState::Available);
    ended(&mut world, 5, ImageState::Failed);
    assert_eq!(health(&world, &wanted).failures_in_a_row, 1);
}

#[test]
fn the_policy_that_is_nearest_to_its_limit_counts() {
    let wanted = desired();
    let mut observed = settled(&wanted).observe(&wanted);
    let with = |observed: &Observed| Health::of(&wanted, observed).policy_percent;
    observed.key_policy = "x".repeat(32 * 1024 * 81 / 100);
    observed.bucket_policy = "x".repeat(20 * 1024 / 2);
    assert_eq!(with(&observed), 80, "a fraction of a percent is none");
    observed.bucket_policy = "x".repeat(20 * 1024);
    assert_eq!(with(&observed), 100);
}
