//! Who joins at a bad moment: while a key cannot be opened, and while the current version has no image.

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::{Desired, RegionSettings};
use goldsmith_domain::names::{AccountId, Region};
use goldsmith_domain::observed::{FailedTarget, Image, ImageState, Observed};
use goldsmith_domain::plan::{Change, REBUILT_TAG, Refused, Waiting};

use crate::world::{AMI_A, AMI_B, World, builder, consumer, consumers, desired, entry, plan_of};

const JOINER: &str = "444444444444";
const BUILDER: &str = "666666666666";
/// A statement of a role that is gone: KMS takes no policy with it (KMS developer guide, "Key policies").
const STALE: &str = r#"{"Sid":"Old","Effect":"Allow","Principal":{"AWS":"AROAEXAMPLE"},"Action":"kms:*","Resource":"*"}"#;

fn with(base: &str, accounts: Vec<Account>) -> Desired {
    Desired {
        recipes: vec![entry("110304", base)],
        consumers: consumers(accounts),
        ..desired()
    }
}

fn copied() -> Account {
    Account {
        serve: DeliveryMode::Copy,
        ..consumer(JOINER, &[])
    }
}

fn kinds(world: &World, wanted: &Desired) -> Vec<&'static str> {
    world
        .plan(wanted)
        .changes
        .iter()
        .map(Change::kind)
        .collect()
}

fn copies(world: &World) -> usize {
    world.images.iter().map(|image| image.copies.len()).sum()
}

/// The world in which a key takes no other policy.
fn stuck(world: &mut World) {
    world.key_policy = world.key_policy.replacen("[{", &format!("[{STALE},{{"), 1);
}

fn mend(world: &mut World) {
    world.key_policy = world.key_policy.replacen(&format!("{STALE},"), "", 1);
}

#[test]
fn no_account_gets_a_copy_before_it_has_key_access_and_no_other_account_waits() {
    let mut world = World::new();
    world.settle(&with(AMI_A, vec![]));
    stuck(&mut world);
    let wanted = with(AMI_A, vec![copied()]);
    for _ in 0..6 {
        let plan = world.plan(&wanted);
        assert!(
            plan.refused
                .iter()
                .any(|(_, why)| matches!(why, Refused::KeyPolicy(_))),
            "{plan}"
        );
        assert!(
            plan.waiting
                .iter()
                .any(|(_, why)| matches!(why, Waiting::ClosedKey { .. })),
            "{plan}"
        );
        world.run(&wanted);
        world.fail_copies(JOINER);
    }
    assert_eq!(world.images.len(), 1, "no distribution was tried");
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    world.finish_builds();
    assert!(
        kinds(&world, &wanted).contains(&"publish-image"),
        "the next image is published for the others"
    );

    mend(&mut world);
    world.settle(&wanted);
    assert_eq!(copies(&world), 1, "of the image that is current");
    assert_eq!(world.plan(&wanted).changes, []);
}

#[test]
fn no_account_rebuilds_before_it_has_key_access() {
    let mut world = World::with_a_hard_base();
    world.settle(&with(AMI_B, vec![]));
    stuck(&mut world);
    let wanted = with(AMI_B, vec![builder(BUILDER)]);
    for _ in 0..3 {
        world.run(&wanted);
        world.fail_rebuilds();
    }
    assert!(
        world
            .elsewhere
            .values()
            .all(|there| there.images.is_empty()),
        "{:?}",
        world.elsewhere
    );
    mend(&mut world);
    world.settle(&wanted);
    let account: AccountId = BUILDER.parse().expect("an account");
    assert!(world.has_rebuilt(&world.images[0], &account));
}

