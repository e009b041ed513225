//! Images that cannot be copied and are built again in an account: how each state goes on, what is published,
//! and that nothing is looked at once all of it is done.

use goldsmith_domain::consumers::Account;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::ImageState;
use goldsmith_domain::plan::{
    Action, CleanUpRebuild, Plan, PublishCopies, REBUILDING_TAG, REBUILT_TAG, RebuildImage,
    Refused, Resource, Waiting,
};

use crate::plan::rebuilds_to_observe;
use crate::world::{AMI_B, World, builder, consumer, consumers, desired, entry, stack};

pub(super) const BUILDER: &str = "666666666666";
pub(super) const OTHER: &str = "777777777777";

/// One recipe on the base that cannot be copied.
pub(super) fn wanted(accounts: Vec<Account>) -> Desired {
    Desired {
        recipes: vec![entry("110304", AMI_B)],
        consumers: consumers(accounts),
        ..desired()
    }
}

pub(super) fn rebuilds(plan: &Plan) -> Vec<&RebuildImage> {
    let found = plan.changes.iter();
    found
        .filter_map(|change| {
            if let Action::Rebuild(one) = &change.action {
                Some(&**one)
            } else {
                None
            }
        })
        .collect()
}

pub(super) fn publishes(plan: &Plan) -> Vec<&PublishCopies> {
    let found = plan.changes.iter();
    found
        .filter_map(|change| {
            if let Action::PublishCopies(one) = &change.action {
                Some(one)
            } else {
                None
            }
        })
        .collect()
}

pub(super) fn clean_ups(plan: &Plan) -> Vec<&CleanUpRebuild> {
    let found = plan.changes.iter();
    found
        .filter_map(|change| {
            if let Action::CleanUpRebuild(one) = &change.action {
                Some(one)
            } else {
                None
            }
        })
        .collect()
}

pub(super) fn position(plan: &Plan, kind: &str) -> usize {
    plan.changes
        .iter()
        .position(|change| change.kind() == kind)
        .unwrap_or_else(|| panic!("no {kind}: {plan}"))
}

/// What the changes of a plan provide.
pub(super) fn provides(plan: &Plan) -> Vec<&Resource> {
    let changes = plan.changes.iter();
    changes
        .filter_map(|change| change.provides.as_ref())
        .collect()
}

/// How many accounts a run looks into.
pub(super) fn looked_into(world: &World, wanted: &Desired) -> usize {
    rebuilds_to_observe(world, wanted).places.len()
}

/// The world in which our image is built.
pub(super) fn built(wanted: &Desired) -> World {
    let mut world = World::with_a_hard_base();
    let plan = world.plan(wanted);
    assert!(
        plan.refused.is_empty() && rebuilds(&plan).is_empty(),
        "{plan}"
    );
    world.run(wanted);
    world.finish_builds();
    world
}

#[test]
fn an_image_is_built_again_on_ours_under_the_accounts_key() {
    let wanted = wanted(vec![builder(BUILDER)]);
    let world = built(&wanted);
    let plan = world.plan(&wanted);
    let [rebuild] = rebuilds(&plan).try_into().expect("one");
    let image = &world.images[0];
    assert_eq!(
        rebuild.recipe.parent,
        image.amis[&stack().region].to_string()
    );
    let devices: Vec<_> = rebuild
        .recipe
        .devices
        .iter()
        .map(|one| (one.name.as_str(), one.size_gib))
        .collect();
    assert_eq!(devices, [("/dev/xvda", 30)], "as the document has it");
    let key = format!("arn:aws:kms:us-east-1:{BUILDER}:key/11111111-2222-4333-8444-0000000000aa");
    assert!(
        rebuild
            .recipe
            .devices
            .iter()
            .all(|device| device.key.as_str() == key)
    );
    assert!(
        rebuild.recipe.components.is_empty(),
        "everything has been run"
    );
    let arns = [
        rebuild.recipe.arn.to_string(),
        rebuild.infrastructure.arn.clone(),
        rebuild.distribution.arn.clone(),
    ];
    let series = format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:");
    assert!(
        arns.iter()
            .all(|arn| arn.starts_with(&series) && arn.contains("/mstr-nonprod-110304-rebuild-")),
        "{arns:?}"
    );
    let infrastructure = &rebuild.infrastructure.content;
    assert_eq!(infrastructure.instance_profile, "goldsmith-nonprod-rebuild");
    assert_eq!(infrastructure.instance_types, ["m6i.large"]);
    let regions = &rebuild.distribution.content.regions;
    let here = &regions[&stack().region];
    assert!(
        regions.len() == 1 && here.kms_key.is_none() && here.shared_with.is_empty(),
        "{regions:?}"
    );
    assert!(here.ami_name.starts_with("mstr-nonprod-110304 ") && here.ami_tags["Owner"] == "ccoe");
    assert!(
        matches!(plan.waiting.as_slice(), [(recipe, Waiting::Rebuild { .. })] if recipe == "110304"),
        "{plan}"
    );
    assert!(plan.refused.is_empty(), "{plan}");
}

