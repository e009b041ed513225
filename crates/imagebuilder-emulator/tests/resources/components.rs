//! Components: builds, wildcards, documents, and Amazon's own.

use serde_json::json;

use super::{UPDATE, component};
use crate::support::{Client, document};

#[tokio::test]
async fn a_changed_component_gets_the_next_build_and_the_same_is_refused() {
    let client = Client::manual();
    let first = client
        .put("CreateComponent", component(&document("build")))
        .await
        .ok();
    let arn = "arn:aws:imagebuilder:us-east-1:111122223333:component/harden/1.0.0/1";
    assert_eq!(first.text("/componentBuildVersionArn"), arn);
    assert_eq!(
        first.text("/latestVersionReferences/latestMinorVersionArn"),
        "arn:aws:imagebuilder:us-east-1:111122223333:component/harden/1.0.x"
    );
    let same = client
        .put("CreateComponent", component(&document("build")))
        .await;
    let message = same.refused(400, "ResourceAlreadyExistsException");
    assert_eq!(
        message,
        format!("The following resource 'Component' already exists: '{arn}'.")
    );
    let changed = client
        .put("CreateComponent", component(&document("validate")))
        .await
        .ok();
    assert!(
        changed
            .text("/componentBuildVersionArn")
            .ends_with("/1.0.0/2")
    );
}

#[tokio::test]
async fn a_component_is_found_by_build_version_and_wildcard() {
    let client = Client::manual();
    client.component("Harden Me").await;
    let slug = "arn:aws:imagebuilder:us-east-1:111122223333:component/harden-me";
    for reference in ["1.0.0/1", "1.0.0", "1.0.x", "1.x.x", "x.x.x"] {
        let arn = format!("{slug}/{reference}");
        let reply = client
            .get("GetComponent", "componentBuildVersionArn", &arn)
            .await
            .ok();
        assert_eq!(
            reply.text("/component/name"),
            "Harden Me",
            "the name is kept as it was spelled"
        );
        assert_eq!(reply.text("/component/type"), "BUILD");
        assert_eq!(reply.body["component"]["encrypted"], true);
        assert_eq!(reply.body["component"].get("description"), None, "no nulls");
    }
    for absent in ["2.x.x", "1.0.0/2"] {
        let arn = format!("{slug}/{absent}");
        let reply = client
            .get("GetComponent", "componentBuildVersionArn", &arn)
            .await;
        reply.refused(404, "ResourceNotFoundException");
    }
}

#[tokio::test]
async fn the_type_follows_from_the_document_and_rubbish_is_refused() {
    let client = Client::manual();
    let test = client
        .put("CreateComponent", component(&document("test")))
        .await
        .ok();
    let arn = test.text("/componentBuildVersionArn");
    let got = client
        .get("GetComponent", "componentBuildVersionArn", arn)
        .await
        .ok();
    assert_eq!(got.text("/component/type"), "TEST");
    let rubbish = client
        .put("CreateComponent", component("not a document"))
        .await;
    rubbish.refused(400, "InvalidParameterValueException");
    let mut both = component("x");
    both.as_object_mut().unwrap().remove("data");
    client
        .put("CreateComponent", both)
        .await
        .refused(400, "InvalidParameterCombinationException");
}

#[tokio::test]
async fn amazon_s_components_resolve_and_are_listed_apart() {
    let client = Client::manual();
    client
        .recipe(
            "web",
            "1.0.0",
            json!({"components": [{"componentArn": UPDATE}]}),
        )
        .await
        .ok();
    let amazon = client
        .list(
            "ListComponents",
            json!({"owner": "Amazon", "maxResults": 100}),
        )
        .await
        .ok();
    let listed = amazon.body["componentVersionList"]
        .as_array()
        .unwrap()
        .clone();
    assert!(
        listed
            .iter()
            .any(|entry| entry["name"] == "update-linux" && entry["owner"] == "Amazon")
    );
    let own = client.list("ListComponents", json!({})).await.ok();
    assert_eq!(own.body["componentVersionList"], json!([]));
}

#[tokio::test]
async fn a_component_in_use_cannot_be_deleted() {
    let client = Client::manual();
    let arn = client.component("harden").await;
    let reference = arn.replace("/1.0.0/1", "/x.x.x");
    let recipe = client
        .recipe(
            "web",
            "1.0.0",
            json!({"components": [{"componentArn": reference}]}),
        )
        .await;
    let delete = || client.delete("DeleteComponent", "componentBuildVersionArn", &arn);
    let refused = delete().await;
    assert_eq!(
        refused.refused(400, "ResourceDependencyException"),
        format!(
            "Resource dependency error: The resource ARN '{arn}' has other resources depended on it."
        )
    );
    client
        .delete(
            "DeleteImageRecipe",
            "imageRecipeArn",
            recipe.text("/imageRecipeArn"),
        )
        .await
        .ok();
    delete().await.ok();
    delete().await.refused(404, "ResourceNotFoundException");
}
