//! The six properties of the planner, over random documents and a simulated world.

mod documents;
mod interrupted;

use std::collections::{BTreeMap, BTreeSet};

use crate::world::{AMI_B, World, plan_of, stack};
use documents::documents;
use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::{Desired, Drift};
use goldsmith_domain::key_policy::{Access, KeyPolicy};
use goldsmith_domain::names::{AccountId, AmiId, Region};
use goldsmith_domain::observed::{Configuration, Image, ImageState, Observed, Sharing};
use goldsmith_domain::plan::{
    self, COPIES_OF_TAG, Effect, PUBLISHED_COPIES_TAG, PUBLISHED_TAG, Publish, REBUILDING_TAG,
    REBUILT_TAG, Waiting,
};
use goldsmith_domain::promotion::{PROMOTED_TAG, Promotion, VERDICT_TAG, is_rejected};
use goldsmith_domain::proof::Require;
use goldsmith_domain::resources::{Distribution, sharing_in};
use goldsmith_domain::review::{Action, RecipeReview};
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// What somebody may do to a resource of ours by hand.
fn change_by_hand(world: &mut World, what: usize) {
    let others: BTreeMap<String, String> =
        [("schedule".to_owned(), "rate(1 day)".to_owned())].into();
    match what {
        0 => world.infrastructure.iter_mut().for_each(|one| {
            one.content.as_mut().expect("content").known.instance_types =
                vec!["x2idn.metal".to_owned()];
        }),
        1 => world.infrastructure.iter_mut().for_each(|one| {
            one.content
                .as_mut()
                .expect("content")
                .others
                .clone_from(&others);
        }),
        2 => world.distributions.iter_mut().for_each(|one| {
            let regions = &mut one.content.as_mut().expect("content").known.regions;
            for entry in regions.values_mut() {
                entry
                    .shared_with
                    .accounts
                    .insert("999999999999".parse().expect("an account"));
            }
        }),
        3 => world
            .pipelines
            .iter_mut()
            .for_each(|pipeline| pipeline.others.clone_from(&others)),
        4 => world
            .pipelines
            .iter_mut()
            .for_each(|pipeline| "elsewhere".clone_into(&mut pipeline.infrastructure)),
        _ => world
            .pipelines
            .iter_mut()
            .for_each(|pipeline| pipeline.distribution = None),
    }
}

/// A world that has lived through some documents.
fn lived() -> impl Strategy<Value = World> {
    let decision = (any::<usize>(), select(vec!["none", "approved", "rejected"]));
    let history = prop::collection::vec((documents(), any::<bool>(), decision), 0..3);
    history.prop_map(|history| {
        let mut world = World::with_a_hard_base();
        for (documents, finished, decision) in history {
            world.run(&documents);
            if finished {
                world.settle(&documents);
            }
            decide(&mut world, decision);
        }
        world
    })
}

/// What a person decides about one of the images.
fn decide(world: &mut World, (which, verdict): (usize, &str)) {
    let most = world.images.len().max(1);
    if let Some(image) = world.images.get_mut(which % most) {
        image
            .tags
            .insert(VERDICT_TAG.to_owned(), verdict.to_owned());
    }
}

/// The world without the order in which things were made.
fn sorted(mut world: World) -> World {
    world.pipelines.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.images.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.catalog.components.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.catalog.recipes.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.infrastructure.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.distributions.sort_by(|a, b| a.arn.cmp(&b.arn));
    // Who may launch an AMI that is not current any more depends on when it was: see `are_served`.
    world.amis.sort_by(|a, b| a.id.cmp(&b.id));
    world
        .amis
        .iter_mut()
        .for_each(|ami| ami.shared = Sharing::default());
    world.started_with.clear();
    // Which image made a copy depends on when its consumer came: see `are_served`, too.
    world
        .images
        .retain(|image| !image.tags.contains_key(COPIES_OF_TAG));
    world
        .pipelines
        .iter_mut()
        .for_each(|pipeline| drop(pipeline.tags.remove(PUBLISHED_COPIES_TAG)));
    // Likewise what was built again of images that are not current any more, and whether ever.
    for pipeline in &mut world.pipelines {
        pipeline.tags.remove(REBUILT_TAG);
        // Which image was published before, and what the manifest says of it, depend on history, too.
        pipeline.tags.remove("goldsmith:previous");
        pipeline.tags.remove("goldsmith:manifest");
        pipeline
            .tags
            .retain(|key, value| key != REBUILDING_TAG || !value.is_empty());
    }
    // Likewise which images were published before the one that is.
    for image in &mut world.images {
        image.tags.remove(PROMOTED_TAG);
    }
    world.elsewhere.clear();
    world
}

