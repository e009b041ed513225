//! Key policies and grants: each key in its own Region, and what cannot be seen is not told as done.

use goldsmith_aws::observe;
use goldsmith_domain::key_policy::Access;
use goldsmith_domain::observed::{Depth, Grant, Observed};
use goldsmith_domain::plan::{Action, PutKeyPolicy, RevokeGrant};

use crate::support::cloud::{KEY_POLICY, Keys};
use crate::support::documents::{FURTHER_KEY, KEY};
use crate::support::run::desired;
use crate::support::{World, parsed};

const NEW: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"New","Action":["kms:*"]}]}"#;
const SLR: &str = "arn:aws:iam::999999999999:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

fn put(key: &str) -> Action {
    Action::GrantKeyAccess(PutKeyPolicy {
        key: parsed(key),
        policy: NEW.to_owned(),
        expected: KEY_POLICY.to_owned(),
        access: Access::default(),
    })
}

async fn looked(world: &World) -> Observed {
    let aws = world.aws();
    let wanted = desired(&aws).await;
    observe(&aws, &wanted, Depth::Digest).await.expect("a look")
}

#[tokio::test]
async fn the_policy_of_a_further_regions_key_is_read_and_written_there() {
    let world = World::with_documents();
    world.make(put(FURTHER_KEY)).await;
    assert_eq!(
        (
            world.cloud.policy_of(FURTHER_KEY).as_str(),
            world.cloud.key_policy().as_str()
        ),
        (NEW, KEY_POLICY)
    );
    let observed = looked(&world).await;
    assert_eq!(
        observed.further_key_policies,
        [(parsed(FURTHER_KEY), NEW.to_owned())].into()
    );
    assert_eq!(observed.key_policy, KEY_POLICY);
}

#[tokio::test]
async fn a_further_key_that_is_missing_or_closed_to_us_is_left_out() {
    let world = World::with_documents();
    world.cloud.keys(|keys| keys.hide(FURTHER_KEY));
    assert!(looked(&world).await.further_key_policies.is_empty());
    let world = World::with_documents();
    world.cloud.keys(|keys| keys.remove(FURTHER_KEY));
    assert!(looked(&world).await.further_key_policies.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_back_yet_is_the_next_runs_to_confirm() {
    let world = World::new();
    world.cloud.keys(Keys::be_late);
    let applied = world.attempt(put(KEY)).await;
    assert!(
        applied.changes.is_empty() && applied.failed.is_empty(),
        "{applied:?}"
    );
    assert!(
        !applied.conflict && !applied.transient,
        "looking again at once would see no more: {applied:?}"
    );
    assert!(applied.not_attempted.is_empty(), "it was made: {applied:?}");
    let reason = applied.waiting[0].reason.as_deref().unwrap_or_default();
    let expected = "the key policy that was written cannot be seen yet; the next run confirms it";
    assert!(reason.ends_with(expected), "{reason}");
    assert_eq!(world.cloud.key_policy(), NEW);
    assert!(world.cloud.output().is_empty(), "the lease was given back");
}

#[tokio::test]
async fn another_spelling_of_the_same_policy_is_what_was_planned_upon() {
    let world = World::new();
    world
        .cloud
        .set_key_policy(&KEY_POLICY.replace(r#""kms:*""#, r#"[ "kms:*" ]"#));
    world.make(put(KEY)).await;
    assert_eq!(world.cloud.key_policy(), NEW);
}

/// A key policy whose statements of ours let in an account that no document names.
fn letting_in_a_stranger() -> String {
    let root = "arn:aws:iam::999999999999:root";
    let ours = format!(
        r#"{{"Sid":"GoldsmithConsumersUse","Effect":"Allow","Principal":{{"AWS":"{root}"}},"Action":["kms:Decrypt"],"Resource":"*","Condition":{{"ArnLike":{{"aws:PrincipalArn":["arn:aws:iam::999999999999:role/launch"]}}}}}}"#
    );
    KEY_POLICY.replace("}]}", &format!("}},{ours}]}}"))
}

#[tokio::test]
async fn grants_are_read_on_keys_that_somebody_leaves_and_taken_away() {
    let world = World::with_documents();
    for (n, grantee) in [SLR, "arn:aws:iam::999999999999:role/launch", SLR]
        .into_iter()
        .enumerate()
    {
        world
            .cloud
            .keys(|keys| keys.grant(FURTHER_KEY, &format!("grant-{n}"), grantee));
    }
    assert!(looked(&world).await.grants.is_empty(), "nobody leaves");
    world
        .cloud
        .keys(|keys| keys.set_policy(FURTHER_KEY, &letting_in_a_stranger()));
    let grants = looked(&world).await.grants;
    let found = &grants[&parsed(FURTHER_KEY)];
    let expected = [
        ("grant-0", SLR),
        ("grant-1", "arn:aws:iam::999999999999:role/launch"),
        ("grant-2", SLR),
    ];
    let grant = |(id, grantee): (&str, &str)| Grant {
        id: id.to_owned(),
        grantee: grantee.to_owned(),
    };
    assert_eq!(*found, expected.map(grant), "two to a page");
    assert_eq!(grants.len(), 1, "nobody leaves the stack's key");

    let revoke = Action::RevokeGrant(RevokeGrant {
        key: parsed(FURTHER_KEY),
        grant: found[2].clone(),
    });
    world.make(revoke.clone()).await;
    assert_eq!(
        world.cloud.keys(|keys| keys.grants(FURTHER_KEY)),
        ["grant-0", "grant-1"]
    );
    world.make(revoke).await;
    assert_eq!(
        world.cloud.keys(|keys| keys.grants(FURTHER_KEY)),
        ["grant-0", "grant-1"]
    );
}
