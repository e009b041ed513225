//! Who goes over to copies, or to another key, keeps what it has until there is something in its place.

use std::collections::BTreeSet;

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::{Desired, RegionSettings};
use goldsmith_domain::key_policy::KeyPolicy;
use goldsmith_domain::names::{AccountId, KeyArn, Region};
use goldsmith_domain::plan::Waiting;

use crate::plan::settled;
use crate::world::{World, consumer, consumers, desired, entry};

const ACCOUNT: &str = "444444444444";
const LAUNCH: &str = "arn:aws:iam::444444444444:role/launch";

/// One recipe, and one account that is served by it.
fn with(account: Account) -> Desired {
    let recipes = vec![entry("110304", crate::world::AMI_A)];
    Desired {
        recipes,
        consumers: consumers(vec![account]),
        ..desired()
    }
}

fn shared() -> Account {
    consumer(ACCOUNT, &[LAUNCH])
}

fn copied() -> Account {
    Account {
        serve: DeliveryMode::Copy,
        ..shared()
    }
}

fn under_its_own_key() -> Account {
    let key = "arn:aws:kms:us-east-1:444444444444:key/11111111-2222-4333-8444-0000000000aa"
        .parse()
        .expect("a key");
    Account {
        keys: [("us-east-1".parse().expect("a Region"), key)].into(),
        ..copied()
    }
}

fn may_launch(world: &World) -> bool {
    let account: AccountId = ACCOUNT.parse().expect("an account");
    world
        .amis
        .iter()
        .any(|ami| ami.shared.accounts.contains(&account))
}

/// The principals of the account that a policy lets in.
fn admitted(policy: &str) -> BTreeSet<String> {
    let policy = KeyPolicy::parse(policy).expect("a policy");
    policy
        .access()
        .accounts
        .get(&ACCOUNT.parse().expect("an account"))
        .cloned()
        .unwrap_or_default()
}

fn launches(policy: &str) -> bool {
    admitted(policy).contains(LAUNCH)
}

#[test]
fn our_image_stays_shared_until_the_copy_is_there() {
    let mut world = settled(&with(shared()));
    let wanted = with(copied());
    world.run_closely(&wanted);
    assert!(may_launch(&world), "there is no copy yet");
    world.finish_builds();
    world.settle(&wanted);
    assert!(!may_launch(&world), "the copy is there");
    assert!(launches(&world.key_policy), "its copy is under our key");
}

#[test]
fn our_image_stays_shared_when_the_copy_cannot_be_made() {
    let mut world = settled(&with(shared()));
    let wanted = with(copied());
    for _ in 0..4 {
        world.run_closely(&wanted);
        world.fail_copies(ACCOUNT);
    }
    world.settle(&wanted);
    assert!(!world.close_plan(&wanted).refused.is_empty(), "it is told");
    assert!(may_launch(&world) && launches(&world.key_policy));
}

#[test]
fn our_key_stays_open_until_the_copies_are_under_the_other_one() {
    let mut world = settled(&with(copied()));
    let wanted = with(under_its_own_key());
    world.settle(&wanted);
    assert!(
        launches(&world.key_policy),
        "the copy under our key is all that there is"
    );
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    world.run(&wanted);
    world.finish_builds();
    assert!(
        launches(&world.key_policy),
        "the new image is not copied yet"
    );
    world.settle(&wanted);
    assert!(!launches(&world.key_policy), "{}", world.key_policy);
    assert_eq!(
        admitted(&world.key_policy).len(),
        1,
        "the role that copies goes on reading ours"
    );
}

#[test]
fn an_account_with_a_key_of_its_own_never_gets_access_to_ours() {
    let wanted = with(under_its_own_key());
    let mut world = World::new();
    for _ in 0..6 {
        world.run_closely(&wanted);
        assert!(!launches(&world.key_policy));
        world.finish_builds();
    }
}

fn further(key: &str, former: &[&str]) -> Desired {
    let region: Region = "eu-west-1".parse().expect("a Region");
    let key_of = |id: &str| -> KeyArn {
        format!("arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-00000000{id}")
            .parse()
            .expect("a key")
    };
    let settings = RegionSettings {
        kms_key: Some(key_of(key)),
        former_kms_keys: former.iter().map(|id| key_of(id)).collect(),
        ..RegionSettings::default()
    };
    let account = Account {
        regions: ["us-east-1".parse().expect("a Region"), region.clone()].into(),
        ..shared()
    };
    let mut wanted = with(account);
    wanted.regions.insert(region, settings);
    wanted
}

fn policy<'a>(world: &'a World, key: &str) -> &'a str {
    let arn: KeyArn =
        format!("arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-00000000{key}")
            .parse()
            .expect("a key");
    &world.further_key_policies[&arn]
}

#[test]
fn a_former_key_keeps_its_consumers_admits_no_new_ones_and_drops_those_that_leave() {
    let mut world = settled(&further("5678", &[]));
    assert!(launches(policy(&world, "5678")));
    let mut wanted = further("9abc", &["5678"]);
    wanted
        .consumers
        .accounts
        .push(consumer("555555555555", &[]));
    wanted.consumers.accounts[1].regions = wanted.consumers.accounts[0].regions.clone();
    world.settle(&wanted);
    assert!(launches(policy(&world, "5678")) && launches(policy(&world, "9abc")));
    assert!(
        !policy(&world, "5678").contains("555555555555"),
        "nobody joins it"
    );
    wanted.consumers.accounts.remove(0);
    world.settle(&wanted);
    assert!(!launches(policy(&world, "5678")) && !launches(policy(&world, "9abc")));
}

#[test]
fn a_key_that_no_document_mentions_any_more_is_reported() {
    let world = settled(&further("5678", &[]));
    let told = |wanted: &Desired| {
        let waiting = world.plan(wanted).waiting;
        waiting.iter().any(
            |(_, why)| matches!(why, Waiting::ForgottenKey { key, .. } if key.as_str().ends_with("5678")),
        )
    };
    assert!(told(&further("9abc", &[])));
    assert!(!told(&further("9abc", &["5678"])));
    assert!(!told(&further("5678", &[])));
}
