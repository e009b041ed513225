//! The lease on the key policy: one writer at a time, none shut out for ever.

use std::time::Duration;

use goldsmith_aws::{Applied, apply};
use goldsmith_domain::key_policy::Access;
use goldsmith_domain::plan::{Action, PutKeyPolicy};
use jiff::{Timestamp, ToSpan};

use crate::support::cloud::KEY_POLICY;
use crate::support::documents::KEY;
use crate::support::transport::Trouble;
use crate::support::{EXPIRED_LEASE, World, held_lease, parsed, plan_of};

const LEASE: &str = "leases/key-policy.json";
const NEW_POLICY: &str = r#"{"Statement":[]}"#;

fn change() -> Action {
    Action::GrantKeyAccess(PutKeyPolicy {
        key: parsed(KEY),
        policy: NEW_POLICY.to_owned(),
        expected: KEY_POLICY.to_owned(),
        access: Access::default(),
    })
}

async fn put(world: &World) -> Applied {
    Box::pin(apply(&world.aws(), &plan_of(change()))).await
}

/// The lease that stands, if one does.
fn lease(world: &World) -> Option<String> {
    world
        .cloud
        .output()
        .remove(LEASE)
        .map(|object| object.content)
}

#[tokio::test]
async fn a_lease_that_another_run_holds_is_left_to_it() {
    let world = World::new();
    let held = held_lease();
    world.cloud.put_output(LEASE, held.clone());
    let applied = put(&world).await;
    assert!(
        applied.changes.is_empty() && applied.failed.is_empty(),
        "{applied:?}"
    );
    assert!(
        !applied.conflict && !applied.transient,
        "looking again at once would find it held: {applied:?}"
    );
    let reason = applied.not_attempted[0]
        .reason
        .as_deref()
        .unwrap_or_default();
    assert!(
        reason.contains("another run holds the lease on the key policy"),
        "{reason}"
    );
    assert_eq!(world.cloud.key_policy(), KEY_POLICY);
    assert_eq!(lease(&world), Some(held), "it is not ours to give back");
}

#[tokio::test]
async fn an_expired_lease_is_taken_over_and_given_back() {
    let world = World::new();
    world.cloud.put_output(LEASE, EXPIRED_LEASE);
    let applied = put(&world).await;
    assert_eq!(applied.changes.len(), 1, "{applied:?}");
    assert_eq!(
        (world.cloud.key_policy().as_str(), lease(&world)),
        (NEW_POLICY, None)
    );
}

