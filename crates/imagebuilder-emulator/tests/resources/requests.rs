//! What holds for requests of every kind: quotas, client tokens, dry runs.

use imagebuilder_emulator::{Clock, Options, Quotas};
use serde_json::{Value, json};

use super::UPDATE;
use crate::support::{CONSUMER, Client};

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