#[test]
fn a_key_policy_that_every_run_fails_to_write_withholds_copies_only_from_joining_consumers() {
    let standing = Account {
        id: "555555555555".parse().expect("an account"),
        ..copied()
    };
    let mut world = World::new();
    world.settle(&with(AMI_A, vec![standing.clone()]));
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    world.finish_builds();
    let next = world.images.last().expect("an image").arn.clone();
    let wanted = with(AMI_A, vec![standing, copied()]);
    for _ in 0..4 {
        world.run_refusing(&wanted, |change| change.puts_key_policy().is_some());
        world.finish_builds();
    }
    let of_next: Vec<String> = world
        .images
        .iter()
        .filter(|image| image.tags.get("goldsmith:copies-of") == Some(&next.to_string()))
        .flat_map(|image| &image.copies)
        .map(|copy| copy.target.account.to_string())
        .collect();
    assert_eq!(of_next, ["555555555555"]);
    assert_eq!(
        world.pipeline("110304").tags["goldsmith:published"],
        next.to_string()
    );
    world.settle(&wanted);
    assert_eq!(copies(&world), 3, "the first, the next one, and who joined");
}

/// Who launches is one thing, who makes the copy another.
#[test]
fn a_role_without_key_access_does_not_withhold_the_copy_of_its_account() {
    let with_roles = |roles: &[&str]| {
        let roles: Vec<String> = roles
            .iter()
            .map(|name| format!("arn:aws:iam::{JOINER}:role/{name}"))
            .collect();
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        with(
            AMI_A,
            vec![Account {
                serve: DeliveryMode::Copy,
                ..consumer(JOINER, &roles)
            }],
        )
    };
    let mut world = World::new();
    world.settle(&with_roles(&["launch"]));
    stuck(&mut world);
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    world.finish_builds();
    assert!(kinds(&world, &with_roles(&["launch", "more"])).contains(&"distribute-image"));
}

/// The policy of a further Region's key may be closed to us, and somebody else keeps it.
#[test]
fn a_key_whose_policy_cannot_be_read_blocks_no_copies() {
    let region: Region = "eu-west-1".parse().expect("a Region");
    let key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678"
        .parse()
        .ok();
    let mut wanted = with(
        AMI_A,
        vec![Account {
            regions: [region.clone()].into(),
            ..copied()
        }],
    );
    wanted.regions.insert(
        region,
        RegionSettings {
            kms_key: key,
            ..RegionSettings::default()
        },
    );
    let mut world = World::new();
    world.run(&wanted);
    world.finish_builds();
    let observed = Observed {
        further_key_policies: [].into(),
        ..world.observe(&wanted)
    };
    let plan = plan_of(&wanted, &observed);
    assert!(
        plan.changes
            .iter()
            .any(|change| change.kind() == "distribute-image"),
        "{plan}"
    );
}

/// The newest version is being built, or its build failed: the image before it is published and current.
#[test]
fn a_consumer_that_joins_before_the_next_image_gets_the_published_one() {
    let before = with(AMI_A, vec![]);
    for fails in [false, true] {
        let mut world = World::new();
        world.settle(&before);
        let next = |accounts| Desired {
            recipes: vec![entry("110304", AMI_B)],
            ..with(AMI_A, accounts)
        };
        world.run(&next(vec![]));
        let newest = world.images.last_mut().expect("an image");
        if fails {
            newest.state = ImageState::Failed;
        }
        let running = newest.arn.clone();
        let wanted = next(vec![copied(), consumer("222222222222", &[])]);
        for _ in 0..3 {
            world.run_closely(&wanted);
            finish_copies(&mut world);
        }
        let published = world.images[0]
            .amis
            .values()
            .next()
            .expect("an AMI")
            .clone();
        let ami = world
            .amis
            .iter()
            .find(|ami| ami.id == published)
            .expect("our AMI");
        assert!(
            ami.shared
                .accounts
                .contains(&"222222222222".parse().expect("an account")),
            "fails: {fails}"
        );
        assert_eq!(copies(&world), 1, "fails: {fails}");
        assert!(
            world
                .images
                .iter()
                .any(|image| image.arn == running && image.amis.is_empty())
        );
        assert_eq!(world.plan(&wanted).changes, [], "fails: {fails}");
    }
}

