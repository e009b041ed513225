//! The output bucket's policy: read as it is, and replaced under the lease if it still is.

use goldsmith_aws::observe;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Change, PutBucketPolicy};

use crate::support::World;
use crate::support::run::desired;

const INITIAL: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"RefusePlainHttp","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::output"]}]}"#;
const NEW: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
const LEASE: &str = "leases/key-policy.json";

fn put(expected: &str) -> Change {
    Change::PutBucketPolicy(PutBucketPolicy { policy: NEW.to_owned(), expected: expected.to_owned() })
}

#[tokio::test]
async fn a_bucket_without_a_policy_has_an_empty_one() {
    let world = World::with_documents();
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let policy = async || observe(&aws, &wanted, Depth::Digest).await.expect("a look").bucket_policy;
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
    world.cloud.set_bucket_policy(&INITIAL.replace(r#"["arn:aws:s3:::output"]"#, r#""arn:aws:s3:::output""#));
    world.make(put(INITIAL)).await;
    assert_eq!(world.cloud.bucket_policy().as_deref(), Some(NEW));

    world.cloud.set_bucket_policy(INITIAL);
    let applied = world.attempt(put(NEW)).await;
    assert!(applied.conflict && applied.changes.is_empty(), "{applied:?}");
    let reason = applied.not_attempted[0].reason.as_deref().unwrap_or_default();
    assert!(reason.ends_with("the bucket policy changed since it was observed"), "{reason}");
    assert_eq!(world.cloud.bucket_policy().as_deref(), Some(INITIAL));
    assert!(world.cloud.output().is_empty(), "the lease was given back each time");
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

    world.cloud.put_output(LEASE, r#"{"expires":"2999-01-01T00:00:00Z"}"#);
    let applied = world.attempt(put(NEW)).await;
    assert!(!applied.conflict && applied.not_attempted.len() == 1, "{applied:?}");
}
