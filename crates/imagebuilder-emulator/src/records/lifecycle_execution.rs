//! Lifecycle executions: a run of a policy, or a resource state update.

use serde::{Deserialize, Serialize};

use crate::{
    common::{arn::Arn, date::Epoch},
    records::lifecycle_rule::{ActionName, AmiExclusionRules, IncludeResources},
};

/// What lifecycle actions left on an image.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ImageLifecycle {
    /// When it became deprecated, or is to be.
    pub deprecation_time: Option<Epoch>,
    /// The last execution that took an action on it.
    pub execution: Option<String>,
}

/// An execution. Once it is over, ids and outcomes are all that is left of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Execution {
    /// `lce-<uuid>`
    pub id: String,
    /// Counts the executions: the order of their starts.
    pub number: usize,
    /// The policy, or the image whose state is updated.
    pub cause: Arn,
    pub status: ExecutionStatus,
    pub started: Epoch,
    pub ended: Option<Epoch>,
    /// What is still to be done at that time; until then there are no resources to list.
    pub scheduled: Option<(Epoch, PlannedAction)>,
    /// Whether it found images to act on.
    pub impacted: bool,
    /// What the images' actions mean; forgotten at the end.
    #[serde(rename = "measures")]
    pub planned_actions: Vec<PlannedAction>,
    /// The images, newest first.
    pub impacts: Vec<Impact>,
    /// The next of the images.
    pub next: usize,
}

/// The status of an execution. PENDING, a pause until the next day, does not happen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum ExecutionStatus {
    InProgress,
    Success,
    Failed,
    Cancelling,
    Cancelled,
}

/// What is done to an image: the action of a policy's rule, or of a resource state update.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PlannedAction {
    pub action: ActionName,
    pub include: IncludeResources,
    pub exclusions: Option<AmiExclusionRules>,
    /// When a scheduled deprecation takes effect.
    pub at: Option<Epoch>,
    /// Whether an image whose AMIs are spared is kept: a state update does, a policy does not.
    pub keeps_image_of_spared: bool,
}

/// An image that an execution acts on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Impact {
    pub image: Arn,
    pub action: ActionName,
    pub outcome: Outcome,
    pub started: Option<Epoch>,
    pub ended: Option<Epoch>,
    /// The image's AMIs, once they were acted on.
    pub amis: Vec<AmiImpact>,
}

/// An AMI that an execution acted on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AmiImpact {
    pub id: String,
    pub region: String,
    pub account: String,
    pub outcome: Outcome,
    pub snapshots: Vec<(String, Outcome)>,
}

/// `state` of a resource of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub status: ImpactStatus,
    pub reason: Option<String>,
}

/// The status of a resource of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum ImpactStatus {
    InProgress,
    Success,
    Failed,
    Skipped,
}

impl ExecutionStatus {
    /// Whether nothing more happens.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Cancelled)
    }
}

impl Outcome {
    /// Done, or there was nothing to do.
    pub fn success() -> Self {
        Self {
            status: ImpactStatus::Success,
            reason: None,
        }
    }

    /// It was to be done, and could not.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self {
            status: ImpactStatus::Failed,
            reason: Some(reason.into()),
        }
    }

    /// It was left alone.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self {
            status: ImpactStatus::Skipped,
            reason: Some(reason.into()),
        }
    }
}

impl Impact {
    /// An image that waits for its action.
    pub fn waiting(image: Arn, action: ActionName) -> Self {
        let outcome = Outcome {
            status: ImpactStatus::InProgress,
            reason: None,
        };
        Self {
            image,
            action,
            outcome,
            started: None,
            ended: None,
            amis: Vec::new(),
        }
    }
}

impl Execution {
    /// Whether it still has to do with an image.
    pub fn concerns(&self, image: &Arn) -> bool {
        let waiting = self
            .impacts
            .iter()
            .skip(self.next)
            .any(|impact| impact.image == *image);
        !self.status.is_over() && (waiting || self.cause == *image)
    }
}
