//! The parameter that tells a consumer its copy, in its own account.

use goldsmith_tests::{Documents, Factory};
use local_stack::{ACCOUNT, Config, REGION};
use serde_json::json;

const TAKER: &str = "333333333333";
const OTHER: &str = "444444444444";
const ROLE: &str = "goldsmith-nonprod-parameters";
const NAME: &str = "/goldsmith/nonprod/110304/ami-id";

/// What the role of `infra/consumer-account.yaml` may do.
const ACTIONS: [&str; 2] = ["ssm:PutParameter", "ssm:GetParameter"];

fn documents() -> Documents {
    let taker = json!({ "account-id": TAKER, "roles": "any", "serve": "copy",
        "parameter-role": format!("arn:aws:iam::{TAKER}:role/{ROLE}") });
    Documents::of_recipes(["110304"])
        .scheduled("110304")
        .with_consumer_entry(taker)
        .with_copies_for(OTHER)
}

async fn parameter(factory: &Factory, account: &str) -> Option<String> {
    factory
        .aws
        .in_account(account)
        .parameter(NAME)
        .await
        .expect("an answer")
}

#[tokio::test]
async fn a_consumers_parameter_follows_its_copies() {
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;
    factory.make_role(TAKER, ROLE, ACCOUNT, &ACTIONS).await;

    factory.upload(&documents()).await;

    let first = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert_eq!(parameter(&factory, TAKER).await.as_ref(), Some(&first));
    assert_eq!(parameter(&factory, OTHER).await, None, "it named no role");
    let ours = factory.recipe("110304").await.newest().amis[REGION].clone();
    assert_eq!(parameter(&factory, ACCOUNT).await, Some(ours));
    factory.assert_settled().await;

    factory.fire_schedule().await;

    let second = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert_ne!(second, first);
    assert_eq!(parameter(&factory, TAKER).await, Some(second));
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_parameter_role_that_is_not_there_yet_keeps_only_the_parameter_waiting() {
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;

    factory.upload(&documents()).await;

    let copy = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert!(
        factory
            .published_copy("110304", OTHER, REGION)
            .await
            .is_some()
    );
    let newest = factory.recipe("110304").await.newest().clone();
    factory.assert_published("110304", &newest).await;
    let report = factory.reconcile().await;
    let failed: Vec<_> = report
        .failed
        .iter()
        .filter(|entry| entry.reason.contains(TAKER))
        .collect();
    assert_eq!((failed.len(), report.failed.len()), (1, 1), "{report:#?}");

    factory.make_role(TAKER, ROLE, ACCOUNT, &ACTIONS).await;
    factory.reconcile().await;
    assert_eq!(parameter(&factory, TAKER).await, Some(copy));
    factory.assert_settled().await;
}