/// Each is in the bucket by somebody's hand: a lease ends six minutes after it was taken.
#[tokio::test]
async fn a_lease_that_no_run_can_have_written_stops_nobody_and_is_reported() {
    let far = [
        "9990-01-01T00:00:00Z".to_owned(),
        (Timestamp::now() + 24.hours()).to_string(),
        (Timestamp::now() + 12.minutes()).to_string(),
    ];
    let far = far
        .iter()
        .map(|end| format!(r#"{{"expires":"{end}","holder":7}}"#));
    let garbage = [
        "",
        "not a lease",
        "{}",
        "null",
        r#"{"expires":"soon"}"#,
        r#"{"expires":1e99}"#,
    ];
    for forged in far.chain(garbage.map(str::to_owned)) {
        let world = World::new();
        world.cloud.put_output(LEASE, forged.clone());
        let aws = world.aws();
        let applied = Box::pin(apply(&aws, &plan_of(change()))).await;
        assert_eq!(applied.changes.len(), 1, "{forged}: {applied:?}");
        assert_eq!(world.cloud.key_policy(), NEW_POLICY, "{forged}");
        let discarded: Vec<_> = aws
            .take_discarded()
            .into_iter()
            .map(|one| one.target)
            .collect();
        assert_eq!(discarded, [LEASE], "{forged}");
    }
}

/// It may be under a key that we may not use. S3 says when it was written, which nobody can forge.
#[tokio::test]
async fn a_lease_that_nobody_may_read_holds_for_as_long_as_one_lives() {
    for (minutes, taken_over) in [(0, false), (10, false), (12, true), (100_000, true)] {
        let world = World::new();
        world.cloud.put_output(LEASE, held_lease());
        world.cloud.age_output(LEASE, Duration::from_mins(minutes));
        world.cloud.deny_output(LEASE);
        let aws = world.aws();
        let applied = Box::pin(apply(&aws, &plan_of(change()))).await;
        assert_eq!(
            applied.changes.len(),
            usize::from(taken_over),
            "{minutes}: {applied:?}"
        );
        assert_eq!(
            applied.not_attempted.len(),
            usize::from(!taken_over),
            "{minutes}: {applied:?}"
        );
        let policy = if taken_over { NEW_POLICY } else { KEY_POLICY };
        assert_eq!(world.cloud.key_policy(), policy, "{minutes}");
        let discarded = aws.take_discarded();
        assert_eq!(discarded.len(), usize::from(taken_over), "{minutes}");
        if let [told] = discarded.as_slice() {
            let reason = told.reason.as_deref().unwrap_or_default();
            assert!(
                reason.starts_with("it cannot be read (AccessDenied)"),
                "{reason}"
            );
        }
    }
}

#[tokio::test]
async fn only_one_of_two_runs_takes_an_expired_lease() {
    let world = World::new();
    world.cloud.put_output(LEASE, EXPIRED_LEASE);
    let cloud = world.cloud.clone();
    let before = world.cloud.calls().len();
    let held = held_lease();
    let theirs = held.clone();
    // The first PutObject finds the lease standing; before the second one somebody else takes it.
    world.transport.interrupt("s3:PutObject", async {});
    world.transport.interrupt(
        "s3:PutObject",
        async move { cloud.put_output(LEASE, theirs) },
    );
    let applied = put(&world).await;
    assert!(
        applied.changes.is_empty() && applied.not_attempted.len() == 1,
        "{applied:?}"
    );
    assert_eq!(
        (world.cloud.key_policy().as_str(), lease(&world)),
        (KEY_POLICY, Some(held))
    );
    assert_eq!(
        world.cloud.calls()[before..],
        ["s3:PutObject", "s3:GetObject"].repeat(2)
    );
}

#[tokio::test]
async fn the_policy_is_written_while_the_lease_is_held() {
    let world = World::new();
    let cloud = world.cloud.clone();
    let (sender, held) = tokio::sync::oneshot::channel();
    world.transport.interrupt("kms:PutKeyPolicy", async move {
        let _ = sender.send(cloud.output().contains_key(LEASE));
    });
    assert_eq!(put(&world).await.changes.len(), 1);
    assert!(held.await.expect("the policy was written"));
    assert_eq!(lease(&world), None, "given back afterwards");
}

#[tokio::test]
async fn the_lease_is_given_back_when_the_write_fails() {
    let world = World::new();
    // The calls are: take the lease, read the policy, write the policy, give the lease back.
    world.transport.strike(
        3,
        Trouble::Refuse {
            status: 400,
            code: "KMSInvalidStateException",
        },
    );
    let applied = put(&world).await;
    assert_eq!(applied.failed.len(), 1, "{applied:?}");
    assert_eq!(
        (world.cloud.key_policy().as_str(), lease(&world)),
        (KEY_POLICY, None)
    );
}

#[tokio::test]
async fn a_lease_whose_answer_was_lost_is_known_as_our_own() {
    // The calls are: try to take it, and if it stands read it, and take it over.
    for (standing, lost) in [(None, 1), (Some(EXPIRED_LEASE), 3)] {
        let world = World::new();
        if let Some(standing) = standing {
            world.cloud.put_output(LEASE, standing);
        }
        world.transport.strike(lost, Trouble::LoseFirst);
        let applied = put(&world).await;
        assert_eq!(applied.changes.len(), 1, "{applied:?}");
        assert_eq!(
            (world.cloud.key_policy().as_str(), lease(&world)),
            (NEW_POLICY, None)
        );
    }
}
