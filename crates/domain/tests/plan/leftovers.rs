//! What builds in accounts leave there: the pipeline's tag names the places, and whatever becomes of account,
//! Region or recipe meanwhile, nothing stays.

use goldsmith_domain::consumers::Account;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::Region;
use goldsmith_domain::plan::{Action, Change, Plan, REBUILDING_TAG, Refused, Resource, Waiting};

use crate::plan::rebuilds_to_observe;
use crate::world::{AMI_A, AMI_B, World, builder, consumers, desired, entry};

const BUILDER: &str = "666666666666";

/// One recipe on this base.
fn wanted(base: &str, accounts: Vec<Account>) -> Desired {
    Desired {
        recipes: vec![entry("110304", base)],
        consumers: consumers(accounts),
        ..desired()
    }
}

/// The world in which the accounts are building.
fn building(wanted: &Desired) -> World {
    let mut world = World::with_a_hard_base();
    world.run(wanted);
    world.finish_builds();
    world.run(wanted);
    world
}

/// What the pipeline says of where something is left.
fn named(world: &World) -> String {
    world
        .pipeline("110304")
        .tags
        .get(REBUILDING_TAG)
        .cloned()
        .unwrap_or_default()
}

fn left(world: &World) -> usize {
    world
        .elsewhere
        .values()
        .map(|there| there.resources.len())
        .sum()
}

fn kinds(plan: &Plan) -> Vec<&'static str> {
    plan.changes.iter().map(Change::kind).collect()
}

/// Nothing is left, named, looked at, waited for or refused.
fn assert_clean(world: &World, wanted: &Desired) {
    assert_eq!((left(world), named(world).as_str()), (0, ""));
    for plan in [world.plan(wanted), world.close_plan(wanted)] {
        assert!(plan.changes.is_empty() && plan.refused.is_empty(), "{plan}");
    }
    assert!(rebuilds_to_observe(world, wanted).places.is_empty());
}

#[test]
fn the_pipeline_names_the_place_before_anything_is_made_there() {
    let wanted = wanted(AMI_B, vec![builder(BUILDER)]);
    let mut world = World::with_a_hard_base();
    world.run(&wanted);
    world.finish_builds();
    let plan = world.plan(&wanted);
    let rebuild = plan
        .changes
        .iter()
        .position(|change| change.kind() == "rebuild-image")
        .expect("a build");
    let Action::TagPipeline(tag) = &plan.changes[rebuild - 1].action else {
        panic!("{plan}")
    };
    assert_eq!(tag.tags[REBUILDING_TAG], format!("{BUILDER}:us-east-1"));
    assert!(
        plan.changes[rebuild]
            .needs
            .contains(&Resource::RebuildPlaces(tag.arn.clone()))
    );
}

#[test]
fn a_build_runs_on_when_its_account_no_longer_says_rebuild_and_leaves_nothing() {
    let mut world = building(&wanted(AMI_B, vec![builder(BUILDER)]));
    let without = wanted(AMI_B, vec![]);
    world.run(&without);
    assert_eq!(
        (left(&world), named(&world)),
        (3, format!("{BUILDER}:us-east-1")),
        "it is running"
    );
    let role = rebuilds_to_observe(&world, &without).places;
    let role: Vec<String> = role.into_values().map(|role| role.to_string()).collect();
    assert_eq!(
        role,
        [format!(
            "arn:aws:iam::{BUILDER}:role/goldsmith-nonprod-rebuild"
        )],
        "the usual one"
    );
    world.finish_rebuilds();
    assert_eq!(
        kinds(&world.plan(&without)),
        ["clean-up-rebuild", "tag-pipeline"]
    );
    world.run(&without);
    assert_clean(&world, &without);
}

#[test]
fn a_recipe_that_can_be_copied_by_now_leaves_nothing_of_its_rebuilds() {
    let mut world = building(&wanted(AMI_B, vec![builder(BUILDER)]));
    let copied = wanted(AMI_A, vec![builder(BUILDER)]);
    world.settle(&copied);
    assert_clean(&world, &copied);
}

#[test]
fn a_retired_recipe_leaves_nothing_of_its_rebuilds() {
    let mut world = building(&wanted(AMI_B, vec![builder(BUILDER)]));
    let retired = Desired {
        recipes: vec![],
        ..wanted(AMI_B, vec![builder(BUILDER)])
    };
    world.settle(&retired);
    assert_eq!((left(&world), named(&world).as_str()), (0, ""));
    assert_eq!(world.plan(&retired).changes, []);
}

