//! The output bucket's policy: read as it is, and replaced under the lease if it still is.

use goldsmith_aws::{Applied, observe};
use goldsmith_domain::bucket_policy::{BucketPolicy, Readers};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Action, PutBucketPolicy};

use crate::support::inputs::accounts;
use crate::support::run::desired;
use crate::support::{World, documents, failed, held_lease, run};

const INITIAL: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"RefusePlainHttp","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::output"]}]}"#;
const NEW: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
const ANSWER: &str = "S3, for the output bucket: MalformedPolicy: Invalid principal in policy";
const LEASE: &str = "leases/key-policy.json";

fn put(expected: &str) -> Action {
    Action::PutBucketPolicy(PutBucketPolicy {
        policy: NEW.to_owned(),
        expected: expected.to_owned(),
    })
}

/// The policy that lets accounts and an organization read.
fn policy_for(accounts: &[AccountId]) -> String {
    let readers = Readers {
        accounts: accounts.iter().cloned().collect(),
        organizations: ["o-a1b2c3d4e5/*".to_owned()].into(),
        objects: "arn:aws:s3:::output/images/*".to_owned(),
    };
    let policy = BucketPolicy::parse(INITIAL)
        .expect("a policy")
        .with(&readers)
        .expect("it fits");
    policy.expect("it says something else")
}

async fn let_read(world: &World, accounts: &[AccountId]) -> Applied {
    let expected = world.cloud.bucket_policy().unwrap_or_default();
    let put = PutBucketPolicy {
        policy: policy_for(accounts),
        expected,
    };
    world.attempt(Action::PutBucketPolicy(put)).await
}

/// How often the policy was written, or tried to be.
fn writes(world: &World) -> usize {
    world.cloud.called("s3:PutBucketPolicy")
}

#[tokio::test]
async fn a_bucket_without_a_policy_has_an_empty_one() {
    let world = World::with_documents();
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let policy = async || {
        observe(&aws, &wanted, Depth::Digest)
            .await
            .expect("a look")
            .bucket_policy
    };
    assert_eq!(policy().await, "");
    world.cloud.set_bucket_policy(INITIAL);
    assert_eq!(policy().await, INITIAL);
}

