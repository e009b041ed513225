//! Workflows: the resources, how they run, and steps that wait.

mod resources;
mod runs;
mod stages;
mod waiting;

use serde_json::{Value, json};

use crate::support::{Client, Reply};

/// A document whose steps are given as YAML.
fn document(steps: &str) -> String {
    format!("schemaVersion: 1.0\nsteps:\n{steps}")
}

const LAUNCH: &str = "  - {name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}\n";

const WAIT: &str = "  - {name: Approve, action: WaitForAction}\n";

async fn create(client: &Client, name: &str, kind: &str, data: &str) -> Reply {
    let input = json!({"name": name, "semanticVersion": "1.0.0", "type": kind, "data": data});
    client.put("CreateWorkflow", input).await
}

async fn created(client: &Client, name: &str, kind: &str, data: &str) -> String {
    create(client, name, kind, data)
        .await
        .ok()
        .text("/workflowBuildVersionArn")
        .to_owned()
}

fn managed(name: &str) -> Value {
    json!({"workflowArn": format!("arn:aws:imagebuilder:us-east-1:aws:workflow/{name}/x.x.x")})
}

/// Starts a build that runs these workflows.
async fn started(client: &Client, workflows: &[Value], more: Value) -> String {
    let mut settings = json!({"executionRole": "role", "workflows": workflows});
    settings
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let pipeline = client.pipeline("web", json!({}), settings).await;
    client.start(&pipeline).await
}

async fn executions(client: &Client, image: &str) -> Vec<Value> {
    let listed = client
        .list(
            "ListWorkflowExecutions",
            json!({"imageBuildVersionArn": image}),
        )
        .await
        .ok();
    listed.body["workflowExecutions"]
        .as_array()
        .unwrap()
        .clone()
}

async fn steps(client: &Client, execution: &Value) -> Vec<Value> {
    let input = json!({"workflowExecutionId": execution["workflowExecutionId"]});
    let listed = client.list("ListWorkflowStepExecutions", input).await.ok();
    listed.body["steps"].as_array().unwrap().clone()
}

/// One member of each, as text; `-` where it is absent.
fn each(values: &[Value], member: &str) -> Vec<String> {
    values
        .iter()
        .map(|value| value[member].as_str().unwrap_or("-").to_owned())
        .collect()
}

/// The JSON inside of a string.
fn inner(value: &Value) -> Value {
    serde_json::from_str(value.as_str().unwrap()).unwrap()
}
