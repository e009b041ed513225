//! Builds in accounts that fail, are tried again, or follow one another.

use goldsmith_domain::names::AccountId;
use goldsmith_domain::observed::ImageState;
use goldsmith_domain::plan::Refused;
use jiff::SignedDuration;

use super::rebuild::{BUILDER, OTHER, built, clean_ups, looked_into, publishes, rebuilds, wanted};
use crate::world::builder;

#[test]
fn a_failed_build_is_retried_twice_and_then_reported() {
    let wanted = wanted(vec![builder(BUILDER)]);
    let mut world = built(&wanted);
    world.run(&wanted);
    world.fail_rebuilds();
    let plan = world.plan(&wanted);
    assert_eq!(
        (rebuilds(&plan).len(), clean_ups(&plan).len()),
        (1, 1),
        "the second, without what the first took: {plan}"
    );
    world.run(&wanted);
    world.fail_rebuilds();
    world.run(&wanted);
    let there = world.there(BUILDER);
    assert!(
        there.images.len() == 2 && there.resources.is_empty(),
        "{there:?}"
    );
    let plan = world.plan(&wanted);
    assert_eq!(plan.changes, [], "and nothing more");
    let [
        (
            recipe,
            Refused::Rebuild {
                account, reason, ..
            },
        ),
    ] = plan.refused.as_slice()
    else {
        panic!("{plan}")
    };
    assert_eq!(
        (recipe.as_str(), account.as_str(), reason.as_str()),
        ("110304", BUILDER, "no subscription")
    );
    assert_eq!(plan.refused[0].1.kind(), "rebuild-failed");
}

/// A person mends the cause, subscribes for example, and deletes what failed: one image, or all of them.
#[test]
fn whoever_deletes_what_failed_has_it_tried_again() {
    for kept in [0, 1] {
        let wanted = wanted(vec![builder(BUILDER)]);
        let mut world = built(&wanted);
        for _ in 0..2 {
            world.run(&wanted);
            world.fail_rebuilds();
        }
        world.run(&wanted);
        let images = &mut world.there(BUILDER).images;
        let failed = images.len();
        images.drain(..failed - kept);
        world.time += SignedDuration::from_hours(1);
        assert_eq!(
            rebuilds(&world.plan(&wanted)).len(),
            1,
            "{kept} of {failed} kept"
        );
        world.settle(&wanted);
        let id: AccountId = BUILDER.parse().expect("an account");
        assert!(
            world.has_rebuilt(&world.images[0], &id),
            "{kept} of {failed} kept"
        );
        assert!(world.there(BUILDER).resources.is_empty());
    }
}

#[test]
fn one_account_keeps_no_other_from_its_image() {
    let wanted = wanted(vec![builder(BUILDER), builder(OTHER)]);
    let mut world = built(&wanted);
    world.there(OTHER).closed = Some("AccessDenied".to_owned());
    world.run(&wanted);
    world.finish_builds();
    let plan = world.plan(&wanted);
    let refused: Vec<_> = plan.refused.iter().map(|(_, why)| why).collect();
    assert!(
        matches!(refused.as_slice(), [Refused::RebuildRole { account, .. }] if account.as_str() == OTHER),
        "{plan}"
    );
    assert_eq!(publishes(&plan)[0].copies.len(), 1, "{plan}");
    world.run(&wanted);
    assert_eq!(
        (world.plan(&wanted).changes, looked_into(&world, &wanted)),
        (Vec::new(), 2)
    );
    world.there(OTHER).closed = None;
    world.run(&wanted);
    world.finish_builds();
    assert_eq!(publishes(&world.plan(&wanted))[0].copies.len(), 2, "both");
    world.run(&wanted);
    assert_eq!(
        (world.plan(&wanted).changes, looked_into(&world, &wanted)),
        (Vec::new(), 0)
    );
}

/// A build that nobody needs any more is waited for, as its resources are deleted when it ended.
#[test]
fn the_next_image_is_built_again_and_nothing_of_the_last_one_is_left() {
    let mut wanted = wanted(vec![builder(BUILDER)]);
    let mut world = built(&wanted);
    world.run(&wanted);
    wanted.volumes[0].size_gib = 40;
    world.run(&wanted);
    for image in world.images.iter_mut().skip(1) {
        assert!(
            matches!(image.state, ImageState::Running(_)),
            "our second image"
        );
    }
    world.settle(&wanted);
    let id: AccountId = BUILDER.parse().expect("an account");
    let newest = world.images.last().expect("an image").clone();
    assert!(world.images.len() == 2 && world.has_rebuilt(&newest, &id));
    assert!(world.there(BUILDER).resources.is_empty());
    assert_eq!(world.plan(&wanted).changes, []);
}
