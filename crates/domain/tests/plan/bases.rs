//! Bases other than AMIs: parameters, Image Builder images, and other recipes of the documents.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::failure::FailureClass;
use goldsmith_domain::observed::{Depth, ImageState};
use goldsmith_domain::plan::Change;
use insta::assert_snapshot;
use jiff::SignedDuration;

use crate::plan::{plan, settled};
use crate::world::{
    AMI_A, AMI_B, World, based, desired, entry, on_recipe, parameter, parent_image, plan_of,
};

/// Documents with a child that comes before its parent.
fn family() -> Desired {
    let recipes = vec![based("web", on_recipe("base")), entry("base", AMI_A)];
    Desired {
        recipes,
        scheduled: Vec::new(),
        ..desired()
    }
}

fn parents(world: &World, wanted: &Desired) -> Vec<String> {
    let changes = world.plan(wanted).changes;
    changes
        .iter()
        .filter_map(Change::makes_recipe)
        .map(|create| create.parent.clone())
        .collect()
}

#[test]
fn a_parameter_and_an_image_are_named_as_they_are() {
    let recipes = vec![based("a", parameter()), based("b", parent_image())];
    let wanted = Desired {
        recipes,
        scheduled: Vec::new(),
        ..desired()
    };
    let image = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x";
    assert_eq!(
        parents(&World::new(), &wanted),
        ["ssm:/goldsmith/base", image]
    );
}

