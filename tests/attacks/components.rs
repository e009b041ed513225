//! Somebody replaces a component by one of the same name in another account. It would run as root.

use goldsmith_tests::{Documents, Factory};
use serde_json::json;

use super::everything_shown;

const STRANGERS: &str = "arn:aws:imagebuilder:us-east-1:999999999999:component/update-linux/x.x.x";

/// The documents with a stranger's component in the place of Amazon's.
fn replaced() -> Documents {
    let components = json!([STRANGERS, "components/harden.yml"]);
    Documents::of_recipes(["110304"]).with_setting("build-components", components)
}

#[tokio::test]
async fn a_strangers_component_of_the_same_name_is_refused_and_nothing_changes() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let before = factory.recipe("110304").await.newest().clone();
    let documents = replaced();
    let shown = everything_shown(&factory, "attack-components", &documents).await;
    assert!(shown.contains(STRANGERS), "{shown}");
    factory.upload(&documents).await;
    assert_eq!(*factory.recipe("110304").await.newest(), before);
    let report = factory.assert_settled_but_refused().await;
    assert!(
        report.refused_for("component-owner").is_some(),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_plan_names_the_owner_of_a_component_that_the_document_allows() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let documents = replaced().with_setting(
        "component-owners",
        json!(["self", "amazon", "999999999999"]),
    );
    let shown = everything_shown(&factory, "attack-allowed-components", &documents).await;
    let series = STRANGERS.trim_end_matches("/x.x.x");
    assert!(shown.contains(series), "{shown}");
    assert!(!shown.contains("content digest"), "{shown}");
}
