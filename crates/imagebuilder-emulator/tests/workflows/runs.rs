//! How workflows run: steps in order, what they show, failures and rollbacks.

use imagebuilder_emulator::{BuildFailure, Fault};
use serde_json::{Value, json};

use super::{created, each, executions, inner, managed, started, steps};
use crate::support::Client;

fn failing(state: &str) -> Fault {
    Fault::FailBuild(BuildFailure::next(state))
}

/// A build by default workflows, of a recipe with one component that builds.
async fn default_build(client: &Client) -> String {
    let component = client.component("thing").await;
    let recipe = json!({"components": [{"componentArn": component}]});
    let pipeline = client.pipeline("web", recipe, json!({})).await;
    client.start(&pipeline).await
}

#[tokio::test]
async fn a_default_build_runs_as_the_api_reference_shows_it() {
    let client = Client::manual();
    let image = default_build(&client).await;
    assert!(executions(&client, &image).await.is_empty());
    client.advance(1200);
    let ran = executions(&client, &image).await;
    assert_eq!(
        each(&ran, "type"),
        ["BUILD", "TEST"],
        "Image Builder distributes by itself"
    );
    assert_eq!(each(&ran, "status"), ["COMPLETED", "COMPLETED"]);
    let counts = |one: &Value| {
        [
            "totalStepCount",
            "totalStepsSucceeded",
            "totalStepsFailed",
            "totalStepsSkipped",
        ]
        .map(|member| one[member].as_u64().unwrap())
    };
    assert_eq!(counts(&ran[0]), [7, 6, 0, 1]);
    assert_eq!(counts(&ran[1]), [4, 2, 0, 2]);
    let built = steps(&client, &ran[0]).await;
    let names = [
        "LaunchBuildInstance",
        "ApplyBuildComponents",
        "InventoryCollection",
        "RunSanitizeScript",
        "RunSysPrepScript",
        "CreateOutputAMI",
        "TerminateBuildInstance",
    ];
    assert_eq!(each(&built, "name"), names);
    assert_eq!(built[4]["status"], "SKIPPED");
    assert_eq!(built[4]["startTime"], built[4]["endTime"]);
    assert_eq!(
        inner(&built[4]["inputs"]),
        json!({"instanceId.$": "$.stepOutputs.LaunchBuildInstance.instanceId"})
    );
    let instance = inner(&built[0]["outputs"])["instanceId"].clone();
    assert_eq!(inner(&built[1]["inputs"]), json!({"instanceId": instance}));
    let ami = client.image(&image).await["outputResources"]["amis"][0]["image"].clone();
    assert_eq!(inner(&built[5]["outputs"]), json!({"imageId": ami}));
    assert_eq!(
        inner(&built[2]["outputs"])["osVersion"],
        "Amazon Linux 2023"
    );
}

#[tokio::test]
async fn a_stage_takes_its_time_with_components_or_without() {
    let client = Client::manual();
    let image = default_build(&client).await;
    let bare = client
        .pipeline(
            "bare",
            json!({}),
            json!({"enhancedImageMetadataEnabled": false}),
        )
        .await;
    let bare = client.start(&bare).await;
    client.advance(60 + 659);
    for image in [&image, &bare] {
        assert_eq!(client.status(image).await, "BUILDING");
    }
    client.advance(1);
    for image in [&image, &bare] {
        assert_eq!(client.status(image).await, "TESTING");
    }
}

