//! Pipelines: updates, what they use, and their references.

use serde_json::{Value, json};

use crate::support::{BUILDER, Client};

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
