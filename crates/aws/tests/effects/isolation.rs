//! Joining accounts that KMS does not know are found, named and left out; everybody else gets access. Accounts
//! that have access keep it.

mod memory;
mod property;

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_aws::Applied;
use goldsmith_domain::key_policy::{Access, KeyPolicy};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::plan::{Action, PutKeyPolicy};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use crate::support::documents::{FURTHER_KEY, KEY};
use crate::support::inputs::accounts;
use crate::support::transport::Trouble;
use crate::support::{World, documents, failed, parsed, run};

const QUARANTINE: &str = "quarantine.json";
const ANSWER: &str = "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.";

/// One role of each account, and an organization.
fn access(accounts: &[AccountId]) -> Access {
    let role =
        |account: &AccountId| BTreeSet::from([format!("arn:aws:iam::{account}:role/launch")]);
    Access {
        accounts: accounts
            .iter()
            .map(|account| (account.clone(), role(account)))
            .collect(),
        organizations: ["o-a1b2c3d4e5/*".to_owned()].into(),
        ..Access::default()
    }
}

async fn let_in(world: &World, accounts: &[AccountId]) -> Applied {
    world.attempt(grant(world, accounts)).await
}

/// The change that gives exactly these accounts access.
fn grant(world: &World, accounts: &[AccountId]) -> Action {
    let expected = world.cloud.key_policy();
    let access = access(accounts);
    let policy = KeyPolicy::parse(&expected)
        .expect("a policy")
        .with(&access)
        .expect("it fits");
    let policy = policy.expect("it says something else");
    let put = PutKeyPolicy {
        key: parsed(KEY),
        policy,
        expected,
        access,
    };
    Action::GrantKeyAccess(put)
}

fn standing(world: &World) -> Access {
    KeyPolicy::parse(&world.cloud.key_policy())
        .expect("a policy")
        .access()
        .clone()
}

/// How often the policy was written, or tried to be.
fn writes(world: &World) -> usize {
    world.cloud.called("kms:PutKeyPolicy")
}

fn quarantine(world: &World) -> BTreeMap<String, Value> {
    let object = world
        .cloud
        .output()
        .remove(QUARANTINE)
        .expect("a quarantine");
    serde_json::from_str(&object.content).expect("JSON")
}

