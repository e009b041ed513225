//! Images that cannot be copied into another account: told before the build, never tried, and asked for
//! once at most.

use std::collections::BTreeSet;

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::{BaseImage, Desired};
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{BaseAmi, Depth, ImageState, ProductCode};
use goldsmith_domain::plan::{Action, Index, LICENCE_TAG, Plan, Refused, requirements};
use goldsmith_domain::resources::Wanted;
use insta::assert_snapshot;

use crate::plan::{plan, settled};
use crate::world::{
    AMI_A, AMI_B, World, based, consumer, consumers, desired, entry, on_recipe, parameter,
    parent_image, stack,
};

const TAKER: &str = "444444444444";

pub(super) fn copied(account: &str) -> Account {
    Account {
        serve: DeliveryMode::Copy,
        ..consumer(account, &[])
    }
}

/// One recipe, one account that it is shared with, and one that gets copies.
pub(super) fn wanted() -> Desired {
    let accounts = vec![consumer("222222222222", &[]), copied(TAKER)];
    Desired {
        recipes: vec![entry("110304", AMI_A)],
        consumers: consumers(accounts),
        ..desired()
    }
}

/// Base AMI A is Red Hat's, billed with the instance.
pub(super) fn red_hat() -> World {
    let mut world = World::new();
    let base = base(&mut world, AMI_A);
    "Red Hat Enterprise Linux".clone_into(&mut base.platform_details);
    "RunInstances:0010".clone_into(&mut base.usage_operation);
    world
}

pub(super) fn base<'w>(world: &'w mut World, ami: &str) -> &'w mut BaseAmi {
    let ami: AmiId = ami.parse().expect("an AMI");
    world.catalog.base_amis.get_mut(&ami).expect("a base AMI")
}

/// The accounts that get no copies of a recipe because of its licence.
pub(super) fn barred(plan: &Plan) -> BTreeSet<(String, String)> {
    let barred = plan.refused.iter().filter_map(|(recipe, why)| {
        if let Refused::Licence(account, _) = why {
            Some((recipe.clone(), account.to_string()))
        } else {
            None
        }
    });
    barred.collect()
}

fn only_taker() -> BTreeSet<(String, String)> {
    [("110304".to_owned(), TAKER.to_owned())].into()
}

fn tries_copies(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| {
        matches!(
            change.action,
            Action::DistributeImage(_) | Action::RetryImage(_)
        )
    })
}

/// What a run asks our own AMIs.
fn asked(world: &World, wanted: &Desired) -> usize {
    let observed = world.observe(wanted);
    let stack = stack();
    let required = requirements(
        Index::new(&Wanted::new(wanted, &stack), &observed).view(),
        Depth::Digest,
    );
    required.licences.len()
}

