//! The functions call KMS through the proxy, as their roles where IAM is enforced.

use goldsmith_tests::{Documents, Factory};
use local_stack::{ACCOUNT, Config};
use serde_json::{Value, json};

use super::world::{role, root};

const NEWCOMER: &str = "333333333333";

async fn admits(factory: &Factory) -> bool {
    factory.key_policy().await.contains(&root(NEWCOMER))
}

#[tokio::test]
async fn the_functions_write_what_kms_takes() {
    let factory = Factory::start().await;
    factory.kms.account_is_unknown(NEWCOMER);
    factory
        .upload_unannounced(&Documents::of_recipes([]).with_consumer(NEWCOMER))
        .await;

    let report = factory.reconcile().await;
    assert!(!admits(&factory).await, "{report:#?}");

    factory.kms.account_is_known(NEWCOMER);
    let bucket = &factory.outputs.output_bucket;
    factory
        .aws
        .delete_object(bucket, "quarantine.json")
        .await
        .expect("a quarantine to end");
    let report = factory.reconcile().await;
    assert!(admits(&factory).await, "{report:#?}");
}

#[tokio::test]
async fn the_functions_are_judged_as_their_roles() {
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;
    let key = factory.outputs.key_arn.clone();
    let before = factory.key_policy().await;
    let mut denying: Value = serde_json::from_str(&before).expect("a policy");
    denying["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(json!({
        "Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*",
        "Condition": { "ArnLike": { "aws:PrincipalArn": role(ACCOUNT, "*") } } }));
    factory
        .aws
        .put_key_policy(&key, &denying.to_string())
        .await
        .expect("a policy");
    factory
        .upload_unannounced(&Documents::of_recipes([]).with_consumer(NEWCOMER))
        .await;

    let report = factory.reconcile().await;
    assert!(!admits(&factory).await, "{report:#?}");

    factory
        .aws
        .put_key_policy(&key, &before)
        .await
        .expect("a policy");
    let report = factory.reconcile().await;
    assert!(admits(&factory).await, "{report:#?}");
}
