//! `WaitForAction`: a step waits, publishes that it waits, and gets an answer.

use serde_json::{Value, json};

use super::{LAUNCH, WAIT, created, document, each, executions, inner, managed, started, steps};
use crate::support::Client;

/// A build whose test workflow has two steps that wait, and the first of them waits.
async fn waiting(client: &Client) -> (String, Value) {
    let second =
        "  - {name: Again, action: WaitForAction, timeoutSeconds: 3600, onFailure: Continue}\n";
    let flow = created(
        client,
        "gate",
        "TEST",
        &document(&format!("{WAIT}{second}{LAUNCH}")),
    )
    .await;
    let workflows = [managed("build/build-image"), json!({"workflowArn": flow})];
    let image = started(client, &workflows, json!({})).await;
    client.advance(720);
    let step = one_waiting(client).await;
    (image, step)
}

async fn all_waiting(client: &Client) -> Vec<Value> {
    let listed = client
        .list("ListWaitingWorkflowSteps", json!({}))
        .await
        .ok();
    listed.body["steps"].as_array().unwrap().clone()
}

async fn one_waiting(client: &Client) -> Value {
    let mut listed = all_waiting(client).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    listed.remove(0)
}

async fn send(client: &Client, step: &Value, action: &str) -> crate::support::Reply {
    let input = json!({
        "stepExecutionId": step["stepExecutionId"], "imageBuildVersionArn": step["imageBuildVersionArn"],
        "action": action, "reason": "because",
    });
    client.put("SendWorkflowStepAction", input).await
}

#[tokio::test]
async fn a_step_waits_until_it_is_answered_and_gives_the_reason_on() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    assert_eq!(
        (&step["name"], &step["action"]),
        (&json!("Approve"), &json!("WaitForAction"))
    );
    client.advance(3 * 24 * 3600 - 1);
    assert_eq!(client.status(&image).await, "TESTING");
    let sent = send(&client, &step, "RESUME").await.ok();
    assert_eq!(sent.body["stepExecutionId"], step["stepExecutionId"]);
    assert_eq!(sent.body["imageBuildVersionArn"], json!(image));
    assert_eq!(one_waiting(&client).await["name"], "Again");
    let tested = steps(&client, &executions(&client, &image).await[1]).await;
    assert_eq!(
        inner(&tested[0]["outputs"]),
        json!({"action": "RESUME", "reason": "because"})
    );
    send(&client, &step, "RESUME")
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn a_stop_fails_the_workflow_with_its_reason() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    send(&client, &step, "STOP").await.ok();
    let state = client.image(&image).await["state"].clone();
    assert_eq!(state["status"], "FAILED");
    assert!(
        state["reason"]
            .as_str()
            .unwrap()
            .ends_with("failed with reason: because"),
        "{state}"
    );
    assert_eq!(state["failureContext"]["failedStep"], "Approve");
    let ran = executions(&client, &image).await;
    assert_eq!(
        (&ran[1]["status"], &ran[1]["message"]),
        (&json!("ROLLBACK_COMPLETED"), &json!("because"))
    );
    assert!(all_waiting(&client).await.is_empty());
}

#[tokio::test]
async fn a_step_without_an_answer_times_out() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    client.advance(3 * 24 * 3600);
    assert_eq!(client.status(&image).await, "FAILED");
    send(&client, &step, "RESUME")
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn a_timeout_of_a_step_that_may_fail_lets_the_build_go_on() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    send(&client, &step, "RESUME").await.ok();
    client.advance(3600 + 150);
    assert_eq!(client.status(&image).await, "DISTRIBUTING");
    let ran = executions(&client, &image).await;
    assert_eq!(
        each(&steps(&client, &ran[1]).await, "status"),
        ["COMPLETED", "FAILED", "COMPLETED"]
    );
}

#[tokio::test]
async fn an_answer_must_name_the_image_and_a_step_of_the_caller() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    let mut other = step.clone();
    other["imageBuildVersionArn"] = image.replace("/1.0.0/1", "/1.0.0/2").into();
    send(&client, &other, "RESUME")
        .await
        .refused(400, "InvalidParameterValueException");
    let stranger = client.as_account(crate::support::CONSUMER);
    send(&stranger, &step, "RESUME")
        .await
        .refused(404, "ResourceNotFoundException");
    assert!(all_waiting(&stranger).await.is_empty());
    let launched = steps(&client, &executions(&client, &image).await[0])
        .await
        .remove(0);
    other = json!({"stepExecutionId": launched["stepExecutionId"], "imageBuildVersionArn": image});
    send(&client, &other, "RESUME")
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn the_event_names_image_workflow_and_step() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    let events = client.emulator.take_events();
    let kind = "EC2 Image Builder Workflow Step Waiting";
    let event = events
        .iter()
        .find(|event| event["detail-type"] == kind)
        .unwrap();
    assert_eq!(
        event["resources"],
        json!([image, step["workflowBuildVersionArn"]])
    );
    let detail = json!({
        "workflow-execution-id": step["workflowExecutionId"],
        "workflow-step-execution-id": step["stepExecutionId"],
        "workflow-step-name": "Approve",
    });
    assert_eq!(event["detail"], detail);
}

#[tokio::test]
async fn a_build_that_waits_can_be_cancelled() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    client
        .put(
            "CancelImageCreation",
            json!({"imageBuildVersionArn": image}),
        )
        .await
        .ok();
    send(&client, &step, "RESUME")
        .await
        .refused(400, "InvalidParameterValueException");
    client.advance(5);
    assert_eq!(client.status(&image).await, "CANCELLED");
    let ran = executions(&client, &image).await;
    assert_eq!(ran[1]["status"], "CANCELLED");
    assert_eq!(
        each(&steps(&client, &ran[1]).await, "status"),
        ["CANCELLED", "PENDING", "PENDING"]
    );
}

#[tokio::test]
async fn a_build_that_waits_survives_a_snapshot() {
    let client = Client::manual();
    let (image, step) = waiting(&client).await;
    let snapshot = client.emulator.state().unwrap();
    let other = Client::manual();
    other.emulator.restore(snapshot.as_bytes()).unwrap();
    assert_eq!(
        executions(&other, &image).await,
        executions(&client, &image).await
    );
    send(&other, &step, "RESUME").await.ok();
    assert_eq!(one_waiting(&other).await["name"], "Again");
}
