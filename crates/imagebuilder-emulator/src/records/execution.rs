//! What is kept of a workflow's run: little, because images outlive their builds by far. Names,
//! actions, inputs and outputs are derived from the workflow when they are asked for.

use std::num::NonZeroI64;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::date::Date,
    document::workflow::WorkflowKind,
    records::workflow::{Workflow, WorkflowId},
};

/// A time in milliseconds since 1970, in half the space of a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct UnixMillis(NonZeroI64);

impl UnixMillis {
    /// Fractions of a millisecond are lost; no answer shows them.
    pub fn of(at: Timestamp) -> Self {
        Self(NonZeroI64::new(at.as_millisecond()).unwrap_or(NonZeroI64::MIN))
    }

    /// The time.
    pub fn time(self) -> Timestamp {
        Timestamp::from_millisecond(self.0.get()).unwrap_or_default()
    }

    /// As answers show it.
    pub fn date(self) -> Date {
        Date(self.time())
    }
}

/// The run of a workflow for an image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Execution {
    /// The build that runs, resolved when the image's build started.
    pub workflow: WorkflowId,
    pub kind: WorkflowKind,
    /// The position in the image's list of workflows.
    pub named: u8,
    pub status: ExecutionStatus,
    pub started: Option<UnixMillis>,
    pub ended: Option<UnixMillis>,
    /// When what runs now is over.
    pub due: Option<UnixMillis>,
    /// Whether a retry of the image ran the workflow again.
    pub retried: bool,
    pub message: Option<Box<str>>,
    /// One for each step of the document; none before the image reaches the workflow's stage.
    pub steps: Box<[StepRecord]>,
}

impl Execution {
    /// A workflow that waits for its stage.
    pub fn planned(workflow: WorkflowId, kind: WorkflowKind, named: u8) -> Self {
        Self {
            workflow,
            kind,
            named,
            status: ExecutionStatus::Pending,
            started: None,
            ended: None,
            due: None,
            retried: false,
            message: None,
            steps: Box::default(),
        }
    }

    /// The image has reached the workflow's stage.
    pub fn add_steps(&mut self, workflow: &Workflow) {
        self.steps = vec![StepRecord::default(); workflow.document.steps.len()].into();
    }

    /// Whether the image has reached the workflow's stage; before that the execution is not shown.
    pub fn is_visible(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The step that runs.
    pub fn current(&self) -> Option<usize> {
        self.steps
            .iter()
            .position(|step| step.status == StepStatus::Running)
    }

    /// How many steps have a status.
    pub fn count(&self, status: StepStatus) -> usize {
        self.steps
            .iter()
            .filter(|step| step.status == status)
            .count()
    }

    /// Ends the run.
    pub fn end(&mut self, status: ExecutionStatus, at: Timestamp) {
        self.status = status;
        self.ended = Some(UnixMillis::of(at));
        self.due = None;
    }

    /// Ends the run because the image's build is cancelled.
    pub fn cancel(&mut self, at: Timestamp) {
        if self.status.is_over() || !self.is_visible() {
            return;
        }
        if let Some(current) = self.current() {
            self.steps[current].end(StepStatus::Cancelled, at);
        }
        self.end(ExecutionStatus::Cancelled, at);
    }
}

/// The run of a step. `PENDING` by default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct StepRecord {
    pub status: StepStatus,
    pub rollback: Option<Rollback>,
    pub started: Option<UnixMillis>,
    pub ended: Option<UnixMillis>,
    /// Few steps have one.
    pub note: Option<Box<StepNote>>,
}

impl StepRecord {
    /// The step starts.
    pub fn start(&mut self, at: Timestamp) {
        self.status = StepStatus::Running;
        self.started = Some(UnixMillis::of(at));
    }

    /// The step is over; a skipped one starts and ends in the same moment.
    pub fn end(&mut self, status: StepStatus, at: Timestamp) {
        self.status = status;
        self.started.get_or_insert(UnixMillis::of(at));
        self.ended = Some(UnixMillis::of(at));
    }
}

/// An answer to a step, or the reason why it failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum StepNote {
    /// SendWorkflowStepAction, to a step that waited.
    Answer {
        action: StepAnswer,
        reason: Option<String>,
    },
    /// Why it failed. `shown` as the step's message, too; a component's failure is not.
    Failure { message: String, shown: bool },
}

/// The action of SendWorkflowStepAction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum StepAnswer {
    /// The step is done.
    Resume,
    /// The step fails.
    Stop,
}

/// The status of a workflow's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum ExecutionStatus {
    Pending,
    Skipped,
    Running,
    Completed,
    Failed,
    RollbackInProgress,
    RollbackCompleted,
    Cancelled,
}

impl ExecutionStatus {
    /// Whether nothing follows, as the API Reference has it.
    pub fn is_over(self) -> bool {
        !matches!(
            self,
            Self::Pending | Self::Running | Self::RollbackInProgress
        )
    }
}

/// The status of a step's run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum StepStatus {
    #[default]
    Pending,
    Skipped,
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// The status of a step's rollback. One of ours never fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum Rollback {
    Running,
    Completed,
    Skipped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_takes_little() {
        assert!(size_of::<StepRecord>() <= 32);
        assert!(size_of::<Execution>() <= 88, "{}", size_of::<Execution>());
    }
}
