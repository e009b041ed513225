//! The workflows that a pipeline or image names.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::common::arn::Arn;

/// The workflows of a pipeline or image, in the order of the request; images share their pipeline's.
pub(crate) type WorkflowList = Arc<Vec<WorkflowConfiguration>>;

/// A workflow of a pipeline or image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkflowConfiguration {
    /// Resolved when the build starts.
    pub workflow_arn: Arn,
    pub parameters: Option<Vec<WorkflowParameter>>,
    /// Test workflows of the same group run side by side.
    pub parallel_group: Option<String>,
    pub on_failure: Option<OnWorkflowFailure>,
}

/// A value for a workflow's parameter: a list by its shape, of one but for a `stringList`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorkflowParameter {
    pub name: String,
    pub value: Vec<String>,
}

/// What a failed test workflow means for the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum OnWorkflowFailure {
    /// The next workflow runs.
    Continue,
    /// The image fails, as without a value.
    Abort,
}

impl WorkflowConfiguration {
    /// A workflow and nothing more.
    pub fn of(workflow_arn: Arn) -> Self {
        Self {
            workflow_arn,
            parameters: None,
            parallel_group: None,
            on_failure: None,
        }
    }
}
