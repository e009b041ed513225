//! While a document is wrong, access is taken away, and nothing else is done. Whoever the wrong document names
//! keeps what there is.

use goldsmith_domain::consumers::Organization;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::Region;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Change, Effect, Index, Plan, revocations};
use goldsmith_domain::resources::Wanted;

use crate::plan::settled;
use crate::world::{AMI_B, World, consumer, consumers, desired, entry, stack};

const LEAVES: &str = "222222222222";
const STAYS: &str = "333333333333";
const JOINS: &str = "444444444444";
const UNIT: &str = "ou-ab12-11111111";

fn unit() -> Organization {
    let arn = format!("arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/{UNIT}");
    let path = format!("o-a1b2c3d4e5/r-ab12/{UNIT}/*");
    let region: Region = "us-east-1".parse().expect("a Region");
    Organization {
        arn: arn.parse().expect("an ARN"),
        path: path.parse().expect("a path"),
        regions: [region].into(),
    }
}

/// Both accounts and the unit may launch the images.
fn before() -> Desired {
    let mut wanted = desired();
    wanted.consumers = consumers(vec![consumer(LEAVES, &[]), consumer(STAYS, &[])]);
    wanted.consumers.organizations = vec![unit()];
    wanted
}

/// One account and the unit leave, another account comes, and a recipe is to change.
fn after() -> Desired {
    let mut wanted = before();
    wanted.consumers = consumers(vec![consumer(STAYS, &[]), consumer(JOINS, &[])]);
    wanted.recipes[0] = entry("110304", AMI_B);
    wanted
}

fn plan_despite(world: &World, wanted: &Desired, rejected: &[&str]) -> Plan {
    let rejected: Vec<String> = rejected.iter().map(ToString::to_string).collect();
    let (observed, stack) = (world.observe_to(wanted, Depth::Digest), stack());
    let wanted = Wanted::new(wanted, &stack);
    let index = Index::new(&wanted, &observed);
    revocations(index.view().despite(&rejected))
}

/// Carries the revocations out; what is left of them when the same look is repeated.
fn revoke(world: &mut World, wanted: &Desired, rejected: &[&str]) {
    let plan = plan_despite(world, wanted, rejected);
    let revokes = |change: &Change| change.effect == Effect::Revokes;
    assert!(plan.changes.iter().all(revokes), "{plan}");
    assert!(plan.waiting.is_empty() && plan.refused.is_empty(), "{plan}");
    for change in &plan.changes {
        world.make(change);
    }
    let again = plan_despite(world, wanted, rejected);
    assert!(again.changes.is_empty(), "{again}");
}

/// Whether somebody may use the key, launch any AMI, or read what is published.
fn may(world: &World, id: &str) -> [bool; 3] {
    let accounts = |ami: &goldsmith_domain::observed::OwnAmi| format!("{:?}", ami.shared);
    [
        world.key_policy.contains(id),
        world.amis.iter().any(|ami| accounts(ami).contains(id)),
        world.bucket_policy.contains(id),
    ]
}

#[test]
fn who_left_loses_everything_at_once_and_nobody_else_notices() {
    let mut world = settled(&before());
    revoke(&mut world, &after(), &["{ \"ami-version\": ["]);
    assert_eq!(may(&world, LEAVES), [false; 3]);
    assert_eq!(may(&world, UNIT), [false; 3]);
    assert_eq!(may(&world, STAYS), [true; 3]);
    assert_eq!(may(&world, JOINS), [false; 3], "it waits for the document");
}

/// Somebody moves from one document to another, and the other one has a typing error.
#[test]
fn whoever_the_wrong_document_names_keeps_what_there_is() {
    let wrong = format!("{{ \"product\": {{ \"account_id\": \"{LEAVES}\" ");
    let mut world = settled(&before());
    revoke(&mut world, &after(), &[&wrong]);
    assert_eq!(may(&world, LEAVES), [true; 3]);
    assert_eq!(may(&world, UNIT), [false; 3]);

    let mut world = settled(&before());
    revoke(&mut world, &after(), &["{", UNIT]);
    assert_eq!(may(&world, LEAVES), [false; 3]);
    assert_eq!(may(&world, UNIT), [true; 3]);
}

#[test]
fn nothing_is_done_where_nobody_left() {
    let world = settled(&before());
    let mut wanted = after();
    wanted.consumers = before().consumers;
    let plan = plan_despite(&world, &wanted, &[]);
    assert_eq!(plan, Plan::default());
}
