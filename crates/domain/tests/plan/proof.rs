//! Images that consumers have to be proved able to use before anything names them.

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{Damage, Image};
use goldsmith_domain::plan::{Action, PROVED_TAG, PUBLISHED_TAG};
use goldsmith_domain::promotion::{PROMOTED_TAG, VERDICT_TAG};
use goldsmith_domain::proof::Require;
use insta::assert_snapshot;

use super::{plan, settled};
use crate::world::{AMI_A, AMI_B, World, consumer, consumers, desired, entry};

const ACCOUNTS: [&str; 3] = ["222222222222", "333333333333", "444444444444"];

fn share(text: &str) -> Require {
    Require::ShareOfAccounts(text.parse().expect("a share"))
}

/// One recipe for three accounts.
fn wanted(ami: &str, require: Option<Require>) -> Desired {
    Desired {
        recipes: vec![entry("110304", ami)],
        require,
        consumers: consumers(ACCOUNTS.map(|id| consumer(id, &[])).into()),
        ..desired()
    }
}

/// What the pipeline says is published, as version and build.
fn published(world: &World) -> String {
    let tag = world.pipeline("110304").tags.get(PUBLISHED_TAG);
    let version = tag.and_then(|arn| arn.split_once("110304/"));
    version.map_or("nothing", |(_, version)| version).to_owned()
}

fn proved(world: &World) -> Option<&String> {
    world.pipeline("110304").tags.get(PROVED_TAG)
}

fn id(account: &str) -> goldsmith_domain::names::AccountId {
    account.parse().expect("an account")
}

#[test]
fn one_bad_account_holds_an_image_back_and_a_quorum_lets_it_go_and_names_it() {
    let mut world = settled(&wanted(AMI_A, Some(Require::All)));
    assert_eq!(published(&world), "1.0.0/1");
    world.unable.insert(id(ACCOUNTS[2]));
    let all = wanted(AMI_B, Some(Require::All));
    world.settle(&all);
    assert_eq!(published(&world), "1.0.0/1", "the version before stays");
    assert_snapshot!(plan(&world, &all), @"waiting 110304: image image/mstr-nonprod-110304/1.0.1/1 is not published, because 2 of 3 accounts can use it and 3 have to: 444444444444 in us-east-1: launch is Incorrect (seen). `goldsmith consumer` says what an account has to make; the next run asks again, and `promotion.require` may leave accounts out");
    // 0.7 of three accounts are three.
    let most = wanted(AMI_B, Some(share("0.7")));
    world.settle(&most);
    assert_eq!(published(&world), "1.0.0/1");
    let quorum = wanted(AMI_B, Some(share("0.6")));
    world.settle(&quorum);
    assert_eq!(published(&world), "1.0.1/1");
    assert_snapshot!(plan(&world, &quorum), @"waiting 110304: image image/mstr-nonprod-110304/1.0.1/1 was published although these accounts could not use it: 444444444444; `goldsmith verify` says why");
}

#[test]
fn an_account_that_becomes_able_lets_the_image_go() {
    let wanted = wanted(AMI_A, Some(Require::All));
    let mut world = World::new();
    world.unable.insert(id(ACCOUNTS[0]));
    world.settle(&wanted);
    assert_eq!(published(&world), "nothing");
    world.unable.clear();
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
    assert_eq!(proved(&world).map(String::as_str), Some("1.0.0/1"));
    assert_snapshot!(plan(&world, &wanted), @"");
}

#[test]
fn a_role_that_is_denied_holds_back_only_if_what_is_unknown_blocks() {
    let open = wanted(AMI_A, Some(Require::All));
    let mut world = World::new();
    world.unasked.insert(id(ACCOUNTS[1]));
    let strict = Desired {
        unknown_blocks: true,
        ..open.clone()
    };
    world.settle(&strict);
    assert_eq!(published(&world), "nothing");
    assert!(plan(&world, &strict).contains(
        "2 of 3 accounts can use it and 3 have to: 333333333333 in us-east-1: launch is Unknown"
    ));
    world.settle(&open);
    assert_eq!(published(&world), "1.0.0/1");
    assert_snapshot!(plan(&world, &open), @"waiting 110304: image image/mstr-nonprod-110304/1.0.0/1 was published without proof that these accounts can: 333333333333; `goldsmith verify` says why");
}