#[test]
fn an_account_that_moves_to_another_region_leaves_nothing_in_the_first() {
    let mut world = building(&wanted(AMI_B, vec![builder(BUILDER)]));
    let elsewhere: Region = "eu-west-1".parse().expect("a Region");
    let moved = Account {
        regions: [elsewhere].into(),
        ..builder(BUILDER)
    };
    let moved = wanted(AMI_B, vec![moved]);
    world.run(&moved);
    assert!(named(&world).contains(&format!("{BUILDER}:us-east-1")));
    world.finish_rebuilds();
    world.run(&moved);
    assert_eq!((left(&world), named(&world).as_str()), (0, ""));
}

#[test]
fn an_account_that_denies_access_is_reported_with_the_way_to_give_up() {
    let mut world = building(&wanted(AMI_B, vec![builder(BUILDER)]));
    world.there(BUILDER).closed = Some("AccessDenied".to_owned());
    let without = wanted(AMI_B, vec![]);
    let plan = world.plan(&without);
    assert!(
        !kinds(&plan).contains(&"clean-up-rebuild") && !kinds(&plan).contains(&"tag-pipeline"),
        "{plan}"
    );
    let told: Vec<String> = plan
        .refused
        .iter()
        .map(|(_, why)| why.to_string())
        .collect();
    let [told] = told.as_slice() else {
        panic!("{plan}")
    };
    assert!(
        told.contains(&format!(
            "to give up, remove `{BUILDER}:us-east-1` from the pipeline's tag"
        )),
        "{told}"
    );
    // As long as it is to build, the report names its role, once.
    let plan = world.plan(&wanted(AMI_B, vec![builder(BUILDER)]));
    assert!(
        matches!(plan.refused.as_slice(), [(_, Refused::RebuildRole { .. })]),
        "{plan}"
    );
}

#[test]
fn one_account_that_cannot_be_cleaned_up_keeps_no_other_in_the_tag() {
    const OTHER: &str = "777777777777";
    let wanted = wanted(AMI_B, vec![builder(BUILDER), builder(OTHER)]);
    let mut world = building(&wanted);
    world.finish_rebuilds();
    let denies = |change: &Change| matches!(&change.action, Action::CleanUpRebuild(one) if one.account.as_str() == BUILDER);
    for _ in 0..2 {
        world.run_refusing(&wanted, denies);
    }
    assert_eq!(named(&world), format!("{BUILDER}:us-east-1"));
    world.settle(&wanted);
    assert_clean(&world, &wanted);
}

/// Two runs at the same time write the tag after each other, and the second one does not know of the first.
#[test]
fn a_place_that_was_lost_from_the_tag_is_named_again() {
    let wanted = wanted(AMI_B, vec![builder(BUILDER)]);
    let mut world = building(&wanted);
    let pipeline = world.pipelines.iter_mut().next().expect("a pipeline");
    pipeline
        .tags
        .insert(REBUILDING_TAG.to_owned(), String::new());
    world.run(&wanted);
    assert_eq!(named(&world), format!("{BUILDER}:us-east-1"));
    world.settle(&wanted);
    assert_clean(&world, &wanted);
}

/// A tag has room for nine places.
#[test]
fn more_accounts_than_a_tag_has_room_for_build_one_after_the_other() {
    let accounts: Vec<Account> = (0..12)
        .map(|n| builder(&format!("6666666666{n:02}")))
        .collect();
    let wanted = wanted(AMI_B, accounts.clone());
    let mut world = building(&wanted);
    let building = world
        .elsewhere
        .values()
        .filter(|there| !there.images.is_empty())
        .count();
    assert!(
        (building, named(&world).len() <= 256) == (9, true),
        "{building} in {}",
        named(&world)
    );
    let ours = world
        .pipeline("110304")
        .tags
        .keys()
        .filter(|key| key.starts_with("goldsmith:"))
        .count();
    assert!(
        ours <= 50 - 41,
        "{ours} tags beside the 41 of the documents are more than AWS takes"
    );
    let turn = |(_, why): &(String, Waiting)| {
        why.to_string()
            .contains("to be asked for when others have ended")
    };
    let plan = world.plan(&wanted);
    assert_eq!(
        (
            plan.waiting.iter().filter(|why| turn(why)).count(),
            plan.changes
        ),
        (3, vec![])
    );
    world.settle(&wanted);
    assert!(
        accounts
            .iter()
            .all(|account| world.has_rebuilt(&world.images[0], &account.id))
    );
    assert_clean(&world, &wanted);
}
