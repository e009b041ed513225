//! The six properties of the planner, over random documents and a simulated world.

mod world;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::{ImageState, Observed};
use goldsmith_domain::plan::plan;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use world::{AMI_A, AMI_B, World, consumer, desired, document, entry, site};

const ROLE: &str = "arn:aws:iam::222222222222:role/mstr-launch";

/// Documents that differ in everything a document can differ in.
fn documents() -> impl Strategy<Value = Desired> {
    let names = subsequence(vec!["110302", "110304", "1105_A"], 0..=3);
    let amis = prop::collection::vec(select(vec![AMI_A, AMI_B]), 3);
    let consumers = subsequence(vec![("222222222222", vec![ROLE]), ("333333333333", vec![])], 0..=2);
    let settings =
        (select(vec![20u32, 30]), select(vec!["harden", "harden more"]), any::<bool>(), any::<bool>());
    (names, amis, consumers, settings).prop_map(
        |(names, amis, consumers, (size, data, tagged, scheduled))| {
            let mut wanted = desired();
            wanted.recipes = names.into_iter().zip(amis).map(|(name, ami)| entry(name, ami)).collect();
            wanted.consumers = consumers.iter().map(|(account, roles)| consumer(account, roles)).collect();
            wanted.volumes[0].size_gib = size;
            wanted.build_components = vec![document(data)];
            if tagged {
                wanted.tags.insert("Product".to_owned(), "MSTR".to_owned());
            }
            if scheduled {
                wanted.schedule = Some("rate(2 days)".parse().expect("a schedule"));
            }
            wanted
        },
    )
}

/// A world that has lived through some documents.
fn lived() -> impl Strategy<Value = World> {
    prop::collection::vec((documents(), any::<bool>()), 0..3).prop_map(|history| {
        let mut world = World::new();
        for (documents, finished) in history {
            world.run(&documents);
            if finished {
                world.settle(&documents);
            }
        }
        world
    })
}

/// The world without the order in which things were made.
fn sorted(mut world: World) -> World {
    world.pipelines.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.images.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.catalog.components.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.catalog.recipes.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.infrastructure.sort_by(|a, b| a.arn.cmp(&b.arn));
    world.distributions.sort_by(|a, b| a.arn.cmp(&b.arn));
    world
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

proptest! {
    #[test]
    fn p1_a_satisfied_world_plans_nothing(wanted in documents(), mut world in lived()) {
        world.settle(&wanted);
        prop_assert_eq!(world.plan(&wanted).changes, vec![]);
    }

    #[test]
    fn p2_applying_a_plan_leaves_nothing_to_plan_but_what_builds_bring(wanted in documents(), mut world in lived()) {
        world.run(&wanted);
        prop_assert_eq!(world.plan(&wanted).changes, vec![]);
    }

    #[test]
    fn p3_any_prefix_then_another_run_ends_in_the_same_world(wanted in documents(), world in lived(), cut in 0..40usize) {
        let mut whole = world.clone();
        whole.settle(&wanted);
        let mut crashed = world;
        for change in crashed.plan(&wanted).changes.iter().take(cut) {
            crashed.make(change);
        }
        crashed.settle(&wanted);
        prop_assert_eq!(sorted(crashed), sorted(whole));
    }

    #[test]
    fn p3_any_failure_then_another_run_ends_in_the_same_world(wanted in documents(), world in lived(), failing in 0..40usize) {
        let mut whole = world.clone();
        whole.settle(&wanted);
        let mut failed = world;
        let mut missing = Vec::new();
        for (n, change) in failed.plan(&wanted).changes.iter().enumerate() {
            if n == failing || change.needs().iter().any(|target| missing.contains(target)) {
                missing.push(change.target());
            } else {
                failed.make(change);
            }
        }
        failed.settle(&wanted);
        prop_assert_eq!(sorted(failed), sorted(whole));
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
            prop_assert!(world.images.contains(image), "a good image was lost");
        }
        prop_assert!(world.key_policy.contains(r#""Sid":"Admin","Effect":"Allow""#));
    }

    #[test]
    fn p5_the_order_of_observation_changes_nothing(wanted in documents(), world in lived()) {
        let observed = world.observe(&wanted);
        let backwards = plan(&wanted, &reversed(observed.clone()), &site());
        let forwards = plan(&wanted, &observed, &site());
        prop_assert_eq!(backwards, forwards);
    }

    #[test]
    fn what_was_observed_comes_back_from_json_as_it_was(wanted in documents(), world in lived()) {
        let observed = world.observe(&wanted);
        let saved = serde_json::to_string(&(site(), &observed)).expect("it serializes");
        let read = serde_json::from_str(&saved).expect("it deserializes");
        prop_assert_eq!((site(), observed), read);
    }

    #[test]
    fn p6_what_a_stale_run_undoes_the_newest_documents_bring_back(
        old in documents(), new in documents(), mut world in lived(), cut in 0..40usize
    ) {
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
            let current = new.recipes.iter().map(|entry| world.pipeline(entry.name.as_str().to_lowercase().replace('_', "-").as_str()));
            current.map(|pipeline| digest(world, pipeline.recipe.as_ref())).collect::<Vec<_>>()
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
    }
}
