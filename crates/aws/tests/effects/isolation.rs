//! Accounts that KMS does not know are found, named and kept out, and everybody else gets in.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_aws::{Applied, observe};
use goldsmith_domain::key_policy::{Access, KeyPolicy};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Change, PutKeyPolicy};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use crate::support::cloud::KEY_POLICY;
use crate::support::documents::KEY;
use crate::support::run::desired;
use crate::support::transport::Trouble;
use crate::support::{World, failed, parsed};

const QUARANTINE: &str = "quarantine.json";
const ANSWER: &str =
    "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.";

/// One role of each account, and an organization.
fn access(accounts: &[AccountId]) -> Access {
    let role = |account: &AccountId| BTreeSet::from([format!("arn:aws:iam::{account}:role/launch")]);
    Access {
        accounts: accounts.iter().map(|account| (account.clone(), role(account))).collect(),
        organizations: ["o-a1b2c3d4e5/*".to_owned()].into(),
        ..Access::default()
    }
}

fn accounts(count: u64) -> Vec<AccountId> {
    (0..count).map(|n| parsed(&format!("{:012}", 200_000_000_000 + n))).collect()
}

async fn let_in(world: &World, accounts: &[AccountId]) -> Applied {
    let expected = world.cloud.key_policy();
    let access = access(accounts);
    let policy = KeyPolicy::parse(&expected).expect("a policy").with(&access).expect("it fits");
    let policy = policy.expect("it says something else");
    let put =
        PutKeyPolicy { key: parsed(KEY), policy, expected, access, withdraws: false, after: Vec::new() };
    world.attempt(Change::PutKeyPolicy(put)).await
}

fn standing(world: &World) -> Access {
    KeyPolicy::parse(&world.cloud.key_policy()).expect("a policy").access().clone()
}

fn quarantine(world: &World) -> BTreeMap<String, Value> {
    let object = world.cloud.output().remove(QUARANTINE).expect("a quarantine");
    serde_json::from_str(&object.content).expect("JSON")
}

#[tokio::test]
async fn an_unknown_account_is_named_and_the_others_get_in() {
    let world = World::new();
    let all = accounts(4);
    assert_eq!(let_in(&world, &all[..1]).await.changes.len(), 1);
    world.cloud.keys(|keys| keys.forget_account(all[2].as_str()));
    let before = Timestamp::now();
    let applied = let_in(&world, &all).await;
    let expected = format!(
        "kms:PutKeyPolicy failed: KMS does not know {}, which the key policy leaves out for 24 hours; \
         everybody else is in it ({ANSWER})",
        all[2]
    );
    assert_eq!(failed(&applied), expected);
    assert!(!applied.transient && !applied.conflict);
    assert_eq!(standing(&world), access(&[all[0].clone(), all[1].clone(), all[3].clone()]));

    let kept_out = quarantine(&world);
    assert_eq!(kept_out.keys().collect::<Vec<_>>(), [all[2].as_str()]);
    assert_eq!(kept_out[all[2].as_str()]["reason"], ANSWER);
    let until: Timestamp =
        kept_out[all[2].as_str()]["until"].as_str().expect("a time").parse().expect("a time");
    assert!(before + 24.hours() <= until && until <= Timestamp::now() + 24.hours(), "{until}");
    assert!(!world.cloud.output().contains_key("leases/key-policy.json"), "the lease was given back");
}

#[tokio::test]
async fn among_many_the_unknown_ones_are_found_by_halves() {
    let world = World::new();
    let all = accounts(64);
    let unknown = [all[5].clone(), all[40].clone()];
    for account in &unknown {
        world.cloud.keys(|keys| keys.forget_account(account.as_str()));
    }
    let applied = let_in(&world, &all).await;
    assert!(failed(&applied).contains(&format!("{}, {}", unknown[0], unknown[1])), "{applied:?}");
    let known: Vec<AccountId> = all.iter().filter(|account| !unknown.contains(account)).cloned().collect();
    assert_eq!(standing(&world), access(&known));
    let writes = world.cloud.calls().iter().filter(|call| *call == "kms:PutKeyPolicy").count();
    // The whole, what stands, in each half six levels of at most two, and the whole without the two.
    assert!(writes <= 2 + 2 * 6 * 2 + 1, "{writes} writes");
}

#[tokio::test]
async fn a_refusal_that_no_new_account_is_to_blame_for_is_told_as_it_is() {
    let world = World::new();
    let all = accounts(3);
    assert_eq!(let_in(&world, &all[..1]).await.changes.len(), 1);
    let before = world.cloud.key_policy();
    // A foreign statement names it: whatever is written is refused.
    world.cloud.keys(|keys| keys.forget_account("111122223333"));
    let applied = let_in(&world, &all).await;
    assert_eq!(failed(&applied), format!("kms:PutKeyPolicy failed: {ANSWER}"));
    assert_eq!(world.cloud.key_policy(), before);
    assert!(!world.cloud.output().contains_key(QUARANTINE));
}

#[tokio::test]
async fn an_account_that_is_known_at_the_second_attempt_gets_in() {
    let world = World::new();
    let all = accounts(2);
    // The calls are: take the lease, read the policy, write the policy.
    world.transport.strike(3, Trouble::Refuse { status: 400, code: "MalformedPolicyDocumentException" });
    let applied = let_in(&world, &all).await;
    assert_eq!(applied.changes.len(), 1, "{applied:?}");
    assert_eq!(standing(&world), access(&all));
    assert!(!world.cloud.output().contains_key(QUARANTINE));
}

#[tokio::test]
async fn who_is_in_quarantine_is_known_until_the_time_is_over() {
    let world = World::with_documents();
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let quarantined = async || observe(&aws, &wanted, Depth::Digest).await.expect("a look").quarantined;
    assert_eq!(quarantined().await, BTreeMap::new());
    let (over, lasts) = (Timestamp::now() - 1.hour(), Timestamp::now() + 1.hour());
    let content = format!(
        r#"{{"333333333333":{{"reason":"over","until":"{over}"}},"222222222222":{{"reason":"unknown","until":"{lasts}"}}}}"#
    );
    world.cloud.put_output(QUARANTINE, content);
    assert_eq!(quarantined().await, [(parsed("222222222222"), "unknown".to_owned())].into());

    // Another one is added, and what is over is forgotten.
    let all = accounts(1);
    world.cloud.keys(|keys| keys.forget_account(all[0].as_str()));
    let_in(&world, &all).await;
    let kept_out: Vec<String> = quarantine(&world).into_keys().collect();
    assert_eq!(kept_out, ["200000000000", "222222222222"]);

    world.cloud.put_output(QUARANTINE, "not a quarantine");
    assert_eq!(quarantined().await, BTreeMap::new(), "what cannot be read keeps nobody out");
    assert!(!world.cloud.key_policy().contains("200000000000"));
    assert!(world.cloud.key_policy().starts_with(KEY_POLICY.trim_end_matches("]}")));
}