#[tokio::test]
async fn it_is_replaced_if_it_is_the_one_that_was_planned_upon() {
    let world = World::new();
    world.make(put("")).await;
    assert_eq!(world.cloud.bucket_policy().as_deref(), Some(NEW));

    // S3 spells a list of one as a text.
    world.cloud.set_bucket_policy(
        &INITIAL.replace(r#"["arn:aws:s3:::output"]"#, r#""arn:aws:s3:::output""#),
    );
    world.make(put(INITIAL)).await;
    assert_eq!(world.cloud.bucket_policy().as_deref(), Some(NEW));

    world.cloud.set_bucket_policy(INITIAL);
    let applied = world.attempt(put(NEW)).await;
    assert!(
        applied.conflict && applied.changes.is_empty(),
        "{applied:?}"
    );
    let reason = applied.not_attempted[0]
        .reason
        .as_deref()
        .unwrap_or_default();
    assert!(
        reason.ends_with("the bucket policy changed since it was observed"),
        "{reason}"
    );
    assert_eq!(world.cloud.bucket_policy().as_deref(), Some(INITIAL));
    assert!(
        world.cloud.output().is_empty(),
        "the lease was given back each time"
    );
}

#[tokio::test]
async fn it_is_written_while_the_lease_is_held() {
    let world = World::new();
    let cloud = world.cloud.clone();
    let (sender, held) = tokio::sync::oneshot::channel();
    world.transport.interrupt("s3:PutBucketPolicy", async move {
        let _ = sender.send(cloud.output().contains_key(LEASE));
    });
    world.make(put("")).await;
    assert!(held.await.expect("the policy was written"));

    world.cloud.put_output(LEASE, held_lease());
    let applied = world.attempt(put(NEW)).await;
    assert!(
        !applied.conflict && applied.not_attempted.len() == 1,
        "{applied:?}"
    );
}

#[tokio::test]
async fn an_account_that_s3_refuses_is_named_and_the_others_read() {
    let world = World::new();
    world.cloud.set_bucket_policy(INITIAL);
    let all = accounts(4);
    assert_eq!(let_read(&world, &all[..1]).await.changes.len(), 1);
    world.cloud.s3_forgets_account(all[2].as_str());
    let applied = let_read(&world, &all).await;
    let expected = format!(
        "s3:PutBucketPolicy failed: the bucket policy leaves out {} until a quarantine of 24 hours is over; \
         everybody else is in it ({ANSWER})",
        all[2]
    );
    assert_eq!(failed(&applied), expected);
    let known = [all[0].clone(), all[1].clone(), all[3].clone()];
    assert_eq!(world.cloud.bucket_policy(), Some(policy_for(&known)));

    // The same again is told without a write; the others are served.
    let (before, calls) = (world.cloud.output(), writes(&world));
    let again = let_read(&world, &all).await;
    assert_eq!(failed(&again), expected);
    assert_eq!((world.cloud.output(), writes(&world)), (before, calls));
    let applied = let_read(&world, &all[1..]).await;
    assert_eq!(failed(&applied), expected);
    assert_eq!(
        world.cloud.bucket_policy(),
        Some(policy_for(&known[1..])),
        "who leaves is out all the same"
    );
}

#[tokio::test]
async fn among_many_readers_the_unknown_ones_are_found_by_halves() {
    let world = World::new();
    world.cloud.set_bucket_policy(INITIAL);
    let all = accounts(64);
    let unknown = [all[5].clone(), all[40].clone()];
    for account in &unknown {
        world.cloud.s3_forgets_account(account.as_str());
    }
    let applied = let_read(&world, &all).await;
    assert!(
        failed(&applied).contains(&format!("{}, {}", unknown[0], unknown[1])),
        "{applied:?}"
    );
    let known: Vec<AccountId> = all
        .iter()
        .filter(|account| !unknown.contains(account))
        .cloned()
        .collect();
    assert_eq!(world.cloud.bucket_policy(), Some(policy_for(&known)));
    // The whole, the existing readers, and in each half six levels of at most two.
    assert!(writes(&world) <= 2 + 2 * 6 * 2, "{} writes", writes(&world));
}

#[tokio::test]
async fn while_s3_refuses_an_existing_reader_access_does_not_change() {
    let world = World::new();
    world.cloud.set_bucket_policy(INITIAL);
    let all = accounts(4);
    assert_eq!(let_read(&world, &all[..3]).await.changes.len(), 1);
    world.cloud.s3_forgets_account(all[1].as_str());
    let applied = let_read(&world, &all).await;
    assert!(
        failed(&applied).starts_with(
            "s3:PutBucketPolicy failed: S3 refuses the bucket policy also without joining accounts:"
        ),
        "{applied:?}"
    );
    assert!(
        failed(&applied).contains(&format!("{}, {}, {} (", all[0], all[1], all[2])),
        "{applied:?}"
    );
    assert_eq!(world.cloud.bucket_policy(), Some(policy_for(&all[..3])));
}

#[tokio::test]
async fn where_there_was_no_policy_unknown_readers_leave_none_or_the_others() {
    let world = World::new();
    let all = accounts(1);
    world.cloud.s3_forgets_account(all[0].as_str());
    let alone = Readers {
        accounts: all.iter().cloned().collect(),
        organizations: [].into(),
        objects: "arn:aws:s3:::output/images/*".to_owned(),
    };
    let policy = BucketPolicy::parse("")
        .expect("a policy")
        .with(&alone)
        .expect("it fits")
        .expect("a policy");
    let put = PutBucketPolicy {
        policy,
        expected: String::new(),
    };
    let applied = world.attempt(Action::PutBucketPolicy(put)).await;
    assert!(failed(&applied).contains(all[0].as_str()), "{applied:?}");
    assert_eq!(world.cloud.bucket_policy(), None);
}

#[tokio::test]
async fn an_account_that_s3_alone_refuses_is_not_tried_again_by_the_next_run() {
    let world = World::settled().await;
    world.cloud.s3_forgets_account("333333333333");
    let second = r#", { "account-id": "333333333333", "roles": "any" }, { "account-id": "444444444444", "roles": "any" }
  ],
  "tags""#;
    world.cloud.upload(
        "environment.json",
        documents::ENVIRONMENT.replace("\n  ],\n  \"tags\"", second),
    );
    run::reconcile(&world.aws()).await.expect("a run");
    let policy = world.cloud.bucket_policy().expect("a policy");
    let reads = |account: &str| policy.contains(&format!("::{account}:root"));
    assert_eq!(
        ["222222222222", "333333333333", "444444444444"].map(reads),
        [true, false, true]
    );
    assert!(
        world.cloud.key_policy().contains("::333333333333:root"),
        "KMS knows it"
    );

    let aws = world.aws();
    let outcome = run::reconcile(&aws).await.expect("a run");
    assert_eq!(aws.take_calls().1, 0, "{outcome:?}");
    assert!(outcome.changes.is_empty(), "{outcome:?}");
}