#[tokio::test]
async fn an_unknown_account_is_named_and_the_others_get_in() {
    let world = World::new();
    let all = accounts(4);
    assert_eq!(let_in(&world, &all[..1]).await.changes.len(), 1);
    world
        .cloud
        .keys(|keys| keys.forget_account(all[2].as_str()));
    let before = Timestamp::now();
    let applied = let_in(&world, &all).await;
    let expected = format!(
        "kms:PutKeyPolicy failed: the key policy leaves out {} until a quarantine of 24 hours is over; \
         everybody else is in it ({ANSWER})",
        all[2]
    );
    assert_eq!(failed(&applied), expected);
    assert!(!applied.transient && !applied.conflict);
    assert_eq!(
        standing(&world),
        access(&[all[0].clone(), all[1].clone(), all[3].clone()])
    );

    let kept_out = quarantine(&world);
    assert_eq!(kept_out.keys().collect::<Vec<_>>(), [all[2].as_str()]);
    assert_eq!(kept_out[all[2].as_str()]["reason"], ANSWER);
    let until: Timestamp = kept_out[all[2].as_str()]["until"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    assert!(
        before + 24.hours() <= until && until <= Timestamp::now() + 24.hours(),
        "{until}"
    );
    assert!(
        !world.cloud.output().contains_key("leases/key-policy.json"),
        "the lease was given back"
    );
}

#[tokio::test]
async fn among_many_the_unknown_ones_are_found_by_halves() {
    let world = World::new();
    let all = accounts(64);
    let unknown = [all[5].clone(), all[40].clone()];
    for account in &unknown {
        world
            .cloud
            .keys(|keys| keys.forget_account(account.as_str()));
    }
    let applied = let_in(&world, &all).await;
    assert!(
        failed(&applied).contains(&format!("{}, {}", unknown[0], unknown[1])),
        "{applied:?}"
    );
    let known: Vec<AccountId> = all
        .iter()
        .filter(|account| !unknown.contains(account))
        .cloned()
        .collect();
    assert_eq!(standing(&world), access(&known));
    let writes = writes(&world);
    // The whole, the existing accounts, and in each half six levels of at most two.
    assert!(writes <= 2 + 2 * 6 * 2, "{writes} writes");
}

#[tokio::test]
async fn a_refusal_without_a_refused_account_is_reported_and_not_retried() {
    let world = World::new();
    let all = accounts(3);
    assert_eq!(let_in(&world, &all[..2]).await.changes.len(), 1);
    let before = world.cloud.key_policy();
    // A foreign statement names it: whatever is written is refused.
    world.cloud.keys(|keys| keys.forget_account("111122223333"));
    let applied = let_in(&world, &all).await;
    let reason = failed(&applied);
    assert!(
        reason.contains("a statement that is not ours names a principal that does not"),
        "{reason}"
    );
    assert!(
        reason.ends_with(&format!(
            "accounts that have access today: {}, {} ({ANSWER})",
            all[0], all[1]
        )),
        "{reason}"
    );
    assert_eq!(world.cloud.key_policy(), before);
    let kept_out: Vec<AccountId> = quarantine(&world)
        .keys()
        .filter_map(|key| key.parse().ok())
        .collect();
    assert_eq!(kept_out, all[2..], "who stands is not in quarantine");

    let (output, calls) = (world.cloud.output(), writes(&world));
    assert_eq!(failed(&let_in(&world, &all).await), reason);
    assert_eq!(
        (world.cloud.output(), writes(&world)),
        (output, calls),
        "nothing was written"
    );
}

#[tokio::test]
async fn a_revocation_that_was_refused_is_tried_again_by_the_next_run() {
    let world = World::new();
    let all = accounts(3);
    assert_eq!(let_in(&world, &all).await.changes.len(), 1);
    world.cloud.keys(|keys| keys.forget_account("111122223333"));
    let applied = let_in(&world, &all[..2]).await;
    let refused = failed(&applied);
    assert!(
        refused.contains("and the next run tries again"),
        "{refused}"
    );
    assert!(!world.cloud.output().contains_key(QUARANTINE));
    world.cloud.keys(|keys| keys.know_account("111122223333"));
    assert_eq!(let_in(&world, &all[..2]).await.changes.len(), 1);
    assert_eq!(standing(&world), access(&all[..2]));
}

/// Asserts that KMS refused the accounts that have access, and that nothing was changed.
#[track_caller]
fn assert_refused(applied: &Applied, existing: &[AccountId], world: &World, before: &str) {
    assert_refused_until(
        applied,
        existing,
        "the same is not tried again for 24 hours",
    );
    assert_eq!(world.cloud.key_policy(), before);
}

#[track_caller]
fn assert_refused_until(applied: &Applied, existing: &[AccountId], again: &str) {
    let names: Vec<&str> = existing.iter().map(AccountId::as_str).collect();
    let expected = format!(
        "kms:PutKeyPolicy failed: KMS refuses the key policy also without joining accounts: an account that has \
         access today does not exist any more, or a statement that is not ours names a principal that does not; \
         the policy stays as it is, and {again}; accounts that have access today: {} ({ANSWER})",
        names.join(", ")
    );
    assert_eq!(failed(applied), expected);
}

#[tokio::test]
async fn while_an_existing_account_is_refused_access_does_not_change() {
    let world = World::new();
    let all = accounts(4);
    assert_eq!(let_in(&world, &all[..3]).await.changes.len(), 1);
    let before = world.cloud.key_policy();
    world
        .cloud
        .keys(|keys| keys.forget_account(all[1].as_str()));
    let calls = writes(&world);
    let applied = let_in(&world, &all).await;
    assert_refused(&applied, &all[..3], &world, &before);
    assert_eq!(
        writes(&world) - calls,
        2,
        "the planned policy, and that without joining accounts"
    );
}

#[tokio::test]
async fn an_existing_and_a_joining_account_that_are_refused_change_nothing() {
    let world = World::new();
    let all = accounts(6);
    assert_eq!(let_in(&world, &all[..3]).await.changes.len(), 1);
    let before = world.cloud.key_policy();
    for account in [&all[0], &all[4]] {
        world
            .cloud
            .keys(|keys| keys.forget_account(account.as_str()));
    }
    let applied = let_in(&world, &all).await;
    assert_refused(&applied, &all[..3], &world, &before);
}

#[tokio::test]
async fn no_access_is_revoked_while_a_wanted_existing_account_is_refused() {
    let world = World::new();
    let all = accounts(4);
    assert_eq!(let_in(&world, &all).await.changes.len(), 1);
    let before = world.cloud.key_policy();
    world
        .cloud
        .keys(|keys| keys.forget_account(all[3].as_str()));
    let applied = let_in(&world, &all[1..]).await;
    assert_refused_until(&applied, &all, "the next run tries again");
    assert_eq!(world.cloud.key_policy(), before);

    // Once the refused account is not wanted any more either, both leave.
    assert_eq!(let_in(&world, &all[1..3]).await.changes.len(), 1);
    assert_eq!(standing(&world), access(&all[1..3]));
}

#[tokio::test]
async fn among_many_existing_accounts_a_refused_one_costs_two_writes_and_no_account_loses_access() {
    let world = World::new();
    let all = accounts(151);
    assert_eq!(let_in(&world, &all[..150]).await.changes.len(), 1);
    let before = world.cloud.key_policy();
    world
        .cloud
        .keys(|keys| keys.forget_account(all[149].as_str()));
    let calls = writes(&world);
    let applied = let_in(&world, &all).await;
    assert_refused(&applied, &all[..150], &world, &before);
    assert_eq!(writes(&world) - calls, 2);

    // Two of them are no different.
    let (world, all) = (World::new(), accounts(8));
    assert_eq!(let_in(&world, &all[..7]).await.changes.len(), 1);
    let before = world.cloud.key_policy();
    for account in &all[4..6] {
        world
            .cloud
            .keys(|keys| keys.forget_account(account.as_str()));
    }
    let applied = let_in(&world, &all).await;
    assert_refused(&applied, &all[..7], &world, &before);
}

#[tokio::test]
async fn an_existing_account_that_is_refused_keeps_access_and_joining_ones_wait_without_writes() {
    let world = World::settled().await;
    world.cloud.keys(|keys| keys.forget_account("222222222222"));
    world.cloud.s3_forgets_account("222222222222");
    let second = r#", { "account-id": "333333333333", "roles": "any" }
  ],
  "tags""#;
    world.cloud.upload(
        "environment.json",
        documents::ENVIRONMENT.replace("\n  ],\n  \"tags\"", second),
    );
    run::reconcile(&world.aws()).await.expect("a run");
    let admitted = |policy: String| {
        ["222222222222", "333333333333"]
            .map(|account| policy.contains(&format!("::{account}:root")))
    };
    let bucket = world.cloud.bucket_policy().expect("a policy");
    for policy in [
        world.cloud.key_policy(),
        world.cloud.policy_of(FURTHER_KEY),
        bucket,
    ] {
        assert_eq!(admitted(policy), [true, false]);
    }
    let kept_out: Vec<AccountId> = quarantine(&world)
        .keys()
        .filter_map(|key| key.parse().ok())
        .collect();
    assert_eq!(kept_out, [parsed::<AccountId>("333333333333")]);

    let aws = world.aws();
    let outcome = run::reconcile(&aws).await.expect("a run");
    assert_eq!(aws.take_calls().1, 0, "{outcome:?}");
    assert!(
        outcome.changes.is_empty() && outcome.left.is_empty(),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_account_that_is_known_at_the_second_attempt_gets_in() {
    let world = World::new();
    let all = accounts(2);
    // The calls are: read the quarantine, take the lease, read the policy, write the policy.
    world.transport.strike(
        4,
        Trouble::Refuse {
            status: 400,
            code: "MalformedPolicyDocumentException",
        },
    );
    let applied = let_in(&world, &all).await;
    assert_eq!(applied.changes.len(), 1, "{applied:?}");
    assert_eq!(standing(&world), access(&all));
    assert!(!world.cloud.output().contains_key(QUARANTINE));
}
