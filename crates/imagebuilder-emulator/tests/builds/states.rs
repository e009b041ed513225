//! The states of a build, and what it tells of them.

use imagebuilder_emulator::{Options, Quotas};
use serde_json::json;

use crate::support::{BASE, BUILDER, Client};

#[tokio::test]
async fn a_build_passes_every_state_when_its_time_has_come() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let mut seen = vec![client.status(&image).await];
    for seconds in [10, 50, 660, 300, 150, 30] {
        client.advance(seconds - 1);
        assert_eq!(
            client.status(&image).await,
            *seen.last().unwrap(),
            "too early"
        );
        client.advance(1);
        seen.push(client.status(&image).await);
    }
    let expected = [
        "PENDING",
        "CREATING",
        "BUILDING",
        "TESTING",
        "DISTRIBUTING",
        "INTEGRATING",
        "AVAILABLE",
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn events_name_seven_states_and_no_ami() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    let mut events = client.emulator.take_events();
    events.retain(|event| event["source"] == "aws.imagebuilder");
    let states: Vec<_> = events
        .iter()
        .map(|event| &event["detail"]["state"]["status"])
        .collect();
    assert_eq!(
        states,
        [
            "BUILDING",
            "TESTING",
            "DISTRIBUTING",
            "INTEGRATING",
            "AVAILABLE"
        ]
    );
    let last = events.last().unwrap();
    assert_eq!(last["source"], "aws.imagebuilder");
    assert_eq!(last["detail-type"], "EC2 Image Builder Image State Change");
    assert_eq!(last["resources"], json!([image]));
    assert_eq!(last["account"], BUILDER);
    assert_eq!(
        last["detail"],
        json!({"previous-state": {"status": "INTEGRATING"}, "state": {"status": "AVAILABLE"}})
    );
    assert!(!last.to_string().contains("ami-"));
}

#[tokio::test]
async fn without_tests_a_build_skips_testing() {
    let client = Client::manual();
    let no_tests = json!({"imageTestsConfiguration": {"imageTestsEnabled": false}});
    let pipeline = client.pipeline("plain", json!({}), no_tests).await;
    let image = client.start(&pipeline).await;
    client.advance(720);
    assert_eq!(client.status(&image).await, "DISTRIBUTING");
}

#[tokio::test]
async fn workflows_replace_the_defaults_and_with_them_the_test() {
    let client = Client::manual();
    let build_only = json!({
        "executionRole": "role",
        "workflows": [
            {"workflowArn": "arn:aws:imagebuilder:us-east-1:aws:workflow/build/build-image/1.0.0/1"},
        ],
    });
    let pipeline = client.pipeline("plain", json!({}), build_only).await;
    let image = client.start(&pipeline).await;
    client.advance(720);
    assert_eq!(client.status(&image).await, "DISTRIBUTING");
}

#[tokio::test]
async fn a_cancelled_build_stops_a_little_later() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(800);
    let cancel = json!({"imageBuildVersionArn": image});
    client.put("CancelImageCreation", cancel.clone()).await.ok();
    assert_eq!(client.status(&image).await, "TESTING");
    client.advance(5);
    let stopped = client.image(&image).await;
    assert_eq!(stopped["state"], json!({"status": "CANCELLED"}));
    assert_eq!(
        stopped["outputResources"]["amis"].as_array().unwrap().len(),
        1
    );
    client
        .put("CancelImageCreation", cancel)
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn an_image_keeps_the_configurations_it_started_with() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let infrastructure = client.image(&image).await["infrastructureConfiguration"]["arn"].clone();
    let update =
        json!({"infrastructureConfigurationArn": infrastructure, "instanceProfileName": "other"});
    client
        .put("UpdateInfrastructureConfiguration", update)
        .await
        .ok();
    let kept = client.image(&image).await["infrastructureConfiguration"].clone();
    assert_eq!(kept["instanceProfileName"], "builder");
}

#[tokio::test]
async fn a_pipeline_remembers_its_last_run() {
    let client = Client::manual();
    let arn = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&arn).await;
    let pipeline = || async {
        let reply = client
            .get("GetImagePipeline", "imagePipelineArn", &arn)
            .await
            .ok();
        reply.body["imagePipeline"].clone()
    };
    assert_eq!(pipeline().await["lastRunStatus"], "PENDING");
    client.advance(1200);
    assert_eq!(pipeline().await["lastRunStatus"], "AVAILABLE");
    assert_eq!(
        pipeline().await["dateLastRun"],
        client.image(&image).await["dateCreated"]
    );
    assert_eq!(client.image(&image).await["sourcePipelineArn"], json!(arn));
}

#[tokio::test]
async fn concurrent_builds_have_a_quota() {
    let quotas = Quotas {
        concurrent_builds: 1,
        ..Quotas::default()
    };
    let manual = imagebuilder_emulator::Clock::Manual;
    let client = Client::new(Options {
        clock: manual,
        quotas,
        ..Options::default()
    });
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    client.start(&pipeline).await;
    let again = || {
        client.put(
            "StartImagePipelineExecution",
            json!({"imagePipelineArn": pipeline}),
        )
    };
    again().await.refused(402, "ServiceQuotaExceededException");
    client.advance(1200);
    again().await.ok();
}

#[tokio::test]
async fn create_image_builds_without_a_pipeline() {
    let client = Client::manual();
    let recipe = client
        .recipe("web", "1.0.0", json!({"parentImage": BASE}))
        .await
        .ok();
    let input = json!({
        "imageRecipeArn": recipe.text("/imageRecipeArn"),
        "infrastructureConfigurationArn": client.infrastructure("web").await,
        "tags": {"a": "b"},
    });
    let made = client.put("CreateImage", input).await.ok();
    client.advance(1200);
    let image = client.image(made.text("/imageBuildVersionArn")).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    assert_eq!(image["tags"], json!({"a": "b"}));
    assert_eq!(image.get("sourcePipelineArn"), None);
}

#[tokio::test]
async fn an_image_names_what_it_is_made_of() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let arn = client.start(&pipeline).await;
    client.advance(1200);
    let image = client.image(&arn).await;
    assert_eq!(image["osVersion"], "Amazon Linux 2023");
    assert_eq!(image["imageSource"], "CUSTOM");
    assert_eq!(image["buildType"], "USER_INITIATED");
    let workflows: Vec<_> = image["workflows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["workflowArn"].as_str().unwrap())
        .collect();
    let prefix = "arn:aws:imagebuilder:us-east-1:aws:workflow";
    let expected = [
        format!("{prefix}/build/build-image/1.0.3/1"),
        format!("{prefix}/test/test-image/1.0.3/1"),
    ];
    assert_eq!(workflows, expected);
    assert_eq!(image.get("scanState"), None);
}
