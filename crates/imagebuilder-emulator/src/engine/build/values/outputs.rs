//! The outputs of steps, derived from the image. What is not real, such as the id of an instance,
//! is derived from the step's own id. So it is always the same.

use serde_json::{Value, json};

use crate::{
    document::workflow::StepAction,
    engine::build::{ids, values::Values},
    records::{
        execution::{StepNote, StepRecord, StepStatus, UnixMillis},
        image::OutputAmi,
    },
};

/// What a step that is over put out; none if its action has no outputs.
pub(crate) fn outputs(values: &Values<'_>, position: usize) -> Option<Value> {
    let (step, record) = (
        values.step(position)?,
        values.execution.steps.get(position)?,
    );
    match record.status {
        StepStatus::Completed => completed(values, step.action, (position, record)),
        StepStatus::Failed => Some(failed(values, step.action, (position, record))),
        StepStatus::Pending | StepStatus::Skipped | StepStatus::Running | StepStatus::Cancelled => {
            None
        }
    }
}

fn completed(
    values: &Values<'_>,
    action: StepAction,
    (position, record): (usize, &StepRecord),
) -> Option<Value> {
    let id = || values.step_id(position);
    let output = match action {
        StepAction::LaunchInstance => json!({"instanceId": ids::instance(&id())}),
        StepAction::CollectImageMetadata => json!({
            "osVersion": values.image.os_version,
            "associationId": ids::made_by("association", &id()),
        }),
        StepAction::CreateImage => json!({"imageId": values.image.ami}),
        StepAction::RunCommand => command(&id(), "Success", &json!([])),
        StepAction::ExecuteComponents
        | StepAction::RunSysPrep
        | StepAction::SanitizeInstance
        | StepAction::CollectImageScanFindings => command(&id(), "Success", &json!("")),
        StepAction::WaitForAction => answer(record),
        StepAction::WaitForSSMAgent => json!({"status": "Online"}),
        StepAction::DistributeImage => json!({"distributedImages": images(values, record)}),
        StepAction::ModifyImageAttributes => json!({"modifiedImages": images(values, record)}),
        StepAction::ApplyImageConfigurations => json!({"configuredImages": images(values, record)}),
        StepAction::TerminateInstance
        | StepAction::BootstrapInstanceForContainer
        | StepAction::CreateImageFromIso
        | StepAction::DistributeContainerImage
        | StepAction::ExecuteStateMachine
        | StepAction::RegisterImage => return None,
    };
    Some(output)
}

/// "If the step failed, this field contains the error message", says the API; in which member is
/// documented for nothing but the output of commands.
fn failed(
    values: &Values<'_>,
    action: StepAction,
    (position, record): (usize, &StepRecord),
) -> Value {
    let message = match record.note.as_deref() {
        Some(StepNote::Failure { message, .. }) => message.as_str(),
        Some(StepNote::Answer { .. }) => return answer(record),
        None => "",
    };
    let commanded = matches!(
        action,
        StepAction::ExecuteComponents
            | StepAction::RunCommand
            | StepAction::RunSysPrep
            | StepAction::SanitizeInstance
    );
    if commanded {
        return command(&values.step_id(position), "Failed", &json!(message));
    }
    json!({"errorMessage": message})
}

fn command(step: &str, status: &str, output: &Value) -> Value {
    json!({"runCommandId": ids::made_by("command", step), "status": status, "output": output})
}

fn answer(record: &StepRecord) -> Value {
    match record.note.as_deref() {
        Some(StepNote::Answer { action, reason }) => json!({"action": action, "reason": reason}),
        Some(StepNote::Failure { .. }) | None => json!({}),
    }
}

fn images(values: &Values<'_>, record: &StepRecord) -> Vec<Value> {
    let date = |moment: Option<UnixMillis>| moment.map(UnixMillis::date);
    let (started, stopped) = (date(record.started), date(record.ended));
    let shown = |ami: &OutputAmi| {
        json!({
            "region": ami.region,
            "name": ami.name,
            "amiId": ami.image,
            "accountId": ami.account_id,
            "dateStarted": started,
            "dateStopped": stopped,
            "step": "Completed",
            "status": "Completed",
        })
    };
    values.image.outputs.iter().map(shown).collect()
}
