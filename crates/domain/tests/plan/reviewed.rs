//! What is reviewed is what runs: the inputs of a plan that once only the function knew, and the parts
//! of a change that order it.

use std::collections::BTreeSet;

use goldsmith_domain::desired::{Desired, Volume};
use goldsmith_domain::plan::{Action, Change, Index, Plan, Publisher, REBUILT_TAG, Resource, plan};
use goldsmith_domain::resources::Wanted;

use crate::plan::settled;
use crate::world::{
    AMI_A, AMI_B, World, builder, consumer, consumers, desired, entry, plan_of, stack,
};

const WORKLOADS: &str = "workload_accounts.us-east-1.json";
const CONSUMER: &str = "222222222222";
const TRAINEE: &str = "333333333333";

fn kinds(plan: &Plan) -> Vec<&'static str> {
    plan.changes.iter().map(Change::kind).collect()
}

/// One recipe, shared with these accounts.
fn shared_with(ids: &[&str]) -> Desired {
    Desired {
        consumers: consumers(ids.iter().map(|id| consumer(id, &[])).collect()),
        ..desired()
    }
}

/// A world whose second consumer leaves, while the document that named it may have been deleted.
fn world_with(deleted: &[&str]) -> World {
    let mut world = settled(&shared_with(&[CONSUMER, TRAINEE]));
    world.deleted_documents = deleted.iter().map(ToString::to_string).collect();
    world
}

#[test]
fn a_plan_that_takes_access_waits_for_a_deleted_document() {
    let left = shared_with(&[CONSUMER]);
    for world in [world_with(&[]), world_with(&[WORKLOADS])] {
        let deleted = !world.deleted_documents.is_empty();
        for plan in [world.plan(&left), world.close_plan(&left)] {
            assert_eq!(plan.changes.is_empty(), deleted, "{plan}");
        }
    }
    let plan = world_with(&[WORKLOADS]).plan(&left).to_string();
    let waits = "waiting workload_accounts.us-east-1.json: workload_accounts.us-east-1.json is not in \
                 the document bucket; nothing is changed until it is\n";
    assert_eq!(plan, waits);
}

#[test]
fn a_plan_that_takes_no_access_does_not_look_for_deleted_documents() {
    let world = world_with(&[WORKLOADS]);
    let joined = Desired {
        recipes: vec![entry("110304", AMI_B)],
        ..shared_with(&[CONSUMER, TRAINEE])
    };
    assert_eq!(world.observe(&joined).deleted_documents, BTreeSet::new());
    assert!(!world.plan(&joined).changes.is_empty());
}

#[test]
fn an_image_is_published_by_one_function() {
    let wanted = shared_with(&[CONSUMER]);
    let mut world = World::new();
    world.run(&wanted);
    world.finish_builds();
    let (observed, stack) = (world.observe(&wanted), stack());
    let of = |publisher| {
        kinds(&plan(
            Index::new(&Wanted::new(&wanted, &stack), &observed).view(),
            publisher,
        ))
    };
    assert!(of(Publisher::Reconcile).contains(&"publish-image"));
    assert!(!of(Publisher::ImageEvents).contains(&"publish-image"));
    assert_eq!(
        Publisher::of_ended_image(&wanted, &stack),
        Publisher::ImageEvents
    );
    let mut expiring = wanted.clone();
    expiring.recipes[0].life.expiry = Some(90);
    assert_eq!(
        Publisher::of_ended_image(&expiring, &stack),
        Publisher::Reconcile
    );
    let copied = Desired {
        consumers: consumers(vec![builder("666666666666")]),
        ..wanted
    };
    assert_eq!(
        Publisher::of_ended_image(&copied, &stack),
        Publisher::Reconcile
    );
}

#[test]
fn a_build_that_cannot_be_started_keeps_nothing_from_its_pipeline() {
    let hard = |ami: &str| Desired {
        recipes: vec![entry("110304", ami)],
        consumers: consumers(vec![builder("666666666666")]),
        ..desired()
    };
    let mut world = World::with_a_hard_base();
    let wanted = hard(AMI_B);
    for _ in 0..12 {
        world.run_refusing(&wanted, |change| {
            matches!(&change.action, Action::PublishCopies(publish) if publish.tag == REBUILT_TAG)
        });
        world.finish_builds();
    }
    // A further recipe version needs a build, and the image of the one before is still to be published.
    let next = Desired {
        volumes: vec![Volume {
            size_gib: 40,
            ..wanted.volumes[0]
        }],
        ..hard(AMI_B)
    };
    let before = kinds(&plan_of(&next, &world.observe(&next)));
    assert!(before.contains(&"start-build"), "{before:?}");
    assert!(before.contains(&"publish-copies"), "{before:?}");

    world.run_refusing(&next, |change| change.starts().is_some());

    let after = world.pipeline("110304").tags.get(REBUILT_TAG);
    assert!(after.is_some_and(|tag| !tag.is_empty()), "{after:?}");
}

#[test]
fn a_start_provides_a_build_and_needs_its_pipeline() {
    let plan = World::new().plan(&desired());
    let start = plan
        .changes
        .iter()
        .find(|change| change.starts().is_some())
        .expect("a build");
    let pipeline = start.pipeline().expect("a pipeline").clone();
    assert_eq!(start.provides, Some(Resource::Build(pipeline.clone())));
    assert_eq!(start.needs, [Resource::Pipeline(pipeline)]);
}

#[test]
fn every_input_of_a_call_can_be_printed() {
    let plan = World::new().plan(&Desired {
        recipes: vec![entry("110304", AMI_A)],
        ..desired()
    });
    let (short, long) = (plan.to_string(), format!("{plan:#}"));
    assert_eq!(
        short.lines().count(),
        plan.changes.len() + plan.waiting.len() + plan.refused.len()
    );
    for change in &plan.changes {
        for (name, value) in change.inputs() {
            let line = format!("    {name}: {value}");
            assert!(long.contains(&line), "{line} is not in\n{long}");
        }
    }
    let start = plan
        .changes
        .iter()
        .find_map(Change::starts)
        .expect("a build");
    assert!(long.contains(&start.token) && !short.contains(&start.token));
}
