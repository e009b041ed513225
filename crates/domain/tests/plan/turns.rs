//! What an hourly run looks at closely: of few recipes everything, of many a part, and each recipe once a day.

use std::collections::BTreeSet;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::AccountId;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Change, Index, Requirements, requirements};
use goldsmith_domain::resources::Wanted;
use jiff::ToSpan as _;

use crate::plan::settled;
use crate::world::{AMI_A, World, desired, entry, plan_of, stack};

fn with_recipes(count: usize) -> (World, Desired) {
    let recipes = (0..count).map(|number| entry(&format!("r{number}"), AMI_A));
    let wanted = Desired {
        recipes: recipes.collect(),
        ..desired()
    };
    (settled(&wanted), wanted)
}

/// What a run reads in this hour, beside the lists.
fn read(world: &World, wanted: &Desired, depth: Depth, hour: i64) -> Requirements {
    let mut world = world.clone();
    world.time += hour.hours();
    let (observed, stack) = (world.observe_to(wanted, depth), stack());
    requirements(
        Index::new(&Wanted::new(wanted, &stack), &observed).view(),
        depth,
    )
}

/// What is read of single recipes, by names that say what it is.
fn by_recipe(required: &Requirements) -> BTreeSet<String> {
    let catalog = required.catalog.clone().unwrap_or_default();
    let versions = catalog.recipes.iter().map(ToString::to_string);
    let configurations = required.configurations.distributions.iter().cloned();
    let origins = required
        .origins
        .iter()
        .map(|image| format!("origin of {image}"));
    let snapshots = required.snapshots.values().flatten();
    let snapshots = snapshots.map(|ami| format!("snapshots of {ami}"));
    let published = required.publications.iter().filter(|one| one.is_close);
    let published = published.flat_map(|one| one.publication.parts());
    let all = versions.chain(configurations).chain(origins);
    all.chain(snapshots).chain(published).collect()
}

#[test]
fn an_hour_looks_at_all_of_a_few_recipes_and_at_a_part_of_many() {
    let (world, wanted) = with_recipes(5);
    let deep = by_recipe(&read(&world, &wanted, Depth::Content, 0));
    // Version, configuration, origin, the snapshots of an AMI, and three objects with a parameter.
    assert_eq!(deep.len(), 5 * 8);
    assert_eq!(by_recipe(&read(&world, &wanted, Depth::Hour, 3)), deep);

    let (world, wanted) = with_recipes(50);
    let deep = by_recipe(&read(&world, &wanted, Depth::Content, 0));
    assert_eq!(deep.len(), 50 * 8);
    let hours = (0..24).map(|hour| by_recipe(&read(&world, &wanted, Depth::Hour, hour)));
    let hours: Vec<_> = hours.collect();
    let most = hours.iter().map(BTreeSet::len).max();
    assert!(most.is_some_and(|most| most <= 2 * 5 * 8), "{most:?}");
    assert_eq!(hours.into_iter().flatten().collect::<BTreeSet<_>>(), deep);
}

/// What was not looked at is taken for nothing, neither for gone nor for drifted.
#[test]
fn an_hour_of_a_settled_world_plans_nothing_whoevers_turn_it_is() {
    let (mut world, wanted) = with_recipes(50);
    for hour in 0..24 {
        let plan = plan_of(&wanted, &world.observe_to(&wanted, Depth::Hour));
        assert!(plan.changes.is_empty(), "{hour}: {plan}");
        assert!(plan.refused.is_empty(), "{hour}: {plan}");
        assert!(plan.waiting.is_empty(), "{hour}: {plan}");
        world.time += 1.hours();
    }
}

/// The AMIs whose launch permissions an hour changes.
fn corrected(world: &World, wanted: &Desired) -> BTreeSet<String> {
    let plan = plan_of(wanted, &world.observe_to(wanted, Depth::Hour));
    let of_permissions = |change: &&Change| matches!(change.kind(), "share-ami" | "withdraw-ami");
    let changes = plan.changes.iter().filter(of_permissions);
    changes.map(Change::target).collect()
}

/// Forgets the launch permissions of every AMI, as a run does that ends before it gave them.
fn cut_off(world: &mut World) {
    for ami in &mut world.amis {
        ami.shared.accounts.clear();
    }
}

#[test]
fn a_launch_permission_that_a_run_did_not_get_to_give_waits_for_no_turn() {
    let (mut world, wanted) = with_recipes(50);
    cut_off(&mut world);
    world.time += 23.hours();
    assert_eq!(corrected(&world, &wanted).len(), world.amis.len());
}

#[test]
fn a_launch_permission_of_an_ami_that_is_not_published_yet_waits_for_no_turn() {
    let (mut world, wanted) = with_recipes(50);
    cut_off(&mut world);
    world.time += 72.hours();
    let settled = corrected(&world, &wanted).len();
    assert!(settled <= 10, "those whose turn it is: {settled}");
    for pipeline in &mut world.pipelines {
        pipeline.tags.remove("goldsmith:published");
    }
    assert_eq!(corrected(&world, &wanted).len(), world.amis.len());
}

#[test]
fn a_launch_permission_that_a_hand_changed_is_corrected_within_a_day() {
    let (mut world, wanted) = with_recipes(50);
    let stranger: AccountId = "999999999999".parse().expect("an account");
    world.amis[0].shared.accounts.insert(stranger);
    world.amis[1].shared.accounts.clear();
    world.time += 48.hours();
    let mut all = BTreeSet::new();
    for _ in 0..24 {
        all.extend(corrected(&world, &wanted));
        world.time += 1.hours();
    }
    assert_eq!(all.len(), 2, "{all:?}");
}

/// The others' publications are compared by what lists tell.
#[test]
fn an_hour_glances_at_every_publication_and_an_ordinary_run_at_none() {
    let (world, wanted) = with_recipes(50);
    let glanced = read(&world, &wanted, Depth::Hour, 0).publications;
    assert_eq!(glanced.len(), 50);
    let far = glanced.iter().filter(|one| !one.is_close).count();
    assert!((40..50).contains(&far), "{far}");
    assert_eq!(by_recipe(&read(&world, &wanted, Depth::Digest, 0)).len(), 0);
}