#[test]
fn an_impossible_copy_is_reported_before_the_build() {
    let plan = red_hat().plan(&wanted());
    assert_eq!(barred(&plan), only_taker());
    assert!(
        plan.changes.iter().any(|change| change.starts().is_some()),
        "it is built all the same: {plan}"
    );
    let (_, refused) = &plan.refused[0];
    assert_snapshot!(refused, @r#"account 444444444444 gets no copy of this recipe's image; none is tried, and other accounts are not affected: the image is Red Hat Enterprise Linux (RunInstances:0010), and nothing says that an AMI whose licence is billed with the instance can be copied into another account, which earlier editions of the user guide rule out (EC2 user guide, CopyingAMIs); say `"serve": "share"` for the account, or `"workload-accounts": "share"` for all workload accounts; or say `rebuild` for the account, with a role, an instance profile and its own `kms-keys`, to have the image built again there (launch it there and make an AMI of the instance)"#);
    assert_eq!(refused.kind(), "licence");
}

#[test]
fn a_share_consumer_is_served_and_no_copy_is_ever_tried() {
    let wanted = wanted();
    let mut world = red_hat();
    for _ in 0..6 {
        let plan = world.plan(&wanted);
        assert!(!tries_copies(&plan), "{plan}");
        assert_eq!(barred(&plan), only_taker(), "every run tells it");
        assert_eq!(asked(&world, &wanted), 0, "the tag tells");
        world.run(&wanted);
        world.finish_builds();
    }
    assert!(
        world
            .pipeline("110304")
            .tags
            .contains_key("goldsmith:published")
    );
    let shared: Vec<_> = world
        .amis
        .iter()
        .flat_map(|ami| &ami.shared.accounts)
        .map(ToString::to_string)
        .collect();
    assert_eq!(shared, ["222222222222"]);
    assert!(
        world
            .distributions
            .iter()
            .all(|one| !one.arn.contains("-copies-"))
    );
    assert_eq!(
        world.plan(&wanted).changes,
        [],
        "a second run changes nothing"
    );
    assert_eq!(
        world.close_plan(&wanted).changes,
        [],
        "neither does the hourly one"
    );
    assert!(
        !Index::new(&Wanted::new(&wanted, &stack()), &world.observe(&wanted))
            .view()
            .needs_catalog(),
        "and no base AMI is read for it"
    );
}

#[test]
fn one_hard_recipe_does_not_delay_the_other_recipes() {
    let wanted = Desired {
        recipes: vec![entry("110304", AMI_A), entry("110302", AMI_B)],
        ..wanted()
    };
    let mut world = red_hat();
    world.settle(&wanted);
    assert_eq!(barred(&world.plan(&wanted)), only_taker());
    let copies: Vec<_> = world
        .images
        .iter()
        .flat_map(|image| &image.copies)
        .collect();
    assert_eq!(copies.len(), 1, "of the other recipe: {copies:?}");
    assert_eq!(world.plan(&wanted).changes, []);
}

#[test]
fn a_marketplace_product_prevents_copies_and_the_reason_names_the_subscription() {
    let mut world = World::new();
    base(&mut world, AMI_A).product_codes = vec![ProductCode {
        id: "abc123".to_owned(),
        kind: "marketplace".to_owned(),
    }];
    let review = world.review(&wanted());
    assert!(
        review
            .notes
            .iter()
            .any(|note| note.contains("needs a subscription")),
        "{:?}",
        review.notes
    );
    let [refused] = review.refused.as_slice() else {
        panic!("{:?}", review.refused)
    };
    assert_eq!(
        (refused.kind.as_str(), refused.target.as_str()),
        ("licence", "110304")
    );
    assert!(
        refused
            .reason
            .as_ref()
            .is_some_and(|reason| reason.contains(TAKER)),
        "{refused}"
    );
    world.settle(&wanted());
    assert_eq!(
        (
            barred(&world.plan(&wanted())),
            world.plan(&wanted()).changes
        ),
        (only_taker(), Vec::new())
    );
}

/// A parameter, an image of Image Builder's, and a recipe on a hard one: each inherits.
#[test]
fn whatever_leads_to_a_hard_base_is_hard() {
    for kind in [
        parameter(),
        BaseImage::Ami(AMI_A.parse().expect("an AMI")),
        parent_image(),
    ] {
        let mut world = red_hat();
        *base(&mut world, AMI_B) = base(&mut world, AMI_A).clone();
        let recipes = vec![based("110304", kind), based("child", on_recipe("110304"))];
        let wanted = Desired {
            recipes,
            ..wanted()
        };
        assert_eq!(
            barred(&world.plan(&wanted)),
            only_taker(),
            "the child is not looked at before its parent"
        );
        world.settle(&wanted);
        let both = ["110304", "child"]
            .map(|recipe| (recipe.to_owned(), TAKER.to_owned()))
            .into();
        let plan = world.plan(&wanted);
        assert_eq!((barred(&plan), plan.changes), (both, Vec::new()));
    }
}

/// A world of an earlier release has no such tags: the image's own AMI tells, once.
#[test]
fn without_a_tag_the_images_own_ami_is_asked_once() {
    let shared = Desired {
        consumers: consumers(vec![consumer("222222222222", &[])]),
        ..wanted()
    };
    let mut world = red_hat();
    world.settle(&shared);
    world.pipelines[0].tags.remove(LICENCE_TAG);
    assert_eq!(asked(&world, &shared), 0, "nobody wants a copy");
    // Its base may be gone by then.
    world
        .catalog
        .base_amis
        .remove(&AMI_A.parse::<AmiId>().expect("an AMI"));
    let wanted = wanted();
    assert_eq!(asked(&world, &wanted), 1);
    assert_snapshot!(plan(&world, &wanted), @r#"
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    change  tag-pipeline image-pipeline/mstr-nonprod-110304
    change  put-bucket-policy the output bucket
    refused 110304: account 444444444444 gets no copy of this recipe's image; none is tried, and other accounts are not affected: the image is Red Hat Enterprise Linux (RunInstances:0010), and nothing says that an AMI whose licence is billed with the instance can be copied into another account, which earlier editions of the user guide rule out (EC2 user guide, CopyingAMIs); say `"serve": "share"` for the account, or `"workload-accounts": "share"` for all workload accounts; or say `rebuild` for the account, with a role, an instance profile and its own `kms-keys`, to have the image built again there (launch it there and make an AMI of the instance)
    "#);
    world.run(&wanted);
    assert_eq!(asked(&world, &wanted), 0);
    let plan = world.plan(&wanted);
    assert_eq!((barred(&plan), plan.changes), (only_taker(), Vec::new()));
}

#[test]
fn an_image_that_is_gone_is_not_copied() {
    let shared = Desired {
        consumers: consumers(vec![consumer("222222222222", &[])]),
        ..wanted()
    };
    let mut world = settled(&shared);
    world.pipelines[0].tags.remove(LICENCE_TAG);
    world.catalog.base_amis.clear();
    let wanted = wanted();
    world.run(&wanted);
    let plan = world.plan(&wanted);
    assert_eq!((barred(&plan), plan.changes), (only_taker(), Vec::new()));
    assert_eq!(asked(&world, &wanted), 1, "it may be seen again");
}

/// A version that comes back has another licence than the one that the tag tells.
#[test]
fn a_tag_of_another_version_proves_nothing() {
    let free = Desired {
        recipes: vec![entry("110304", AMI_B)],
        ..wanted()
    };
    let mut world = red_hat();
    world.settle(&wanted());
    world.settle(&free);
    assert_eq!(barred(&world.plan(&free)), BTreeSet::new());
    world
        .catalog
        .base_amis
        .remove(&AMI_A.parse::<AmiId>().expect("an AMI"));
    for _ in 0..4 {
        assert!(
            !tries_copies(&world.plan(&wanted())),
            "{}",
            world.plan(&wanted())
        );
        world.run(&wanted());
    }
    let plan = world.plan(&wanted());
    assert_eq!((barred(&plan), plan.changes), (only_taker(), Vec::new()));
}

#[test]
fn a_parameter_that_leads_elsewhere_is_noticed_by_the_hourly_run() {
    let wanted = Desired {
        recipes: vec![based("110304", parameter())],
        ..wanted()
    };
    let mut world = World::new();
    world.settle(&wanted);
    assert_eq!(barred(&world.plan(&wanted)), BTreeSet::new());
    let red_hat = base(&mut red_hat(), AMI_A).clone();
    *base(&mut world, AMI_A) = red_hat;
    world.run_closely(&wanted);
    let tag = &world.pipeline("110304").tags[LICENCE_TAG];
    assert_eq!(
        tag,
        "1.0.0/RunInstances:0010/Linux//Red Hat Enterprise Linux"
    );
    assert_eq!(
        barred(&world.plan(&wanted)),
        BTreeSet::new(),
        "the copy that is there stays"
    );
}

/// What an earlier release had begun is not tried again.
#[test]
fn a_copy_that_failed_is_not_tried_again() {
    let mut world = World::new();
    let wanted = wanted();
    world.run(&wanted);
    world.finish_builds();
    world.run(&wanted);
    world.fail_copies(TAKER);
    assert!(
        tries_copies(&world.plan(&wanted)),
        "as long as it is thought possible"
    );
    world.pipelines[0].tags.insert(
        LICENCE_TAG.to_owned(),
        "1.0.0/RunInstances:000g/Linux//SUSE Linux".to_owned(),
    );
    let plan = world.plan(&wanted);
    assert!(
        !tries_copies(&plan) && barred(&plan) == only_taker(),
        "{plan}"
    );
    world.run(&wanted);
    assert!(
        world
            .images
            .iter()
            .any(|image| image.state == ImageState::Failed)
    );
    assert!(
        world
            .distributions
            .iter()
            .all(|one| !one.arn.contains("-copies-")),
        "what was made for it is gone"
    );
    assert_eq!(world.plan(&wanted).changes, []);
}
