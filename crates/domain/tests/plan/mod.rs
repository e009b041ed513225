//! The planner's decisions, and what it tells of them.

mod bases;
mod decisions;
mod delivery;
mod drift;
mod hard;
mod joining;
mod leftovers;
mod moving;
mod preflight;
mod rebuild;
mod review;

use crate::world::World;
use goldsmith_domain::desired::Desired;

/// A world in which nothing is left to do.
fn settled(desired: &Desired) -> World {
    let mut world = World::new();
    world.settle(desired);
    world
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
