//! Lifecycle: policies, their daily runs, and updates of an image's state by hand.

#![allow(
    clippy::needless_pass_by_value,
    reason = "the arguments are literals, built at the call"
)]

mod executions;
mod policies;
mod runs;
mod scheduled_updates;
mod updates;

use serde_json::{Value, json};

use crate::support::Client;

/// How long a build takes, and a little more.
const BUILD: u64 = 1300;

/// The policies' rhythm.
const DAY: u64 = 24 * 60 * 60;

/// Long enough for an execution that acts on a few images.
const EXECUTION: u64 = 60;

const ROLE: &str = "arn:aws:iam::111122223333:role/lifecycle";

/// The input of `CreateLifecyclePolicy`: all images named `web`, and one rule.
fn policy(name: &str, rule: Value) -> Value {
    json!({
        "name": name,
        "executionRole": ROLE,
        "resourceType": "AMI_IMAGE",
        "policyDetails": [rule],
        "resourceSelection": {"recipes": [{"name": "web", "semanticVersion": "x.x.x"}]},
    })
}

/// A rule with a filter, for the AMIs, too, and their snapshots if they are deleted.
fn rule(action: &str, filter: Value) -> Value {
    let snapshots = action == "DELETE";
    let include = json!({"amis": true, "snapshots": snapshots});
    json!({"action": {"type": action, "includeResources": include}, "filter": filter})
}

fn older_than(value: u32, unit: &str) -> Value {
    json!({"type": "AGE", "value": value, "unit": unit})
}

/// Creates a policy.
async fn created(client: &Client, input: Value) -> String {
    client
        .put("CreateLifecyclePolicy", input)
        .await
        .ok()
        .text("/lifecyclePolicyArn")
        .to_owned()
}

/// A finished build of a pipeline.
async fn built(client: &Client, pipeline: &str) -> String {
    let image = client.start(pipeline).await;
    client.advance(BUILD);
    image
}

/// The executions of a policy or image, newest first.
async fn executions(client: &Client, arn: &str) -> Vec<Value> {
    let reply = client
        .list("ListLifecycleExecutions", json!({"resourceArn": arn}))
        .await
        .ok();
    reply.body["lifecycleExecutions"]
        .as_array()
        .unwrap()
        .clone()
}

/// The resources of an execution: its images, or the AMIs of one.
async fn resources(client: &Client, execution: &Value, parent: Option<&str>) -> Vec<Value> {
    let mut input = json!({"lifecycleExecutionId": execution["lifecycleExecutionId"]});
    if let Some(parent) = parent {
        input["parentResourceId"] = parent.into();
    }
    let reply = client
        .list("ListLifecycleExecutionResources", input)
        .await
        .ok();
    reply.body["resources"].as_array().unwrap().clone()
}

fn status_of(resource: &Value) -> &str {
    resource["state"]["status"].as_str().unwrap()
}

/// The id of an AMI of an image.
async fn ami(client: &Client, image: &str, index: usize) -> String {
    let image = client.image(image).await;
    image["outputResources"]["amis"][index]["image"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The account's AMIs (disabled and deprecated ones too) and snapshots in the client's Region.
async fn left(client: &Client) -> (usize, usize) {
    let all = [
        ("Owner.1", "self"),
        ("IncludeDeprecated", "true"),
        ("IncludeDisabled", "true"),
    ];
    let (_, amis) = client.ec2("DescribeImages", &all).await;
    let (_, snapshots) = client
        .ec2("DescribeSnapshots", &[("Owner.1", "self")])
        .await;
    (
        amis.matches("<imageId>").count(),
        snapshots.matches("<snapshotId>").count(),
    )
}