/// Copies end, and builds go on.
fn finish_copies(world: &mut World) {
    let builds = |image: &Image| !image.arn.slug().contains("copies");
    let (held, rest): (Vec<Image>, Vec<Image>) = world.images.drain(..).partition(builds);
    world.images = rest;
    world.finish_builds();
    let made = std::mem::replace(&mut world.images, held);
    world.images.extend(made);
}

/// An image of which one Region fails for good is published nowhere, and told with its reason.
#[test]
fn a_failed_distribution_is_retried_three_times_and_then_reported() {
    let wanted = with(AMI_A, vec![]);
    let mut world = World::new();
    world.run(&wanted);
    let fail = |world: &mut World| {
        let image = world.images.last_mut().expect("an image");
        image.state = ImageState::Failed;
        let message = "the key is disabled".to_owned();
        image.failed_targets = vec![FailedTarget {
            region: "eu-west-1".to_owned(),
            account: None,
            message,
            integrating: false,
        }];
    };
    for attempt in 1..=3 {
        fail(&mut world);
        assert_eq!(kinds(&world, &wanted), ["retry-image"], "attempt {attempt}");
        world.run(&wanted);
    }
    fail(&mut world);
    let plan = world.plan(&wanted);
    let [
        (
            _,
            Refused::Distribution {
                retries: 3, reason, ..
            },
        ),
    ] = plan.refused.as_slice()
    else {
        panic!("{plan}")
    };
    assert!(
        plan.changes.is_empty() && reason.contains("eu-west-1: the key is disabled"),
        "{plan}"
    );
    assert!(
        !world
            .pipeline("110304")
            .tags
            .contains_key("goldsmith:published")
    );
}

/// Image Builder retries tests and distributions, and nothing that follows them.
#[test]
fn a_failure_after_the_distribution_is_reported_at_once_with_what_helps() {
    let wanted = with(AMI_A, vec![]);
    let mut world = World::new();
    world.run(&wanted);
    let image = world.images.last_mut().expect("an image");
    image.state = ImageState::Failed;
    image.failed_targets = vec![FailedTarget {
        region: "us-east-1".to_owned(),
        account: None,
        message: "no right to write the parameter".to_owned(),
        integrating: true,
    }];
    let plan = world.plan(&wanted);
    assert_eq!(plan.changes, []);
    let [(target, refused)] = plan.refused.as_slice() else {
        panic!("{plan}")
    };
    assert_eq!((target.as_str(), refused.kind()), ("110304", "integration"));
    let told = refused.to_string();
    assert!(
        told.contains("us-east-1: no right to write the parameter")
            && told.ends_with("build again with `goldsmith build 110304`"),
        "{told}"
    );
}

/// Who goes over to images that are built again keeps our key until they are, and no longer.
#[test]
fn a_consumer_that_changes_to_rebuilds_keeps_our_key_until_they_exist() {
    const LAUNCH: &str = "arn:aws:iam::666666666666:role/launch";
    let mut world = World::with_a_hard_base();
    let launching = consumer(BUILDER, &[LAUNCH]);
    world.settle(&with(AMI_B, vec![launching.clone()]));
    let wanted = with(
        AMI_B,
        vec![Account {
            roles: launching.roles,
            ..builder(BUILDER)
        }],
    );
    world.run_closely(&wanted);
    world.run_closely(&wanted);
    assert!(world.key_policy.contains(LAUNCH), "it has nothing else yet");
    world.finish_builds();
    world.settle(&wanted);
    assert!(world.pipeline("110304").tags.contains_key(REBUILT_TAG));
    assert!(!world.key_policy.contains(LAUNCH), "{}", world.key_policy);
    assert_eq!(world.close_plan(&wanted).changes, []);
}
