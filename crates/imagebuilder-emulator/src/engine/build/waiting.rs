//! WaitForAction: the notifications that a step waits.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    engine::{
        build::values::{Values, plain},
        events::kinds::StepWaiting,
    },
    records::notification::Notification,
};

/// The event, and what the step's inputs ask for: a message to a topic, a call of a function.
pub(crate) fn notifications(
    values: &Values<'_>,
    position: usize,
    at: Timestamp,
) -> Vec<Notification> {
    let given = |name: &str| values.input(position, name).map(|value| plain(&value));
    let message = message(values, position).to_string();
    let arn = &values.image.arn;
    let mut notifications = vec![Notification::Event(event(values, position, at))];
    notifications.extend(given("snsTopicArn").map(|topic| Notification::Topic {
        topic,
        account: arn.account.to_string(),
        region: arn.region.to_string(),
        message: message.clone(),
    }));
    notifications.extend(
        given("lambdaFunctionName").map(|function| Notification::Function {
            function,
            account: arn.account.to_string(),
            region: arn.region.to_string(),
            payload: message.clone(),
        }),
    );
    notifications
}

fn event(values: &Values<'_>, position: usize, at: Timestamp) -> Value {
    let waiting = StepWaiting {
        image: &values.image.arn,
        workflow: &values.workflow.arn,
        execution: &values.id(),
        step: &values.step_id(position),
        step_name: values
            .step(position)
            .map(|step| step.name.as_str())
            .unwrap_or_default(),
        at,
    };
    waiting.event()
}

/// What a topic and a function get. The members are those of a recorded invocation. The User Guide
/// says that the user's payload is wrapped in them, but not under which name.
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
        let parsed = payload
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok());
        message["payload"] = parsed.unwrap_or(payload);
    }
    message
}
