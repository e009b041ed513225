//! The declaration of Sysprep: where it is reported, and where it stops nothing.

use goldsmith_domain::desired::{Desired, Platform};
use goldsmith_domain::plan::{Plan, Refused};

use super::copy_eligibility::{base, wanted};
use crate::world::{AMI_A, AMI_B, World, entry};

#[test]
fn sysprep_is_reported_where_a_windows_image_would_be_rebuilt() {
    let mut world = World::new();
    let base = base(&mut world, AMI_A);
    base.platform = Platform::Windows;
    "Windows".clone_into(&mut base.platform_details);
    "RunInstances:0002".clone_into(&mut base.usage_operation);
    let generalized = Desired {
        sysprep: Some(true),
        build_components: Vec::new(),
        ..wanted()
    };
    let told = world.plan(&generalized).to_string();
    assert!(
        told.contains("generalize the instance with Sysprep once more"),
        "{told}"
    );
}

#[test]
fn sysprep_without_a_windows_image_is_reported_in_every_run_and_blocks_nothing() {
    let linux = Desired {
        sysprep: Some(true),
        ..wanted()
    };
    let told = |plan: &Plan| plan.refused.iter().any(|(_, why)| *why == Refused::Sysprep);
    let mut world = World::new();
    let plan = world.plan(&linux);
    assert!(
        told(&plan) && plan.changes.iter().any(|change| change.starts().is_some()),
        "{plan}"
    );
    world.settle(&linux);
    let plan = world.plan(&linux);
    assert!(told(&plan) && plan.changes.is_empty(), "{plan}");
    assert!(!told(&world.plan(&wanted())), "it is not declared");
    let mixed = Desired {
        recipes: vec![entry("110304", AMI_A), entry("110302", AMI_B)],
        ..linux
    };
    base(&mut world, AMI_B).platform = Platform::Windows;
    assert!(!told(&world.plan(&mixed)), "one of them may well have it");
    let nothing = Desired {
        recipes: Vec::new(),
        ..mixed
    };
    assert!(!told(&world.plan(&nothing)));
}
