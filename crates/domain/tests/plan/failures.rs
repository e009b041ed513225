//! Failed builds leave nothing behind.

use goldsmith_domain::desired::{Desired, OnFailure};
use goldsmith_domain::observed::{FailedTarget, Image, ImageState, Leftover};
use goldsmith_domain::plan::CLEANED_UP_TAG;
use insta::assert_snapshot;

use super::{plan, settled};
use crate::world::{World, desired};

const AMI: &str = "ami-0ffffffffffffffff";

/// A world in which a second build has failed in its tests, and left an AMI.
fn failed() -> World {
    let mut world = settled(&desired());
    let mut image = world.images[0].clone();
    image.arn = image
        .arn
        .to_string()
        .replace("/1.0.0/1", "/1.0.0/2")
        .parse()
        .expect("an ARN");
    image.state = ImageState::Failed;
    image.amis.clear();
    image.failed_in = Some("TESTING".to_owned());
    let leftover = Leftover {
        region: "us-east-1".parse().expect("a Region"),
        ami: AMI.parse().expect("an AMI"),
        created: "2025-12-31T12:00:00Z".parse().ok(),
        expires: false,
        size_gib: 8,
    };
    world.leftovers = [(image.arn.clone(), vec![leftover])].into();
    world.images.push(image);
    world
}

fn failed_image(world: &mut World) -> &mut Image {
    world.images.last_mut().expect("an image")
}

fn kept_for_a_day() -> Desired {
    let mut wanted = desired();
    let of_recipes = wanted.recipes.iter_mut().map(|entry| &mut entry.life);
    for life in of_recipes.chain([&mut wanted.life]) {
        life.on_failure = OnFailure::Expire;
    }
    wanted
}

#[test]
fn what_a_failed_build_has_left_is_removed_and_then_looked_for_once_more() {
    let (wanted, mut world) = (desired(), failed());
    assert_snapshot!(plan(&world, &wanted), @"change  clean-up-image image/mstr-nonprod-110304/1.0.0/2");
    let inputs = world.plan(&wanted).changes[0].inputs();
    assert!(
        inputs.contains(&("AMI in us-east-1".to_owned(), AMI.to_owned())),
        "{inputs:?}"
    );
    world.run(&wanted);
    assert!(world.leftovers.values().all(Vec::is_empty));
    assert!(!failed_image(&mut world).tags.contains_key(CLEANED_UP_TAG));
    world.run(&wanted);
    assert!(failed_image(&mut world).tags.contains_key(CLEANED_UP_TAG));
    assert_snapshot!(plan(&world, &wanted), @"");
}

#[test]
fn a_cancelled_build_is_cleaned_up_as_well() {
    let mut world = failed();
    failed_image(&mut world).state = ImageState::Cancelled;
    world.settle(&desired());
    assert!(world.leftovers.values().all(Vec::is_empty));
}

#[test]
fn what_a_failed_build_has_left_is_kept_for_a_day_if_the_environment_says_so() {
    let (wanted, mut world) = (kept_for_a_day(), failed());
    let label = world.plan(&wanted).changes.remove(0);
    let inputs = label.inputs();
    for (name, value) in [
        ("AMI in us-east-1", AMI),
        ("tag expiry_date", "2026-01-01"),
        ("deprecated at", "2026-01-01T12:00:00Z"),
    ] {
        let expected = (name.to_owned(), value.to_owned());
        assert!(inputs.contains(&expected), "{name}: {inputs:?}");
    }
    world.make(&label);
    assert_snapshot!(plan(&world, &wanted), @"waiting 110304: what the failed image image/mstr-nonprod-110304/1.0.0/2 has left is kept until 2026-01-01T12:00:00Z, as `on-failure` says");
    world.time = "2026-01-01T12:00:00Z".parse().expect("a time");
    world.settle(&wanted);
    assert!(world.leftovers.values().all(Vec::is_empty));
}

#[test]
fn a_recipe_may_say_for_itself_what_is_kept_of_its_failed_builds() {
    let mut wanted = kept_for_a_day();
    wanted.recipes[0].life.on_failure = OnFailure::Destroy;
    let plan = plan(&failed(), &wanted);
    assert!(plan.contains("change  clean-up-image"), "{plan}");
}

#[test]
fn an_ami_that_another_image_has_is_not_removed_whatever_its_tag_says() {
    let mut world = failed();
    let region = "us-east-1".parse().expect("a Region");
    let good = world.images[0].amis[&region].clone();
    let left = world.leftovers.values_mut().next().expect("the image");
    left[0].ami = good.clone();
    let plan = world.plan(&desired());
    assert!(plan.changes.is_empty(), "{plan}");
    let told = format!("refused {good}: it is tagged as what the failed image");
    assert!(plan.to_string().contains(&told), "{plan}");
}

#[test]
fn an_image_whose_distribution_failed_keeps_its_amis() {
    let mut world = failed();
    failed_image(&mut world).failed_targets = vec![FailedTarget {
        account: None,
        region: "eu-west-1".to_owned(),
        message: "no key".to_owned(),
        integrating: false,
    }];
    let plan = plan(&world, &desired());
    assert!(!plan.contains("clean-up-image"), "{plan}");
}

#[test]
fn what_failed_in_its_distribution_or_nobody_knows_where_is_kept() {
    for place in [Some("DISTRIBUTING"), Some("INTEGRATING"), Some("NEW"), None] {
        let mut world = failed();
        failed_image(&mut world).failed_in = place.map(str::to_owned);
        let plan = plan(&world, &desired());
        assert!(!plan.contains("clean-up-image"), "{place:?}: {plan}");
    }
}

#[test]
fn an_image_that_was_started_by_hand_is_cleaned_up_and_not_marked() {
    let mut world = failed();
    failed_image(&mut world).tags.clear();
    world.settle(&desired());
    assert!(world.leftovers.values().all(Vec::is_empty));
    assert!(failed_image(&mut world).tags.is_empty());
    assert_snapshot!(plan(&world, &desired()), @"");
}
