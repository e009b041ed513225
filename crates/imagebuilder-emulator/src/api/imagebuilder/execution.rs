//! Executions of workflows and of their steps, and the answers to steps that wait.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::imagebuilder::{
        image,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        json::{prune, to_json},
    },
    document::workflow::StepAction,
    engine::build::{
        self,
        ids::{self, Position},
        values::{Values, outputs::outputs},
    },
    records::{
        execution::{StepAnswer, StepNote, StepStatus, UnixMillis},
        image::Image,
    },
    state::images,
    wire::paging,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("ListWorkflowExecutions", list),
    ("GetWorkflowExecution", get),
    ("ListWorkflowStepExecutions", list_steps),
    ("GetWorkflowStepExecution", get_step),
    ("ListWaitingWorkflowSteps", list_waiting),
    ("SendWorkflowStepAction", send_action),
];

/// The longest message of a workflow, a step, or a list of them.
const MESSAGE: usize = 500;

/// The longest `timeoutSeconds` that the model lets an answer have; WaitForAction may wait longer.
const MAX_TIMEOUT: u32 = 43_200;

fn shortened(text: &str) -> String {
    text.chars().take(MESSAGE).collect()
}

/// ListWorkflowExecutions: those of an image whose stage was reached, earliest first.
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = image::find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    let all =
        (0..image.executions.len()).filter_map(|index| Values::of(request.state, image, index));
    let seen: Vec<_> = all.filter(|values| values.execution.is_visible()).collect();
    let mut answer = paging::page(request, "workflowExecutions", &seen, metadata)?;
    answer["imageBuildVersionArn"] = to_json(&image.arn);
    answer["message"] = image.reason.as_deref().map(shortened).into();
    Ok(answer)
}

fn metadata(values: &Values<'_>) -> Value {
    let execution = values.execution;
    let group = values
        .configuration()
        .and_then(|one| one.parallel_group.as_ref());
    json!({
        "workflowBuildVersionArn": values.workflow.arn,
        "workflowExecutionId": values.id(),
        "type": execution.kind,
        "status": execution.status,
        "message": execution.message.as_deref().map(shortened),
        "totalStepCount": execution.steps.len(),
        "totalStepsSucceeded": execution.count(StepStatus::Completed),
        "totalStepsFailed": execution.count(StepStatus::Failed),
        "totalStepsSkipped": execution.count(StepStatus::Skipped),
        "startTime": execution.started.map(UnixMillis::date),
        "endTime": execution.ended.map(UnixMillis::date),
        "parallelGroup": group,
        "retried": execution.retried,
    })
}

/// GetWorkflowExecution
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let values = execution(request)?;
    let mut view = metadata(&values);
    if let Some(members) = view.as_object_mut() {
        members.remove("retried");
        members.insert(
            "imageBuildVersionArn".to_owned(),
            to_json(&values.image.arn),
        );
    }
    Ok(view)
}

/// ListWorkflowStepExecutions: all steps of the document, in its order.
pub(crate) fn list_steps(request: &mut Request<'_>) -> Answer {
    let values = execution(request)?;
    let positions: Vec<_> = (0..values.execution.steps.len()).collect();
    let mut answer = paging::page(request, "steps", &positions, |position| {
        step_view(&values, *position)
    })?;
    answer["workflowBuildVersionArn"] = to_json(&values.workflow.arn);
    answer["workflowExecutionId"] = values.id().into();
    answer["imageBuildVersionArn"] = to_json(&values.image.arn);
    Ok(answer)
}

fn step_view(values: &Values<'_>, position: usize) -> Value {
    let (Some(step), Some(record)) = (values.step(position), values.execution.steps.get(position))
    else {
        return Value::Null;
    };
    let message = match record.note.as_deref() {
        Some(StepNote::Failure {
            message,
            shown: true,
        }) => Some(shortened(message)),
        Some(StepNote::Answer { reason, .. }) => reason.as_deref().map(shortened),
        Some(StepNote::Failure { shown: false, .. }) | None => None,
    };
    let failed = record.status == StepStatus::Failed;
    json!({
        "stepExecutionId": values.step_id(position),
        "name": step.name,
        "description": step.description.as_deref().map(shortened),
        "action": step.action,
        "status": record.status,
        "rollbackStatus": record.rollback,
        "message": message,
        "inputs": encoded(&values.inputs(position)),
        "outputs": outputs(values, position).as_ref().and_then(encoded),
        "startTime": record.started.map(UnixMillis::date),
        "endTime": record.ended.map(UnixMillis::date),
        "attemptNumber": if failed { step.max_attempts } else { 1 },
        "maxAttempts": step.max_attempts,
    })
}

/// JSON in a string; nothing for an object that has nothing.
fn encoded(value: &Value) -> Option<String> {
    let mut pruned = value.clone();
    prune(&mut pruned);
    let empty = pruned.as_object().is_some_and(serde_json::Map::is_empty);
    (!empty).then(|| pruned.to_string())
}