#[test]
fn nobody_is_asked_without_the_key_about_what_is_published_or_in_a_pause() {
    let without = wanted(AMI_A, None);
    let mut world = World::new();
    world.unable.insert(id(ACCOUNTS[0]));
    world.settle(&without);
    assert_eq!(published(&world), "1.0.0/1");
    let asked = wanted(AMI_A, Some(Require::All));
    assert!(world.plan(&asked).to_prove.is_empty(), "it is published");
    let next = wanted(AMI_B, Some(Require::All));
    world.settle(&next);
    assert_eq!(world.observe(&next).proofs.len(), 1);
    let paused = Desired {
        pause: true,
        ..next
    };
    assert!(world.observe(&paused).proofs.is_empty());
}

#[test]
fn copies_are_made_before_the_proof_and_published_only_with_it() {
    let copying = Account {
        serve: DeliveryMode::Copy,
        ..consumer(ACCOUNTS[1], &[])
    };
    let documents = |ami| Desired {
        consumers: consumers(vec![consumer(ACCOUNTS[0], &[]), copying.clone()]),
        ..wanted(ami, Some(Require::All))
    };
    let mut world = settled(&documents(AMI_A));
    world.unable.insert(id(ACCOUNTS[0]));
    let next = documents(AMI_B);
    world.settle(&next);
    let text = plan(&world, &next);
    assert!(text.contains("1 of 2 accounts can use it"), "{text}");
    assert!(
        !text.contains("333333333333 in"),
        "its copy is there: {text}"
    );
    world.unable.clear();
    let moved = world.plan(&next).changes;
    let kinds: Vec<&str> = moved
        .iter()
        .map(goldsmith_domain::plan::Change::kind)
        .collect();
    assert_eq!(
        kinds,
        ["publish-copies", "publish-image"],
        "all pointers move together"
    );
}

#[test]
fn what_is_published_is_repaired_while_another_image_is_held() {
    let mut world = settled(&wanted(AMI_A, Some(Require::All)));
    world.unable.insert(id(ACCOUNTS[0]));
    let next = wanted(AMI_B, Some(Require::All));
    world.settle(&next);
    let part = "images/110304/image.json".to_owned();
    world.damages.insert(part, Damage::Missing);
    world.run_closely(&next);
    assert!(world.damages.is_empty());
    assert_eq!(published(&world), "1.0.0/1");
}

/// A further available build of the recipe, with an AMI of its own.
fn add_build(world: &mut World) {
    let first = world.images[0].clone();
    let ami: AmiId = "ami-00000000000000002".parse().expect("an AMI");
    let mut tags = first.tags.clone();
    tags.remove(PROMOTED_TAG);
    let own = world.amis[0].clone();
    world.amis.push(goldsmith_domain::observed::OwnAmi {
        id: ami.clone(),
        ..own
    });
    let amis = first.amis.keys();
    world.images.push(Image {
        arn: first
            .arn
            .to_string()
            .replace("/1.0.0/1", "/1.0.0/2")
            .parse()
            .expect("an ARN"),
        amis: amis.map(|region| (region.clone(), ami.clone())).collect(),
        tags,
        ..first
    });
}

#[test]
fn nobody_goes_back_to_an_image_whose_ami_is_gone() {
    let wanted = wanted(AMI_A, Some(share("0.1")));
    let mut world = settled(&wanted);
    add_build(&mut world);
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/2");
    let gone = world.images[0]
        .amis
        .values()
        .next()
        .expect("an AMI")
        .clone();
    world.amis.retain(|own| own.id != gone);
    let verdict = ("rejected".to_owned(), VERDICT_TAG.to_owned());
    world.images[1].tags.insert(verdict.1, verdict.0);
    let changes = world.plan(&wanted).changes;
    let publishes =
        |change: &&goldsmith_domain::plan::Change| matches!(change.action, Action::Publish(_));
    assert_eq!(changes.iter().filter(publishes).count(), 0);
    world.run(&wanted);
    assert_eq!(
        published(&world),
        "1.0.0/2",
        "consumers keep what they have"
    );
    let text = plan(&world, &wanted);
    let told = text
        .lines()
        .filter(|line| line.contains("1.0.0/1 is not published"));
    let told: Vec<&str> = told.collect();
    assert_eq!(told.len(), 1, "{text}");
    assert!(
        told[0].contains("111122223333 in us-east-1: ami is Missing"),
        "{text}"
    );
}