/// Whether exactly the consumers may launch the current AMIs, and nobody else any other, and whoever is
/// served by copies has one of each current image that can be copied, and none of the others. An image that is
/// published only because there is no other than this rejected one is given to nobody new.
fn are_served(wanted: &Desired, world: &World) -> bool {
    let published: BTreeSet<&String> = world
        .pipelines
        .iter()
        .filter_map(|pipeline| pipeline.tags.get(PUBLISHED_TAG))
        .collect();
    let entry = |image: &&Image| {
        wanted
            .recipes
            .iter()
            .any(|entry| image.arn.slug().ends_with(entry.name.as_str()))
    };
    let current = world
        .images
        .iter()
        .filter(|image| published.contains(&image.arn.to_string()) && !is_rejected(&image.tags))
        .filter(entry);
    let current: Vec<&Image> = current.collect();
    let copied = |image: &Image, account: &Account, region: &Region| {
        let arn = image.arn.to_string();
        let copying = world
            .images
            .iter()
            .filter(|one| one.tags.get(COPIES_OF_TAG) == Some(&arn));
        let mut copies = copying
            .flat_map(|image| &image.copies)
            .map(|copy| &copy.target);
        copies.any(|target| target.account == account.id && target.region == *region)
    };
    let takers = wanted
        .consumers
        .accounts
        .iter()
        .filter(|account| account.serve == DeliveryMode::Copy);
    let mut wanted_copies =
        takers.flat_map(|taker| taker.regions.iter().map(move |region| (taker, region)));
    let as_it_can =
        |image: &Image, taker, region| copied(image, taker, region) != world.is_hard(image);
    let are_copied = wanted_copies
        .all(|(taker, region)| current.iter().all(|image| as_it_can(image, taker, region)));
    let mut builders = wanted
        .consumers
        .accounts
        .iter()
        .filter(|account| account.rebuild.is_some());
    let are_rebuilt = builders.all(|one| {
        let of_ours = |image: &&Image| world.has_rebuilt(image, &one.id) != world.is_hard(image);
        !current.iter().any(of_ours)
    });
    let are_clean = world
        .elsewhere
        .values()
        .all(|there| there.resources.is_empty());
    let current: BTreeSet<&AmiId> = current
        .into_iter()
        .flat_map(|image| image.amis.values())
        .collect();
    let idle = |standing: &Configuration<Distribution>| !standing.tags.contains_key(COPIES_OF_TAG);
    are_copied
        && are_rebuilt
        && are_clean
        && world.distributions.iter().all(idle)
        && world.amis.iter().all(|ami| {
            let sharing = sharing_in(wanted, &stack(), &ami.region);
            let exact = !current.contains(&ami.id) || ami.shared == sharing;
            exact && ami.shared.difference(&sharing).is_empty()
        })
}

/// The accounts of the documents, but for those that build some images again.
const ACCOUNTS: [&str; 4] = [
    "222222222222",
    "333333333333",
    "444444444444",
    "555555555555",
];

