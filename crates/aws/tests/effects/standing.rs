//! What stays in force, and who keeps access, while documents are wrong.

use std::collections::BTreeSet;

use goldsmith_aws::documents::{AccessInForce, InForce, access_in_force, current, in_force};
use goldsmith_domain::desired::Desired;

use crate::support::World;
use crate::support::documents::{ENVIRONMENT, with_consumer};

const KEY: &str = "environment.json";
const NEW: &str = "components/new.yml";
const WORKLOADS: &str = "workload_accounts.us-east-1.json";
const CONSUMER: &str = "222222222222";

/// What is in force, and who may launch.
async fn standing(world: &World) -> (InForce, AccessInForce) {
    let aws = world.aws();
    let documents = current(&aws).await.expect("the documents");
    let none_refused = |_: &Desired| BTreeSet::new();
    let found = in_force(&aws, &documents, none_refused).await;
    let access = access_in_force(&aws, &documents).await;
    let (found, access) = (found.expect("the versions"), access.expect("the versions"));
    (
        found.expect("good documents"),
        access.expect("good documents"),
    )
}

fn consumers(access: &AccessInForce) -> Vec<&str> {
    let accounts = access.access.consumers.accounts.iter();
    accounts.map(|account| account.id.as_str()).collect()
}

/// The environment without its consumer, with a component more.
fn without_the_consumer_and_with_a_component() -> String {
    let mut environment: serde_json::Value = serde_json::from_str(ENVIRONMENT).expect("JSON");
    environment["consumers"] = serde_json::json!([]);
    environment["build-components"]
        .as_array_mut()
        .expect("a list")
        .push(NEW.into());
    environment.to_string()
}

/// A component that was never good has no version to go back to: the environment that names it goes back.
#[tokio::test]
async fn a_new_component_that_is_wrong_or_away_leaves_the_documents_before_it_in_force() {
    let world = World::with_documents();
    let good = world.cloud.upload(KEY, ENVIRONMENT);
    world
        .cloud
        .upload(KEY, without_the_consumer_and_with_a_component());
    for text in [None, Some("{"), Some("phases: []")] {
        if let Some(text) = text {
            world.cloud.upload(NEW, text);
        }
        let ((_, versions), access) = standing(&world).await;
        assert_eq!(versions[KEY], good, "{text:?}");
        assert!(!versions.contains_key(NEW), "{text:?}");
        assert_eq!(consumers(&access), Vec::<&str>::new(), "it left: {text:?}");
        assert_eq!(access.rejected, Vec::<String>::new(), "{text:?}");
    }
}

/// Workload accounts may be away, and were before they were first uploaded.
#[tokio::test]
async fn workload_accounts_that_never_were_good_are_left_out_and_remembered() {
    let world = World::with_documents();
    let wrong = r#"{ "product": { "account_id": "333333333333", "#;
    world.cloud.upload(WORKLOADS, wrong);
    let environment = world.cloud.upload(KEY, ENVIRONMENT);
    let ((_, versions), access) = standing(&world).await;
    assert_eq!(versions[KEY], environment);
    assert_eq!(consumers(&access), [CONSUMER]);
    assert_eq!(access.rejected, [wrong]);
}

#[tokio::test]
async fn an_environment_that_is_wrong_says_nothing_and_its_texts_are_remembered() {
    let world = World::with_documents();
    let joins = serde_json::json!({ "account-id": "444444444444", "roles": "any" });
    world.cloud.upload(KEY, with_consumer(joins));
    let wrong = ["{ \"consumers\": ", "[]"];
    for text in wrong {
        world.cloud.upload(KEY, text);
    }
    let (_, access) = standing(&world).await;
    assert_eq!(consumers(&access), [CONSUMER, "444444444444"]);
    assert_eq!(access.rejected, ["[]", wrong[0]]);
}
