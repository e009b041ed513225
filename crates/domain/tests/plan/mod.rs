//! The planner's decisions, and what it tells of them.

mod bases;
mod builds;
mod by_hand;
mod copy_eligibility;
mod decisions;
mod delivery;
mod drift;
mod failures;
mod forged;
mod health;
mod joining;
mod kept_instances;
mod labels;
mod leftovers;
mod owners;
mod parameters;
mod preflight;
mod promotion;
mod proof;
mod publications;
mod rebuild;
mod rebuild_attempts;
mod rejected;
mod review;
mod reviewed;
mod reviewed_fields;
mod scans;
mod schedule_review;
mod sysprep;
mod transition;
mod turns;
mod unreadable;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Index, RebuildsToObserve, requirements};
use goldsmith_domain::resources::Wanted;

use crate::world::{World, stack};

/// A world in which nothing is left to do.
fn settled(desired: &Desired) -> World {
    let mut world = World::new();
    world.settle(desired);
    world
}

/// What a run looks at for images that are built again.
fn rebuilds_to_observe(world: &World, desired: &Desired) -> RebuildsToObserve {
    let (observed, stack) = (world.observe(desired), stack());
    requirements(
        Index::new(&Wanted::new(desired, &stack), &observed).view(),
        Depth::Digest,
    )
    .rebuilds
}

/// The plan with the ARN heads cut, so that a line reads.
fn plan(world: &World, desired: &Desired) -> String {
    let text = world.plan(desired).to_string();
    short(&text)
}

fn short(text: &str) -> String {
    text.replace("arn:aws:imagebuilder:us-east-1:111122223333:", "")
        .replace("arn:aws:kms:us-east-1:111122223333:", "")
}
