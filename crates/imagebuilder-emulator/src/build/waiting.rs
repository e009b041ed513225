//! WaitForAction: who is told that a step waits.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::values::{Values, plain};
use crate::events::Notice;

/// The event, and what the step's inputs ask for: a message to a topic, a call of a function.
pub(super) fn notices(values: &Values<'_>, position: usize, at: Timestamp) -> Vec<Notice> {
    let given = |name: &str| values.input(position, name).map(|value| plain(&value));
    let message = message(values, position).to_string();
    let arn = &values.image.arn;
    let mut notices = vec![Notice::Event(event(values, position, at))];
    notices.extend(given("snsTopicArn").map(|topic| Notice::Topic {
        topic,
        account: arn.account.clone(),
        region: arn.region.clone(),
        message: message.clone(),
    }));
    notices.extend(given("lambdaFunctionName").map(|function| Notice::Function {
        function,
        account: arn.account.clone(),
        region: arn.region.clone(),
        payload: message.clone(),
    }));
    notices
}

/// An "EC2 Image Builder Workflow Step Waiting", as the User Guide shows it.
fn event(values: &Values<'_>, position: usize, at: Timestamp) -> Value {
    let arn = &values.image.arn;
    json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "EC2 Image Builder Workflow Step Waiting",
        "source": "aws.imagebuilder",
        "account": arn.account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": arn.region,
        "resources": [arn, values.workflow.arn],
        "detail": {
            "workflow-execution-id": values.id(),
            "workflow-step-execution-id": values.step_id(position),
            "workflow-step-name": values.step(position).map(|step| &step.name),
        },
    })
}

/// What a topic and a function get. The members are those that somebody has recorded of a function;
/// the User Guide says that a payload of one's own is wrapped in them, but not under which name.
fn message(values: &Values<'_>, position: usize) -> Value {
    let mut message = json!({
        "version": "1.0",
        "imageArn": values.image.arn,
        "workflowArn": values.workflow.arn,
        "workflowExecutionId": values.id(),
        "workflowStepExecutionId": values.step_id(position),
        "workflowStepName": values.step(position).map(|step| &step.name),
    });
    if let Some(payload) = values.input(position, "payload") {
        let parsed = payload.as_str().and_then(|text| serde_json::from_str(text).ok());
        message["payload"] = parsed.unwrap_or(payload);
    }
    message
}