/// How many accounts can launch an image, of how many that it is for: an image that cannot be copied is not for those
/// that get copies.
fn able(world: &World, wanted: &Desired, publish: &Publish) -> (usize, usize) {
    let mut images = world.images.iter();
    let image = images
        .find(|image| image.arn == publish.image)
        .expect("the image");
    let arn = image.arn.to_string();
    let copies = world
        .images
        .iter()
        .filter(|one| one.tags.get(COPIES_OF_TAG) == Some(&arn));
    let copies: BTreeSet<(&AccountId, &Region)> = copies
        .flat_map(|one| &one.copies)
        .map(|copy| (&copy.target.account, &copy.target.region))
        .collect();
    let is_shared = |account: &Account, region: &Region| {
        world.amis.iter().any(|own| {
            publish.amis.get(region) == Some(&own.id) && own.shared.accounts.contains(&account.id)
        })
    };
    let can = |account: &&Account| {
        !world.unable.contains(&account.id)
            && account.regions.iter().all(|region| match account.serve {
                DeliveryMode::Share => is_shared(account, region),
                DeliveryMode::Copy => copies.contains(&(&account.id, region)),
            })
    };
    let is_for = |account: &&Account| account.serve == DeliveryMode::Share || !world.is_hard(image);
    let accounts: Vec<&Account> = wanted.consumers.accounts.iter().filter(is_for).collect();
    let able = accounts.iter().filter(|account| can(account)).count();
    (able, accounts.len())
}

/// Whether the documents have an entry for every pipeline there is, and none waits for a parent: of a retired one
/// only the configurations are looked after.
fn looked_after(wanted: &Desired, world: &World) -> bool {
    let waits = |(_, why): &(String, Waiting)| matches!(why, Waiting::Parent { .. });
    wanted.recipes.len() == world.pipelines.len() && !world.plan(wanted).waiting.iter().any(waits)
}

fn reversed(mut observed: Observed) -> Observed {
    observed.pipelines.reverse();
    observed.images.reverse();
    observed.infrastructure.reverse();
    observed.distributions.reverse();
    if let Some(catalog) = &mut observed.catalog {
        catalog.components.reverse();
        catalog.recipes.reverse();
    }
    observed
}

