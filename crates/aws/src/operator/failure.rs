//! The step at which a build failed.

use aws_sdk_imagebuilder::types::{
    WorkflowExecutionStatus, WorkflowStepExecutionStatus, WorkflowStepMetadata,
};
use goldsmith_domain::arn::ImageArn;

use crate::Aws;
use crate::fault::{CallError, Fault};

/// The step of a workflow that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedStep {
    /// Its name.
    pub name: String,
    /// What it does, such as `ExecuteComponents`.
    pub action: String,
    /// What it says.
    pub message: String,
}

/// The step at which the build of `image` failed; none if no workflow did, or if Image Builder has
/// forgotten it by now.
pub async fn failed_step(aws: &Aws, image: &ImageArn) -> Result<Option<FailedStep>, CallError> {
    for execution in failed_workflows(aws, image).await? {
        let mut token = None;
        loop {
            let call = aws.imagebuilder.list_workflow_step_executions();
            let page = call
                .workflow_execution_id(&execution)
                .set_next_token(token)
                .send()
                .await;
            let page = page.map_err(|error| {
                CallError::new("imagebuilder:ListWorkflowStepExecutions", error)
            })?;
            let failed = page
                .steps()
                .iter()
                .find(|step| step.status() == Some(&WorkflowStepExecutionStatus::Failed));
            if let Some(step) = failed {
                return Ok(Some(failed_step_of(step)));
            }
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
    }
    Ok(None)
}

fn failed_step_of(step: &WorkflowStepMetadata) -> FailedStep {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    FailedStep {
        name: text(step.name()),
        action: text(step.action()),
        message: text(step.message()),
    }
}

/// The workflows of a build that failed, or were rolled back because they did.
async fn failed_workflows(aws: &Aws, image: &ImageArn) -> Result<Vec<String>, CallError> {
    let mut failed = Vec::new();
    let mut token = None;
    loop {
        let call = aws.imagebuilder.list_workflow_executions();
        let page = call
            .image_build_version_arn(image.to_string())
            .set_next_token(token)
            .send()
            .await;
        let page = match page
            .map_err(|error| CallError::new("imagebuilder:ListWorkflowExecutions", error))
        {
            Err(error) if error.fault == Fault::NotFound => return Ok(failed),
            other => other?,
        };
        let executions = page
            .workflow_executions()
            .iter()
            .filter(|execution| has_failed(execution.status()));
        failed.extend(
            executions.filter_map(|execution| execution.workflow_execution_id().map(str::to_owned)),
        );
        token = page.next_token;
        if token.is_none() {
            return Ok(failed);
        }
    }
}

fn has_failed(status: Option<&WorkflowExecutionStatus>) -> bool {
    matches!(
        status,
        Some(
            WorkflowExecutionStatus::Failed
                | WorkflowExecutionStatus::RollbackInProgress
                | WorkflowExecutionStatus::RollbackCompleted
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_that_was_rolled_back_had_failed() {
        let failed = ["FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETED"];
        for status in failed {
            assert!(
                has_failed(Some(&WorkflowExecutionStatus::from(status))),
                "{status}"
            );
        }
        for status in ["COMPLETED", "RUNNING", "CANCELLED", "SKIPPED", "MELTED"] {
            assert!(
                !has_failed(Some(&WorkflowExecutionStatus::from(status))),
                "{status}"
            );
        }
        assert!(!has_failed(None));
    }
}