#[tokio::test]
async fn an_execution_and_a_step_can_be_got_by_id() {
    let client = Client::manual();
    let image = default_build(&client).await;
    client.advance(100);
    let ran = executions(&client, &image).await;
    let id = ran[0]["workflowExecutionId"].as_str().unwrap();
    let got = client
        .get("GetWorkflowExecution", "workflowExecutionId", id)
        .await
        .ok();
    assert_eq!(
        (got.text("/status"), got.text("/imageBuildVersionArn")),
        ("RUNNING", image.as_str())
    );
    assert_eq!(got.body.get("endTime"), None);
    let first = &steps(&client, &ran[0]).await[0];
    let step = first["stepExecutionId"].as_str().unwrap();
    let got = client
        .get("GetWorkflowStepExecution", "stepExecutionId", step)
        .await
        .ok();
    assert_eq!(
        (got.text("/name"), got.text("/onFailure")),
        ("LaunchBuildInstance", "Abort")
    );
    assert_eq!(got.body["timeoutSeconds"], 4500);
    assert_eq!(got.text("/workflowExecutionId"), id);
    let other = client.as_account(crate::support::CONSUMER);
    other
        .get("GetWorkflowExecution", "workflowExecutionId", id)
        .await
        .refused(404, "ResourceNotFoundException");
    let nobodys = "step-165b1cb6-3a62-4618-a021-94ddcbe32908";
    client
        .get("GetWorkflowStepExecution", "stepExecutionId", nobodys)
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn image_execution_and_step_show_the_same_failure() {
    let client = Client::manual();
    client.emulator.add_faults([failing("BUILDING")]);
    let image = default_build(&client).await;
    client.advance(1200);
    let state = client.image(&image).await["state"].clone();
    let context = &state["failureContext"];
    let ran = executions(&client, &image).await;
    assert_eq!(each(&ran, "status"), ["ROLLBACK_COMPLETED"]);
    assert_eq!(
        ran[0].get("message"),
        None,
        "a component's failure is in its log only"
    );
    let built = steps(&client, &ran[0]).await;
    let expected = [
        "COMPLETED",
        "FAILED",
        "PENDING",
        "PENDING",
        "PENDING",
        "PENDING",
        "PENDING",
    ];
    assert_eq!(each(&built, "status"), expected);
    assert_eq!(each(&built, "rollbackStatus")[..2], ["COMPLETED", "-"]);
    assert_eq!(
        context["workflowExecutionId"],
        ran[0]["workflowExecutionId"]
    );
    assert_eq!(context["workflowArn"], ran[0]["workflowBuildVersionArn"]);
    assert_eq!(context["stepExecutionId"], built[1]["stepExecutionId"]);
    assert_eq!(context["failedStep"], "ApplyBuildComponents");
    let component = "arn:aws:imagebuilder:us-east-1:111122223333:component/thing/1.0.0/1";
    assert_eq!(context["componentFailure"]["componentArn"], component);
    let id = ran[0]["workflowExecutionId"].as_str().unwrap();
    let reason =
        format!("Workflow Execution ID: '{id}' failed with reason: Document {component} failed!");
    assert_eq!(state["reason"], reason);
    let listed = client
        .list(
            "ListWorkflowExecutions",
            json!({"imageBuildVersionArn": image}),
        )
        .await
        .ok();
    assert_eq!(listed.text("/message"), reason);
}

#[tokio::test]
async fn an_instance_that_is_to_be_kept_is_not_rolled_back() {
    let client = Client::manual();
    client.emulator.add_faults([failing("BUILDING")]);
    let recipe = client
        .recipe("web", "1.0.0", json!({}))
        .await
        .ok()
        .text("/imageRecipeArn")
        .to_owned();
    let kept = json!({"name": "web", "instanceProfileName": "builder", "terminateInstanceOnFailure": false});
    let kept = client
        .put("CreateInfrastructureConfiguration", kept)
        .await
        .ok();
    let input = json!({
        "imageRecipeArn": recipe,
        "infrastructureConfigurationArn": kept.text("/infrastructureConfigurationArn"),
    });
    let image = client
        .put("CreateImage", input)
        .await
        .ok()
        .text("/imageBuildVersionArn")
        .to_owned();
    client.advance(1200);
    let ran = executions(&client, &image).await;
    assert_eq!(each(&ran, "status"), ["ROLLBACK_COMPLETED"]);
    assert_eq!(
        steps(&client, &ran[0]).await[0]["rollbackStatus"],
        "SKIPPED"
    );
    let of_image = [
        ("Filter.1.Name", "tag:Ec2ImageBuilderArn"),
        ("Filter.1.Value.1", image.as_str()),
    ];
    let (_, kept) = client.ec2("DescribeInstances", &of_image).await;
    assert!(kept.contains("<name>running</name>"), "{kept}");
}

#[tokio::test]
async fn a_failed_step_that_may_fail_lets_the_workflow_go_on() {
    let client = Client::manual();
    let tests = "schemaVersion: 1.0
steps:
  - {name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}
  - {name: Run, action: ExecuteComponents, onFailure: Continue, inputs: {instanceId.$: $.stepOutputs.Launch.instanceId}}
  - {name: After, action: TerminateInstance, inputs: {instanceId.$: $.stepOutputs.Launch.instanceId}}
";
    let lenient = created(&client, "lenient", "TEST", tests).await;
    client.emulator.add_faults([failing("TESTING")]);
    let workflows = [
        managed("build/build-image"),
        json!({"workflowArn": lenient}),
    ];
    let image = started(&client, &workflows, json!({})).await;
    client.advance(1300);
    assert_eq!(client.status(&image).await, "AVAILABLE");
    let ran = executions(&client, &image).await;
    assert_eq!(each(&ran, "status"), ["COMPLETED", "COMPLETED"]);
    assert_eq!(
        each(&steps(&client, &ran[1]).await, "status"),
        ["COMPLETED", "FAILED", "COMPLETED"]
    );
    assert_eq!(ran[1]["totalStepsFailed"], 1);
}

#[tokio::test]
async fn conditions_and_references_read_parameters_and_earlier_outputs() {
    let client = Client::manual();
    let data = "schemaVersion: 1.0
parameters:
  - {name: platform, type: string, default: Linux}
  - {name: skip, type: boolean, default: false}
steps:
  - {name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}
  - name: OnLinux
    action: RunCommand
    if: {stringEquals: $.parameters.platform, value: $.imagebuilder.platform}
    inputs:
      documentName: AWS-RunShellScript
      instanceId.$: $.stepOutputs.Launch.instanceId
      parameters: {commands: ['echo {{ $.imagebuilder.imageName }} {{ $.workflowOutputs.ImageId }} {{ x }}']}
  - name: Skipped
    action: RunCommand
    if: {not: {booleanEquals: false, value: $.parameters.skip}}
    inputs: {documentName: any, instanceId.$: $.stepOutputs.Launch.instanceId}
";
    let flow = created(&client, "flow", "TEST", data).await;
    let parameters = json!([{"name": "skip", "value": ["false"]}]);
    let named = json!({"workflowArn": flow, "parameters": parameters});
    let image = started(&client, &[managed("build/build-image"), named], json!({})).await;
    client.advance(1300);
    assert_eq!(client.status(&image).await, "AVAILABLE");
    let ami = client.image(&image).await["outputResources"]["amis"][0]["image"]
        .as_str()
        .unwrap()
        .to_owned();
    let ran = executions(&client, &image).await;
    let tested = steps(&client, &ran[1]).await;
    assert_eq!(
        each(&tested, "status"),
        ["COMPLETED", "COMPLETED", "SKIPPED"]
    );
    let command = inner(&tested[1]["inputs"])["parameters"]["commands"][0].clone();
    assert_eq!(command, format!("echo web {ami} {{{{ x }}}}"));
}