/// Each case settles several worlds: an eighth of the cases that others get, 32 by default, of which
/// `make torture` makes 512 by `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let others = ProptestConfig::default();
    ProptestConfig {
        cases: others.cases.div_ceil(8),
        ..others
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn p1_a_satisfied_world_plans_nothing(wanted in documents(), mut world in lived()) {
        world.settle(&wanted);
        prop_assert_eq!(world.plan(&wanted).changes, vec![]);
        prop_assert!(are_served(&wanted, &world));
    }

    #[test]
    fn p1_a_satisfied_world_plans_nothing_a_year_later(wanted in documents(), mut world in lived()) {
        let soon = world.time + SignedDuration::from_hours(24 * 30);
        world.catalog.base_amis.values_mut().for_each(|ami| ami.deprecated = Some(soon));
        world.settle(&wanted);
        world.time += SignedDuration::from_hours(24 * 365);
        prop_assert_eq!(world.plan(&wanted).changes, vec![]);
        prop_assert_eq!(world.close_plan(&wanted).changes, vec![]);
    }

    #[test]
    fn p1_a_parameter_that_moves_makes_no_version(wanted in documents(), mut world in lived()) {
        world.settle(&wanted);
        let moved: AmiId = AMI_B.parse().expect("an AMI");
        world.catalog.parameters.values_mut().for_each(|value| value.clone_from(&moved));
        prop_assert_eq!(world.plan(&wanted).changes, vec![]);
    }

    #[test]
    fn drift_is_repaired_or_only_reported(wanted in documents(), mut world in lived(), what in 0..6usize) {
        world.settle(&wanted);
        let settled = world.clone();
        change_by_hand(&mut world, what);
        let drifted = world.clone();
        for change in world.close_plan(&wanted).changes {
            world.make(&change);
        }
        let told = drifted.close_plan(&wanted).waiting.iter().any(|(_, why)| matches!(why, Waiting::Drift { .. }));
        let expected = if wanted.drift == Drift::Repair { &settled } else { &drifted };
        prop_assert!(wanted.drift == Drift::Report || !told);
        if looked_after(&wanted, &settled) {
            prop_assert!(wanted.drift == Drift::Repair || told || drifted == settled, "nothing is told");
            prop_assert_eq!(sorted(world), sorted(expected.clone()));
        }
    }

    #[test]
    fn a_pause_only_revokes_and_its_end_loses_nothing(wanted in documents(), mut world in lived()) {
        let mut waited = world.clone();
        let paused = Desired { pause: true, ..wanted.clone() };
        for plan in [world.plan(&paused), world.close_plan(&paused)] {
            prop_assert!(plan.changes.iter().all(|change| change.effect == Effect::Revokes), "{plan}");
        }
        world.settle(&paused);
        prop_assert_eq!(world.close_plan(&paused).changes, vec![]);
        // Whoever left has lost the key, and nobody was let in.
        let key = |world: &World| KeyPolicy::parse(&world.key_policy).expect("a policy").access().clone();
        let wanted_access = Access::of(&wanted.consumers, &stack(), &stack().region);
        prop_assert!(key(&world).difference(&wanted_access).is_empty());
        prop_assert!(key(&world).difference(&key(&waited)).is_empty());
        world.settle(&wanted);
        waited.settle(&wanted);
        prop_assert_eq!(sorted(world), sorted(waited));
    }

    #[test]
    fn a_review_shows_every_change(wanted in documents(), world in lived()) {
        let review = world.review(&wanted);
        let plan = world.plan(&wanted);
        prop_assert_eq!(review.changes.len(), plan.changes.len());
        let builds = plan.changes.iter().filter(|change| change.starts().is_some()).count();
        prop_assert_eq!(review.recipes.iter().filter(|recipe| recipe.builds).count(), builds);
        let why = |recipe: &RecipeReview| recipe.action == Action::Keep || !recipe.because.is_empty();
        prop_assert!(review.recipes.iter().all(why), "{:?}", review.recipes);
        let listed = review.recipes.iter().filter(|r| wanted.recipes.iter().any(|e| e.name == r.recipename)).count();
        prop_assert_eq!(review.unchanged + listed, wanted.recipes.len());
    }

    #[test]
    fn p2_applying_a_plan_leaves_nothing_to_plan_but_what_builds_bring(wanted in documents(), mut world in lived()) {
        world.run(&wanted);
        prop_assert_eq!(world.plan(&wanted).changes, vec![]);
    }

    /// Accounts that cannot launch, and a quorum or none: nothing moves to an image that too few of them can launch, by
    /// a count of its own over the simulated account.
    #[test]
    fn a_pointer_never_moves_to_an_ami_that_a_consumer_in_force_cannot_launch(
        wanted in documents(), mut world in lived(), unable in subsequence(ACCOUNTS.to_vec(), 0..=2),
        share in select(vec!["1", "0.5"]),
    ) {
        let require = share.parse().map(Require::ShareOfAccounts).expect("a share");
        let wanted = Desired { require: Some(require), ..wanted };
        world.unable = unable.iter().map(|id| id.parse().expect("an account")).collect();
        for _ in 0..6 {
            for change in world.plan(&wanted).changes {
                if let plan::Action::Publish(publish) = &change.action
                    && publish.previous.as_ref() != Some(&publish.image)
                {
                    let (able, all) = able(&world, &wanted, publish);
                    let enough = if share == "1" { able == all } else { able * 2 >= all };
                    prop_assert!(enough, "{able} of {all} can launch {}", publish.image);
                }
                world.make(&change);
            }
            world.finish_builds();
        }
    }

    #[test]
    fn p4_nothing_foreign_and_nothing_made_is_taken_away(wanted in documents(), mut world in lived()) {
        world.pipelines.iter_mut().take(1).for_each(|pipeline| pipeline.tags.clear());
        let before = world.clone();
        world.settle(&wanted);
        for pipeline in before.pipelines.iter().filter(|pipeline| pipeline.tags.is_empty()) {
            prop_assert!(world.pipelines.contains(pipeline), "a foreign pipeline was changed");
        }
        for recipe in &before.catalog.recipes {
            prop_assert!(world.catalog.recipes.contains(recipe), "a recipe was lost");
        }
        for image in before.images.iter().filter(|image| image.state == ImageState::Available) {
            let there = world.images.iter().find(|there| there.arn == image.arn);
            let is_whole = there.is_some_and(|there| {
                (&there.state, &there.amis, &there.copies) == (&image.state, &image.amis, &image.copies)
            });
            prop_assert!(is_whole, "a good image was lost");
        }
        prop_assert!(world.key_policy.contains(r#""Sid":"Admin","Effect":"Allow""#));
    }

    #[test]
    fn p5_the_order_of_observation_changes_nothing(wanted in documents(), world in lived()) {
        let observed = world.observe(&wanted);
        let backwards = plan_of(&wanted, &reversed(observed.clone()));
        let forwards = plan_of(&wanted, &observed);
        prop_assert_eq!(backwards, forwards);
    }

    #[test]
    fn what_was_observed_comes_back_from_json_as_it_was(wanted in documents(), world in lived()) {
        let observed = world.observe(&wanted);
        let saved = serde_json::to_string(&(stack(), &observed)).expect("it serializes");
        let read = serde_json::from_str(&saved).expect("it deserializes");
        prop_assert_eq!((stack(), observed), read);
    }

    #[test]
    fn p6_what_a_stale_run_undoes_the_newest_documents_bring_back(
        old in documents(), mut new in documents(), mut world in lived(), cut in 0..40usize
    ) {
        // What a run leaves that was cut off looks as if somebody had done it by hand.
        new.drift = Drift::Repair;
        // What a stale run has published without the approval that newer documents ask for stays published.
        new.recipes.iter_mut().for_each(|entry| entry.promotion = Promotion::default());
        let stale = world.plan(&old);
        let mut undisturbed = world.clone();
        undisturbed.settle(&new);
        world.settle(&new);
        for change in stale.changes.iter().take(cut) {
            // AWS refuses what exists or is missing by now; the simulator panics.
            let mut after = world.clone();
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| after.make(change))).is_ok() {
                world = after;
            }
        }
        world.settle(&new);
        let recipes = |world: &World| {
            let digest = |world: &World, arn| {
                let recipe = world.catalog.recipes.iter().find(|recipe| Some(&recipe.arn) == arn);
                recipe.and_then(|recipe| recipe.tags.get("goldsmith:digest").cloned())
            };
            // What is built on a recipe whose only image was rejected has no pipeline yet.
            let current = new.recipes.iter().map(|entry| world.pipelines.iter().find(|pipeline| {
                pipeline.arn.as_str().ends_with(&format!("-{}", entry.name.folded()))
            }));
            current.map(|pipeline| digest(world, pipeline?.recipe.as_ref())).collect::<Vec<_>>()
        };
        prop_assert_eq!(recipes(&world), recipes(&undisturbed));
        // Without a pipeline nothing builds on a configuration, and nobody looks after it.
        let looked_after = |arn: &str| world.pipelines.iter().any(|pipeline| {
            pipeline.infrastructure == arn || pipeline.distribution.as_deref() == Some(arn)
        });
        for standing in undisturbed.infrastructure.iter().filter(|standing| looked_after(&standing.arn)) {
            let same = world.infrastructure.iter().find(|other| other.arn == standing.arn);
            prop_assert_eq!(same.map(|other| &other.content), Some(&standing.content), "{}", standing.arn);
        }
        for standing in undisturbed.distributions.iter().filter(|standing| looked_after(&standing.arn)) {
            let same = world.distributions.iter().find(|other| other.arn == standing.arn);
            prop_assert_eq!(same.map(|other| &other.content), Some(&standing.content), "{}", standing.arn);
        }
        prop_assert_eq!(world.plan(&new).changes, vec![]);
        prop_assert!(world.elsewhere.values().all(|there| there.resources.is_empty()), "{:?}", world.elsewhere);
    }
}
