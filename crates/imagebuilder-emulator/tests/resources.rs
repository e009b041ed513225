//! Components, recipes, configurations, pipelines: names, versions, checks.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use imagebuilder_emulator::{Clock, MissingReference, Options, Quotas, Unknowns};
use serde_json::{Value, json};
use support::{BUILDER, CONSUMER, Client, document};

const UPDATE: &str = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x";

fn component(data: &str) -> Value {
    json!({"name": "Harden", "semanticVersion": "1.0.0", "platform": "Linux", "data": data})
}

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
async fn documents_tell_the_type_and_rubbish_is_refused() {
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
    create("1.x.2")
        .await
        .refused(400, "InvalidVersionNumberException");
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

#[tokio::test]
async fn quotas_name_themselves() {
    let quotas = Quotas {
        pipelines: 1,
        components_of_a_recipe: 1,
        ..Quotas::default()
    };
    let client = Client::new(Options {
        clock: Clock::Manual,
        quotas,
        ..Options::default()
    });
    let second = UPDATE.replace("update-linux", "reboot-linux");
    let two = json!({"components": [{"componentArn": UPDATE}, {"componentArn": second}]});
    let many = client.recipe("web", "1.0.0", two).await;
    assert!(
        many.refused(402, "ServiceQuotaExceededException")
            .contains("Components per image recipe")
    );
    let first = client.pipeline("one", json!({}), json!({})).await;
    let got = client
        .get("GetImagePipeline", "imagePipelineArn", &first)
        .await
        .ok();
    let more = json!({
        "name": "two",
        "imageRecipeArn": got.text("/imagePipeline/imageRecipeArn"),
        "infrastructureConfigurationArn": got.text("/imagePipeline/infrastructureConfigurationArn"),
    });
    client
        .put("CreateImagePipeline", more)
        .await
        .refused(402, "ServiceQuotaExceededException");
}

#[tokio::test]
async fn a_token_answers_again_and_refuses_other_parameters() {
    let client = Client::manual();
    let input = json!({"name": "inf", "instanceProfileName": "p", "clientToken": "once"});
    let create = |input: Value| client.put("CreateInfrastructureConfiguration", input);
    let first = create(input.clone()).await.ok();
    let again = create(input.clone()).await.ok();
    assert_eq!(first.body, again.body);
    assert_eq!(first.text("/clientToken"), "once");
    let mut other = input.clone();
    other["instanceProfileName"] = "q".into();
    create(other)
        .await
        .refused(400, "IdempotentParameterMismatchException");
    let elsewhere = client.in_region("eu-west-1");
    elsewhere
        .put("CreateInfrastructureConfiguration", input.clone())
        .await
        .ok();
    let stranger = client.as_account(CONSUMER);
    stranger
        .put("CreateInfrastructureConfiguration", input)
        .await
        .ok();
}

#[tokio::test]
async fn one_start_token_starts_one_build() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let start = || {
        let input = json!({"imagePipelineArn": pipeline, "clientToken": "event-1"});
        client.put("StartImagePipelineExecution", input)
    };
    assert_eq!(start().await.ok().body, start().await.ok().body);
    let images = client.list("ListImageBuildVersions", json!({})).await.ok();
    assert_eq!(images.body["imageSummaryList"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_dry_run_checks_and_changes_nothing() {
    let client = Client::manual();
    let dry = json!({"dryRun": true});
    let reply = client.recipe("web", "1.0.0", dry).await;
    assert_eq!(
        reply.refused(412, "DryRunOperationException"),
        "Request would have succeeded, but dryRun flag is set."
    );
    client.recipe("web", "1.0.0", json!({})).await.ok();
    let taken = client.recipe("web", "1.0.0", json!({"dryRun": true})).await;
    taken.refused(400, "ResourceAlreadyExistsException");
}

#[tokio::test]
async fn an_update_replaces_everything_and_enables_the_pipeline() {
    let client = Client::manual();
    let more = json!({"description": "before", "status": "DISABLED"});
    let arn = client.pipeline("web", json!({}), more).await;
    let got = client
        .get("GetImagePipeline", "imagePipelineArn", &arn)
        .await
        .ok();
    assert_eq!(got.text("/imagePipeline/status"), "DISABLED");
    client.start(&arn).await;
    let update = json!({
        "imagePipelineArn": arn,
        "imageRecipeArn": got.text("/imagePipeline/imageRecipeArn"),
        "infrastructureConfigurationArn": got.text("/imagePipeline/infrastructureConfigurationArn"),
    });
    client.put("UpdateImagePipeline", update).await.ok();
    let got = client
        .get("GetImagePipeline", "imagePipelineArn", &arn)
        .await
        .ok();
    assert_eq!(got.text("/imagePipeline/status"), "ENABLED");
    assert_eq!(got.body["imagePipeline"].get("description"), None);
    assert!(got.body["imagePipeline"].get("dateUpdated").is_some());
}

#[tokio::test]
async fn what_a_pipeline_uses_cannot_be_deleted_before_it() {
    let client = Client::manual();
    let distribution = client
        .distribution(
            "web",
            json!([{"region": "us-east-1", "amiDistributionConfiguration": {}}]),
        )
        .await
        .ok();
    let distribution = distribution
        .text("/distributionConfigurationArn")
        .to_owned();
    let pipeline = client
        .pipeline(
            "web",
            json!({}),
            json!({"distributionConfigurationArn": distribution}),
        )
        .await;
    let arn = |kind: &str| format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:{kind}/web");
    let used = [
        (
            "DeleteImageRecipe",
            "imageRecipeArn",
            format!("{}/1.0.0", arn("image-recipe")),
        ),
        (
            "DeleteInfrastructureConfiguration",
            "infrastructureConfigurationArn",
            arn("infrastructure-configuration"),
        ),
        (
            "DeleteDistributionConfiguration",
            "distributionConfigurationArn",
            distribution,
        ),
    ];
    for (operation, parameter, arn) in &used {
        client
            .delete(operation, parameter, arn)
            .await
            .refused(400, "ResourceDependencyException");
    }
    client
        .delete("DeleteImagePipeline", "imagePipelineArn", &pipeline)
        .await
        .ok();
    for (operation, parameter, arn) in &used {
        client.delete(operation, parameter, arn).await.ok();
        client
            .delete(operation, parameter, arn)
            .await
            .refused(404, "ResourceNotFoundException");
    }
}

#[tokio::test]
async fn references_of_a_pipeline_are_checked() {
    let client = Client::manual();
    client.pipeline("web", json!({}), json!({})).await;
    let arn = |kind: &str| format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:{kind}");
    let good = json!({
        "name": "other",
        "imageRecipeArn": arn("image-recipe/web/1.0.0"),
        "infrastructureConfigurationArn": arn("infrastructure-configuration/web"),
    });
    let changed = |member: &str, value: Value| {
        let mut input = good.clone();
        input[member] = value;
        input
    };
    let role = "InvalidParameterCombinationException";
    let invalid = "InvalidParameterValueException";
    let workflow = json!([{"workflowArn": "arn:aws:imagebuilder:us-east-1:aws:workflow/build/build-image/x.x.x"}]);
    let bad = [
        (
            changed("imageRecipeArn", arn("image-recipe/no/1.0.0").into()),
            404,
            "ResourceNotFoundException",
        ),
        (
            changed(
                "infrastructureConfigurationArn",
                arn("infrastructure-configuration/no").into(),
            ),
            404,
            "ResourceNotFoundException",
        ),
        (
            changed(
                "distributionConfigurationArn",
                arn("distribution-configuration/no").into(),
            ),
            404,
            "ResourceNotFoundException",
        ),
        (
            changed("imageRecipeArn", Value::Null),
            400,
            "InvalidParameterCombinationException",
        ),
        (changed("workflows", workflow), 400, role),
        (
            changed("name", "web".into()),
            400,
            "ResourceAlreadyExistsException",
        ),
        (
            changed("name", "WEB".into()),
            400,
            "ResourceAlreadyExistsException",
        ),
        (
            changed("schedule", json!({"scheduleExpression": "rate(1 days)"})),
            400,
            invalid,
        ),
    ];
    for (input, status, error) in bad {
        client
            .put("CreateImagePipeline", input)
            .await
            .refused(status, error);
    }
    client.put("CreateImagePipeline", good.clone()).await.ok();
}

#[tokio::test]
async fn infrastructure_needs_groups_with_a_subnet_and_no_reserved_tags() {
    let client = Client::manual();
    let with = |member: &str, value: Value| json!({"name": "inf", "instanceProfileName": "p", member: value});
    let create = |input| client.put("CreateInfrastructureConfiguration", input);
    let subnet = create(with("subnetId", "subnet-1".into())).await;
    subnet.refused(400, "InvalidParameterCombinationException");
    let tags = create(with("resourceTags", json!({"CreatedBy": "me"}))).await;
    tags.refused(400, "InvalidParameterValueException");
    let made = create(with("resourceTags", json!({"Team": "me"})))
        .await
        .ok();
    let arn = made.text("/infrastructureConfigurationArn");
    let got = client
        .get(
            "GetInfrastructureConfiguration",
            "infrastructureConfigurationArn",
            arn,
        )
        .await;
    assert_eq!(
        got.body["infrastructureConfiguration"]["terminateInstanceOnFailure"],
        true
    );
}

#[tokio::test]
async fn distributions_are_checked() {
    let client = Client::manual();
    let region = |configuration: Value| json!([{"region": "us-east-1", "amiDistributionConfiguration": configuration}]);
    let empty = client
        .distribution("web", json!([{"region": "us-east-1"}]))
        .await;
    assert_eq!(
        empty.refused(400, "InvalidParameterValueException"),
        "The value supplied for parameter 'distributions[0]' is not valid. One or more outputs should be \
         provided for each region in a distribution configuration."
    );
    client
        .distribution("web", region(json!({"name": "fixed"})))
        .await
        .refused(400, "InvalidParameterValueException");
    client
        .distribution("web", region(json!({"targetAccountIds": ["12"]})))
        .await
        .refused(400, "InvalidParameterValueException");
    let twice = json!([{"region": "us-east-1", "amiDistributionConfiguration": {}}, {"region": "us-east-1", "amiDistributionConfiguration": {}}]);
    client
        .distribution("web", twice)
        .await
        .refused(400, "InvalidParameterValueException");
    let export = json!({"roleName": "r", "diskImageFormat": "RAW", "s3Bucket": "b"});
    let export = json!([{"region": "us-east-1", "s3ExportConfiguration": export}]);
    client
        .distribution("web", export)
        .await
        .refused(501, "NotEmulatedException");
    client
        .distribution(
            "web",
            region(json!({"name": "web {{ imagebuilder:buildDate }}"})),
        )
        .await
        .ok();
    let listed = client
        .list("ListDistributionConfigurations", json!({}))
        .await
        .ok();
    assert_eq!(
        listed.body["distributionConfigurationSummaryList"][0]["regions"],
        json!(["us-east-1"])
    );
}
