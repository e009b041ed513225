//! A consumer that may launch our images, and wants the key for more than that.

use goldsmith_tests::{CONSUMER, Documents, Factory};

const ROLE: &str = "mstr-launch";

#[tokio::test]
async fn a_consumers_role_gets_the_key_through_ec2_and_never_by_itself() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    factory
        .make_role(CONSUMER, ROLE, CONSUMER, &["kms:*"])
        .await;
    assert!(factory.may_use_the_key(CONSUMER, ROLE).await);
    assert!(!factory.may_call_kms(CONSUMER, ROLE).await);

    let arn = format!("arn:aws:iam::{CONSUMER}:role/{ROLE}");
    for other in ["rds.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"] {
        factory.kms.call_via(&arn, Some(other));
        assert!(!factory.may_call_kms(CONSUMER, ROLE).await, "{other}");
    }
    factory.assert_settled().await;
}