/// GetWorkflowStepExecution
pub(crate) fn get_step(request: &mut Request<'_>) -> Answer {
    let (values, position) = step(request)?;
    let mut view = step_view(&values, position);
    let asked = values
        .step(position)
        .map(|step| (step.on_failure, step.timeout_seconds.min(MAX_TIMEOUT)));
    view["workflowBuildVersionArn"] = to_json(&values.workflow.arn);
    view["workflowExecutionId"] = values.id().into();
    view["imageBuildVersionArn"] = to_json(&values.image.arn);
    view["onFailure"] = to_json(&asked.map(|(on_failure, _)| on_failure));
    view["timeoutSeconds"] = asked.map(|(_, timeout)| timeout).into();
    Ok(view)
}

/// The caller's execution with the id in the request.
fn execution<'r>(request: &'r Request<'_>) -> Result<Values<'r>, ApiError> {
    let id = request.text("workflowExecutionId").unwrap_or_default();
    let found = ids::find_execution(id).and_then(|place| values(request, place));
    found.ok_or_else(|| ApiError::not_found(id))
}

/// The caller's step with the id in the request.
fn step<'r>(request: &'r Request<'_>) -> Result<(Values<'r>, usize), ApiError> {
    let id = request.text("stepExecutionId").unwrap_or_default();
    let place = ids::find_step(id).ok_or_else(|| ApiError::not_found(id))?;
    let values = values(request, place).ok_or_else(|| ApiError::not_found(id))?;
    let position = usize::from(place.step);
    if position < values.execution.steps.len() {
        Ok((values, position))
    } else {
        Err(ApiError::not_found(id))
    }
}

fn values<'r>(request: &'r Request<'_>, place: Position) -> Option<Values<'r>> {
    let caller = request.caller();
    let ours = |arn: &Arn| arn.account == caller.account && arn.region == caller.region;
    let images = request.state.images.range(request.own(Kind::Image, "")..);
    let mut images = images
        .take_while(|(arn, _)| ours(arn))
        .map(|(_, image)| image);
    let image = images.find(|image| image.serial == place.image)?;
    let values = Values::of(request.state, image, usize::from(place.execution))?;
    values.execution.is_visible().then_some(values)
}

/// ListWaitingWorkflowSteps: the caller's steps that wait for an action.
pub(crate) fn list_waiting(request: &mut Request<'_>) -> Answer {
    let images = images::running_builds(request.state, request.caller());
    let waiting: Vec<_> = images
        .flat_map(|image| waiting_of(request, image))
        .collect();
    paging::page(request, "steps", &waiting, |(values, position)| {
        let step = values.step(*position);
        json!({
            "stepExecutionId": values.step_id(*position),
            "imageBuildVersionArn": values.image.arn,
            "workflowExecutionId": values.id(),
            "workflowBuildVersionArn": values.workflow.arn,
            "name": step.map(|step| &step.name),
            "action": step.map(|step| step.action),
            "startTime": values.execution.steps[*position].started.map(UnixMillis::date),
        })
    })
}

fn waiting_of<'r>(request: &'r Request<'_>, image: &'r Image) -> Vec<(Values<'r>, usize)> {
    let all =
        (0..image.executions.len()).filter_map(|index| Values::of(request.state, image, index));
    all.filter_map(|values| Some((values, waiting(&values)?)))
        .collect()
}

/// The step that waits for an action and has had none.
fn waiting(values: &Values<'_>) -> Option<usize> {
    let position = values.execution.current()?;
    let waits = values
        .step(position)
        .is_some_and(|step| step.action == StepAction::WaitForAction);
    (waits && values.execution.steps[position].note.is_none()).then_some(position)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentAction {
    image_build_version_arn: Arn,
    action: StepAnswer,
    reason: Option<String>,
}

/// SendWorkflowStepAction: the step goes on, or fails, at once. Which code AWS answers for a step
/// that does not wait, or does not wait any more, is not known.
pub(crate) fn send_action(request: &mut Request<'_>) -> Answer {
    let sent: SentAction = request.read()?;
    let (values, position) = step(request)?;
    let id = values.step_id(position);
    if values.image.arn != sent.image_build_version_arn {
        let rule = format!("It is not the image of the workflow step '{id}'.");
        return Err(ApiError::invalid("imageBuildVersionArn", &rule));
    }
    if waiting(&values) != Some(position) || values.image.cancelling {
        let rule = "The workflow step is not waiting for an action.";
        return Err(ApiError::invalid("stepExecutionId", rule));
    }
    let (arn, index, now, options) = (
        sent.image_build_version_arn,
        values.index,
        request.now(),
        request.options(),
    );
    if let Some(image) = request.state.images.get_mut(&arn) {
        let execution = &mut image.executions[index];
        let note = StepNote::Answer {
            action: sent.action,
            reason: sent.reason,
        };
        execution.steps[position].note = Some(Box::new(note));
        execution.due = Some(UnixMillis::of(now));
    }
    build::resume(request.state, options, &arn, now);
    Ok(json!({"stepExecutionId": id, "imageBuildVersionArn": arn}))
}