#[test]
fn a_child_waits_for_the_first_image_of_its_parent() {
    let mut world = World::new();
    assert_snapshot!(plan(&world, &family()), @r"
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    change  put-rule build
    change  create-infrastructure-configuration infrastructure-configuration/mstr-nonprod
    change  create-distribution-configuration distribution-configuration/mstr-nonprod-base
    change  create-component component/mstr-nonprod-harden/1.0.0/1
    change  create-recipe image-recipe/mstr-nonprod-base/1.0.0
    change  create-pipeline image-pipeline/mstr-nonprod-base
    change  start-build image-pipeline/mstr-nonprod-base
    change  put-bucket-policy the output bucket
    waiting web: it is built on base, which has no available image of version 1.0.0; it follows once there is an image to build on
    ");
    world.run(&family());
    world.finish_builds();
    assert_snapshot!(plan(&world, &family()), @r"
    change  create-distribution-configuration distribution-configuration/mstr-nonprod-web
    change  create-recipe image-recipe/mstr-nonprod-web/1.0.0
    change  create-pipeline image-pipeline/mstr-nonprod-web
    change  publish-image image/mstr-nonprod-base/1.0.0/1
    change  start-build image-pipeline/mstr-nonprod-web
    ");
    let image = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-base/1.0.0";
    assert_eq!(
        parents(&world, &family()),
        [image],
        "a version, of which the service takes the newest build"
    );
}

#[test]
fn a_changed_parent_gives_its_child_a_new_version_once_it_is_built() {
    let mut world = settled(&family());
    let mut wanted = family();
    wanted.recipes[1] = entry("base", AMI_B);
    assert_snapshot!(plan(&world, &wanted), @r"
    change  create-recipe image-recipe/mstr-nonprod-base/1.0.1
    change  update-pipeline image-pipeline/mstr-nonprod-base
    change  tag-pipeline image-pipeline/mstr-nonprod-base
    change  start-build image-pipeline/mstr-nonprod-base
    waiting web: it is built on base, which has no available image of version 1.0.1; it follows once there is an image to build on
    ");
    let dependents = world.review(&wanted).recipes[0].dependents.clone();
    assert_eq!(dependents, ["web".parse().expect("a name")]);
    world.run(&wanted);
    assert_eq!(
        world
            .pipeline("web")
            .recipe
            .as_ref()
            .map(|r| r.version().to_string()),
        Some("1.0.0".to_owned())
    );
    world.finish_builds();
    assert_snapshot!(plan(&world, &wanted), @r"
    change  create-recipe image-recipe/mstr-nonprod-web/1.0.1
    change  update-pipeline image-pipeline/mstr-nonprod-web
    change  tag-pipeline image-pipeline/mstr-nonprod-web
    change  publish-image image/mstr-nonprod-base/1.0.1/1
    change  start-build image-pipeline/mstr-nonprod-web
    ");
}

#[test]
fn a_grandchild_waits_for_its_own_parent() {
    let recipes = vec![
        based("c", on_recipe("b")),
        based("b", on_recipe("a")),
        entry("a", AMI_A),
    ];
    let wanted = Desired {
        recipes,
        scheduled: Vec::new(),
        ..desired()
    };
    let waiting = World::new().plan(&wanted).waiting;
    let told: Vec<String> = waiting
        .iter()
        .map(|(subject, why)| format!("{subject}: {why}"))
        .collect();
    assert_snapshot!(told.join("\n"), @r"
    b: it is built on a, which has no available image of version 1.0.0; it follows once there is an image to build on
    c: it is built on b, which waits for a itself; it follows once there is an image to build on
    ");
    let world = settled(&wanted);
    assert_eq!(world.images.len(), 3);
    let mut changed = wanted;
    changed.recipes[2] = entry("a", AMI_B);
    let dependents: Vec<_> = world.review(&changed).recipes[0]
        .dependents
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(dependents, ["b", "c"], "nearest first");
}

#[test]
fn a_refused_parent_refuses_nothing_else() {
    let mut wanted = family();
    wanted.recipes[1] = entry("base", "ami-0cccccccccccccccc");
    assert_snapshot!(plan(&settled(&family()), &wanted), @r"
    waiting web: it is built on base, which is refused (the base AMI ami-0cccccccccccccccc does not exist in this Region or is not shared with this account); it follows once there is an image to build on
    refused base: the base AMI ami-0cccccccccccccccc does not exist in this Region or is not shared with this account
    ");
}

#[test]
fn a_child_is_not_built_again_while_its_parent_has_no_image() {
    let mut world = settled(&family());
    world
        .images
        .iter_mut()
        .for_each(|image| image.state = ImageState::Retired);
    assert_snapshot!(plan(&world, &family()), @r"
    change  start-build image-pipeline/mstr-nonprod-base
    waiting web: it is built on base, which has no available image of version 1.0.0; it follows once there is an image to build on
    ");
}

#[test]
fn a_base_that_is_not_there_refuses_its_recipe() {
    let mut world = World::new();
    world.catalog.parameters.clear();
    world.catalog.parents.clear();
    let recipes = vec![based("a", parameter()), based("b", parent_image())];
    let wanted = Desired {
        recipes,
        scheduled: Vec::new(),
        ..desired()
    };
    let refused = |world: &World| {
        let refused = world.plan(&wanted).refused;
        refused
            .iter()
            .map(|(subject, why)| format!("{subject}: {why}"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(refused(&world), @r"
    a: the parameter /goldsmith/base gives no AMI id: it is missing in this account and Region, may not be read, is not of the type String, or has another value; `aws ssm get-parameter` shows which to whoever may read it
    b: arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x is no available image with an AMI in this Region that this account may use
    ");
}

/// A world whose recipe is built on a parameter, which means a newer AMI since.
fn moved() -> (Desired, World) {
    let wanted = Desired {
        recipes: vec![based("a", parameter())],
        scheduled: Vec::new(),
        ..desired()
    };
    let mut world = settled(&wanted);
    let began = world.images[0].created.expect("a time");
    let made = began.checked_add(SignedDuration::from_hours(1)).ok();
    for base in world.catalog.base_amis.values_mut() {
        base.provenance.created = made;
    }
    world.time = began
        .checked_add(SignedDuration::from_hours(2))
        .expect("a time");
    (wanted, world)
}

#[test]
fn a_base_that_has_moved_is_reported_and_built_on_at_once_only_if_the_environment_says_so() {
    let (mut wanted, mut world) = moved();
    assert!(plan(&world, &wanted).is_empty(), "lists do not show it");
    let look = |world: &World, wanted: &Desired| {
        let observed = world.observe_to(wanted, Depth::Content);
        let plan = plan_of(wanted, &observed);
        crate::plan::short(&plan.to_string())
    };
    assert_snapshot!(look(&world, &wanted), @"waiting a: its base is ami-0aaaaaaaaaaaaaaaa by now, which was made at 2026-01-01T01:00:00Z; the next build has it");
    wanted.rebuild_on_new_base = true;
    assert_snapshot!(look(&world, &wanted), @"
    change  start-build image-pipeline/mstr-nonprod-a
    waiting a: its base is ami-0aaaaaaaaaaaaaaaa by now, which was made at 2026-01-01T01:00:00Z; it is built again
    ");
    let planned = plan_of(&wanted, &world.observe_to(&wanted, Depth::Content));
    for change in &planned.changes {
        world.make(change);
    }
    assert!(
        !look(&world, &wanted).contains("its base"),
        "the build that runs has it"
    );
    let newest = world.images.last_mut().expect("a build");
    newest.state = ImageState::Failed;
    let again = look(&world, &wanted);
    assert!(
        !again.contains("its base"),
        "one build for one base: {again}"
    );
}

#[test]
fn a_build_that_is_made_once_more_has_the_new_base_and_is_one() {
    let (mut wanted, mut world) = moved();
    wanted.rebuild_on_new_base = true;
    let newest = world.images.last_mut().expect("a build");
    newest.state = ImageState::Failed;
    newest.failure = Some(FailureClass::Retryable);
    let planned = plan_of(&wanted, &world.observe_to(&wanted, Depth::Content));
    let starts = planned.changes.iter().filter_map(Change::starts).count();
    assert_eq!(starts, 1, "{planned}");
}

#[test]
fn nothing_is_built_on_a_base_whose_owner_is_not_allowed() {
    let (mut wanted, mut world) = moved();
    wanted.rebuild_on_new_base = true;
    for base in world.catalog.base_amis.values_mut() {
        base.provenance.account = "999999999999".parse().ok();
        base.provenance.alias = None;
    }
    let observed = world.observe_to(&wanted, Depth::Content);
    let starts = plan_of(&wanted, &observed).changes;
    assert!(starts.is_empty(), "{starts:?}");
}
