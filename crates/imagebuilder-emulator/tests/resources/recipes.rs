//! Recipes: versions, components, and references to nothing.

use imagebuilder_emulator::{MissingReference, Options, Unknowns};
use serde_json::{Value, json};

use super::UPDATE;
use crate::support::{Client, document};

#[tokio::test]
async fn recipes_are_immutable_and_series_count_up() {
    let client = Client::manual();
    let create = |version: &'static str| client.recipe("My_Web app", version, json!({}));
    let arn = "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/my-web-app/1.0.0";
    assert_eq!(create("1.0.x").await.ok().text("/imageRecipeArn"), arn);
    assert!(
        create("1.0.x")
            .await
            .ok()
            .text("/imageRecipeArn")
            .ends_with("/1.0.1")
    );
    let taken = client
        .recipe("my web-app", "1.0.0", json!({"description": "other"}))
        .await;
    assert_eq!(
        taken.refused(400, "ResourceAlreadyExistsException"),
        format!("The following resource 'ImageRecipe' already exists: '{arn}'.")
    );
    let newest = arn.replace("1.0.0", "x.x.x");
    let got = client
        .get("GetImageRecipe", "imageRecipeArn", &newest)
        .await
        .ok();
    assert_eq!(got.text("/imageRecipe/version"), "1.0.1");
    assert_eq!(got.body["imageRecipe"].get("workingDirectory"), None);
    let of_minors = create("1.x.0").await.ok();
    assert!(of_minors.text("/imageRecipeArn").ends_with("/1.1.0"));
    for several in ["1.x.x", "x.x.x"] {
        create(several)
            .await
            .refused(400, "InvalidVersionNumberException");
    }
}

#[tokio::test]
async fn the_first_number_of_a_series_is_a_setting() {
    let unknowns = Unknowns {
        first_patch: 1,
        ..Unknowns::default()
    };
    let client = Client::new(Options {
        unknowns,
        ..Options::default()
    });
    let made = client.recipe("web", "1.0.x", json!({})).await.ok();
    assert!(made.text("/imageRecipeArn").ends_with("/1.0.1"));
}

#[tokio::test]
async fn a_recipe_s_components_are_checked() {
    let client = Client::manual();
    let own = client.component("harden").await;
    let with_parameter = format!(
        "schemaVersion: 1.0\nparameters: [{{Level: {{type: string}}}}]\n{}",
        document("build").split_once('\n').unwrap().1
    );
    let strict = json!({"name": "strict", "semanticVersion": "1.0.0", "platform": "Linux", "data": with_parameter});
    let strict = client.put("CreateComponent", strict).await.ok();
    let strict = strict.text("/componentBuildVersionArn");
    let windows = "arn:aws:imagebuilder:us-east-1:aws:component/update-windows/x.x.x";
    let absent = "arn:aws:imagebuilder:us-east-1:aws:component/nothing/x.x.x";
    let level = |value: Value| json!([{"componentArn": strict, "parameters": [{"name": "Level", "value": value}]}]);
    let bad = [
        (
            json!([{"componentArn": own}, {"componentArn": own.replace("/1.0.0/1", "/x.x.x")}]),
            400,
        ),
        (json!([{"componentArn": windows}]), 400),
        (json!([{"componentArn": absent}]), 404),
        (json!([{"componentArn": strict}]), 400),
        (level(json!(["a", "b"])), 400),
        (
            json!([{"componentArn": own, "parameters": [{"name": "No", "value": ["x"]}]}]),
            400,
        ),
    ];
    for (components, status) in bad {
        let reply = client
            .recipe("web", "1.0.0", json!({"components": components}))
            .await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    client
        .recipe(
            "web",
            "1.0.0",
            json!({"components": level(json!(["High"]))}),
        )
        .await
        .ok();
}

#[tokio::test]
async fn the_code_for_a_missing_reference_is_a_setting() {
    let unknowns = Unknowns {
        missing_reference: MissingReference::InvalidParameterValue,
        ..Unknowns::default()
    };
    let client = Client::new(Options {
        unknowns,
        ..Options::default()
    });
    let absent = json!({"components": [{"componentArn": UPDATE.replace("update", "nothing")}]});
    let reply = client.recipe("web", "1.0.0", absent).await;
    reply.refused(400, "InvalidParameterValueException");
}