/// The account joins when the image is there: it has to be let in before it builds.
#[test]
fn a_joining_consumer_may_launch_our_image_before_it_rebuilds() {
    let before = wanted(vec![consumer("222222222222", &[])]);
    let mut world = World::with_a_hard_base();
    world.settle(&before);
    let after = wanted(vec![consumer("222222222222", &[]), builder(BUILDER)]);
    let plan = world.plan(&after);
    assert_eq!(rebuilds(&plan).len(), 1, "{plan}");
    assert!(position(&plan, "put-key-policy") < position(&plan, "rebuild-image"));
    assert!(position(&plan, "share-ami") < position(&plan, "rebuild-image"));
    let needs = &plan.changes[position(&plan, "rebuild-image")].needs;
    let given = |need: &&Resource| {
        matches!(
            need,
            Resource::KeyAccess(_) | Resource::LaunchPermissions(..)
        )
    };
    let given: Vec<&Resource> = needs.iter().filter(given).collect();
    assert_eq!(given.len(), 2, "{needs:?}");
    assert!(
        given.iter().all(|need| provides(&plan).contains(need)),
        "{plan}"
    );
}

#[test]
fn what_we_publish_does_not_wait_for_the_account() {
    let wanted = wanted(vec![builder(BUILDER)]);
    let mut world = built(&wanted);
    world.run(&wanted);
    assert!(
        world
            .pipeline("110304")
            .tags
            .contains_key("goldsmith:published")
    );
    let plan = world.plan(&wanted);
    assert_eq!(plan.changes, [], "it is being built");
    let [(_, Waiting::Rebuild { state, .. })] = plan.waiting.as_slice() else {
        panic!("{plan}")
    };
    assert_eq!(state, "BUILDING");
}

#[test]
fn what_is_built_is_published_as_a_copy_and_cleaned_up_and_looked_at_no_more() {
    let wanted = wanted(vec![builder(BUILDER)]);
    let mut world = built(&wanted);
    world.run(&wanted);
    world.finish_builds();
    let ours = world.there(BUILDER).clone();
    let plan = world.plan(&wanted);
    let [publish] = publishes(&plan).try_into().expect("one");
    let ami = &ours.images[0].amis[&stack().region];
    let published: Vec<_> = publish
        .copies
        .iter()
        .map(|one| (one.copy.target.account.as_str(), &one.copy.ami))
        .collect();
    assert_eq!(
        (published, publish.tag),
        (vec![(BUILDER, ami)], REBUILT_TAG)
    );
    assert_eq!(
        publish.image, world.images[0].arn,
        "under the build of ours"
    );
    let [clean_up] = clean_ups(&plan).try_into().expect("one");
    assert_eq!(
        clean_up.arns.len(),
        3,
        "recipe, infrastructure and distribution configuration"
    );
    let last = plan.changes.last().expect("a change");
    let Action::TagPipeline(tag) = &last.action else {
        panic!("{plan}")
    };
    assert_eq!(tag.tags[REBUILDING_TAG], "", "nothing is left there");
    let clean = |need: &&Resource| matches!(need, Resource::CleanPlace { .. });
    let clean: Vec<&Resource> = last.needs.iter().filter(clean).collect();
    assert!(
        clean.len() == 1 && provides(&plan).contains(&clean[0]),
        "{plan:#}"
    );
    world.run(&wanted);
    let there = world.there(BUILDER);
    assert!(there.resources.is_empty() && there.images[0].state == ImageState::Available);
    for plan in [world.plan(&wanted), world.close_plan(&wanted)] {
        assert!(
            plan.changes.is_empty() && plan.waiting.is_empty() && plan.refused.is_empty(),
            "{plan}"
        );
    }
    assert_eq!(looked_into(&world, &wanted), 0);
}

#[test]
fn without_a_rebuild_role_nothing_is_built_and_the_report_names_the_way() {
    let wanted = wanted(vec![
        Account {
            rebuild: None,
            ..builder(BUILDER)
        },
        builder(OTHER),
    ]);
    let mut world = built_for_one(&wanted);
    let plan = world.plan(&wanted);
    assert_eq!(
        rebuilds(&plan)
            .iter()
            .map(|one| one.account.as_str())
            .collect::<Vec<_>>(),
        [OTHER]
    );
    let [(_, Refused::Licence(account, barrier))] = plan.refused.as_slice() else {
        panic!("{plan}")
    };
    assert!(
        account.as_str() == BUILDER
            && barrier
                .to_string()
                .contains("or say `rebuild` for the account")
    );
    world.settle(&wanted);
    assert_eq!(world.plan(&wanted).changes, []);
}

fn built_for_one(wanted: &Desired) -> World {
    let mut world = World::with_a_hard_base();
    world.run(wanted);
    world.finish_builds();
    world
}

/// What can be copied is copied.
#[test]
fn an_image_that_can_be_copied_is_not_built_again() {
    let wanted = Desired {
        recipes: vec![entry("110304", crate::world::AMI_A)],
        ..wanted(vec![builder(BUILDER)])
    };
    let mut world = World::with_a_hard_base();
    world.settle(&wanted);
    let copies: Vec<_> = world
        .images
        .iter()
        .flat_map(|image| &image.copies)
        .collect();
    assert_eq!((copies.len(), world.elsewhere.len()), (1, 0), "{copies:?}");
    assert_eq!(looked_into(&world, &wanted), 0);
}
