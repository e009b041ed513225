//! Runs the workflows of a stage, step by step.
//!
//! Workflows run in the order in which they were named; test workflows of the same parallel group
//! run side by side, five at most. Every step is carried out at the moment it was due.

mod rollback;

use jiff::{SignedDuration, Timestamp};

use crate::{
    common::{arn::Arn, options::Options},
    document::workflow::{OnFailure, StepAction, WorkflowKind},
    engine::build::{self, actions, kept, later, values::Values, waiting},
    records::{
        execution::{
            Execution, ExecutionStatus, Rollback, StepAnswer, StepNote, StepStatus, UnixMillis,
        },
        failure::Failure,
        image::{Image, ImageStatus},
        workflow_list::OnWorkflowFailure,
    },
    state::State,
};

/// How many test workflows of a group run at once, by the API Reference.
const SIDE_BY_SIDE: usize = 5;

/// How long a rollback takes. Not documented; some time, so that clients can see it.
const ROLLING_BACK: SignedDuration = SignedDuration::from_secs(10);

/// What became of a stage.
pub(crate) enum StageOutcome {
    /// It goes on at that time.
    Until(Timestamp),
    /// All its workflows are over.
    Over,
    /// One of them failed, and the image with it.
    Failed(Box<Failure>),
}

/// How a failed workflow ends that had nothing to roll back. Of distributions, whose actions have no
/// rollback at all, it is not known.
fn without_rollback(kind: WorkflowKind) -> ExecutionStatus {
    match kind {
        WorkflowKind::Build | WorkflowKind::Test => ExecutionStatus::RollbackCompleted,
        WorkflowKind::Distribution => ExecutionStatus::Failed,
    }
}

/// The image reaches a stage: its workflows show, PENDING.
pub(crate) fn add_steps(state: &mut State, arn: &Arn, kind: WorkflowKind) {
    let Some(image) = state.images.get_mut(arn) else {
        return;
    };
    for execution in image
        .executions
        .iter_mut()
        .filter(|one| one.kind == kind && !one.retried)
    {
        if let Some(workflow) = state.workflows.get(execution.workflow) {
            execution.add_steps(workflow);
        }
    }
}

/// Does everything that is due in a stage, and starts what can start.
pub(crate) fn advance_stage(
    state: &mut State,
    options: &Options,
    arn: &Arn,
    kind: WorkflowKind,
    at: Timestamp,
) -> StageOutcome {
    let mut moment = Stage {
        state,
        options,
        arn,
        kind,
        at,
    };
    while moment.proceeds() || moment.starts() {}
    moment.outcome()
}

/// A stage of an image's build, at one moment.
struct Stage<'s> {
    state: &'s mut State,
    options: &'s Options,
    arn: &'s Arn,
    kind: WorkflowKind,
    at: Timestamp,
}

impl Stage<'_> {
    fn image(&self) -> Option<&Image> {
        self.state.images.get(self.arn)
    }

    fn values(&self, index: usize) -> Option<Values<'_>> {
        Values::of(self.state, self.image()?, index)
    }

    fn execution(&mut self, index: usize) -> Option<&mut Execution> {
        self.state
            .images
            .get_mut(self.arn)?
            .executions
            .get_mut(index)
    }

    /// The positions of the stage's executions that are in some status.
    fn of_status(&self, status: ExecutionStatus) -> Vec<usize> {
        let executions = self
            .image()
            .map(|image| image.executions.as_slice())
            .unwrap_or_default();
        let ours = executions
            .iter()
            .enumerate()
            .filter(|(_, one)| one.kind == self.kind && !one.retried);
        ours.filter(|(_, one)| one.status == status)
            .map(|(index, _)| index)
            .collect()
    }

    fn under_way(&self) -> Vec<usize> {
        let mut indices = self.of_status(ExecutionStatus::Running);
        indices.extend(self.of_status(ExecutionStatus::RollbackInProgress));
        indices
    }

    fn due(&self, index: usize) -> Option<Timestamp> {
        Some(self.image()?.executions.get(index)?.due?.time())
    }

    /// Ends what is due first; says whether there was anything.
    fn proceeds(&mut self) -> bool {
        let due = self
            .under_way()
            .into_iter()
            .find(|index| self.due(*index).is_some_and(|due| due <= self.at));
        let Some(index) = due else { return false };
        match self
            .execution(index)
            .and_then(|execution| execution.current())
        {
            Some(position) => self.finish(index, position),
            None => self.end_rollback(index),
        }
        true
    }

    /// Starts the next workflow, if one may start now.
    fn starts(&mut self) -> bool {
        let pending = self.of_status(ExecutionStatus::Pending);
        let Some(next) = pending.first().copied() else {
            return false;
        };
        let failed = self.image().is_none_or(|image| image.failure.is_some());
        let running = self.under_way();
        if running.is_empty() && failed {
            self.skip(&pending);
            return false;
        }
        if running.is_empty() {
            self.start(next);
            return true;
        }
        let group = self.group(running[0]);
        let companion = pending
            .into_iter()
            .find(|index| group.is_some() && self.group(*index) == group);
        match companion.filter(|_| running.len() < SIDE_BY_SIDE && !failed) {
            Some(index) => {
                self.start(index);
                true
            }
            None => false,
        }
    }

    fn group(&self, index: usize) -> Option<String> {
        self.values(index)?.configuration()?.parallel_group.clone()
    }

    /// What follows a workflow that failed does not run.
    fn skip(&mut self, pending: &[usize]) {
        for index in pending {
            let at = self.at;
            if let Some(execution) = self.execution(*index) {
                execution.end(ExecutionStatus::Skipped, at);
            }
        }
    }

    fn start(&mut self, index: usize) {
        let at = self.at;
        if let Some(execution) = self.execution(index) {
            execution.status = ExecutionStatus::Running;
            execution.started = Some(UnixMillis::of(at));
        }
        self.go_on(index, 0);
    }

    /// Starts the first step from a position on that is not skipped, or ends the workflow.
    fn go_on(&mut self, index: usize, from: usize) {
        let at = self.at;
        let count = self
            .execution(index)
            .map_or(0, |execution| execution.steps.len());
        for position in from..count {
            let step = self
                .values(index)
                .and_then(|values| Some(actions::runs(&values, values.step(position)?)));
            if step == Some(true) {
                self.start_step(index, position);
                return;
            }
            if let Some(execution) = self.execution(index) {
                execution.steps[position].end(StepStatus::Skipped, at);
            }
        }
        if let Some(execution) = self.execution(index) {
            execution.end(ExecutionStatus::Completed, at);
        }
    }

    fn start_step(&mut self, index: usize, position: usize) {
        self.enter_integration(index, position);
        let at = self.at;
        if let Some(execution) = self.execution(index) {
            execution.steps[position].start(at);
        }
        let Some(values) = self.values(index) else {
            return;
        };
        let due = later(at, actions::duration(&values, position));
        let waits = values
            .step(position)
            .is_some_and(|step| step.action == StepAction::WaitForAction);
        let notifications = if waits {
            waiting::notifications(&values, position, at)
        } else {
            Vec::new()
        };
        for notification in notifications {
            self.state.publish(notification);
        }
        if let Some(execution) = self.execution(index) {
            execution.due = Some(UnixMillis::of(due));
        }
    }

    fn enter_integration(&mut self, index: usize, position: usize) {
        let Some(values) = self.values(index) else {
            return;
        };
        if values
            .step(position)
            .is_some_and(|step| actions::integrates(values.image, step))
        {
            build::change(
                self.state,
                self.options,
                self.arn,
                ImageStatus::Integrating,
                self.at,
            );
        }
    }

    fn finish(&mut self, index: usize, position: usize) {
        let at = self.at;
        let outcome = match self.answer(index, position) {
            Some(outcome) => outcome,
            None => actions::carry_out(self.state, self.arn, (index, position), at),
        };
        match outcome {
            Ok(()) => {
                if let Some(execution) = self.execution(index) {
                    execution.steps[position].end(StepStatus::Completed, at);
                }
                self.go_on(index, position + 1);
            }
            Err(failure) => self.fail_step(index, position, failure),
        }
    }

    /// The answer to a step that waited.
    fn answer(&self, index: usize, position: usize) -> Option<Result<(), Failure>> {
        let image = self.image()?;
        let record = image.executions.get(index)?.steps.get(position)?;
        match record.note.as_deref()? {
            StepNote::Answer {
                action: StepAnswer::Resume,
                ..
            } => Some(Ok(())),
            StepNote::Answer {
                action: StepAnswer::Stop,
                reason,
            } => {
                let reason = reason.as_deref().unwrap_or("The step was stopped.");
                Some(Err(Failure::of_step(image, reason)))
            }
            StepNote::Failure { .. } => None,
        }
    }

    fn fail_step(&mut self, index: usize, position: usize, failure: Failure) {
        let at = self.at;
        if let Some(execution) = self.execution(index) {
            let record = &mut execution.steps[position];
            record.end(StepStatus::Failed, at);
            let note = StepNote::Failure {
                message: failure.reason.clone(),
                shown: failure.is_step_message,
            };
            record.note.get_or_insert(Box::new(note));
        }
        let Some(values) = self.values(index) else {
            return;
        };
        let aborts = values
            .step(position)
            .is_none_or(|step| step.on_failure == OnFailure::Abort);
        if aborts {
            let message = failure
                .is_step_message
                .then(|| failure.reason.clone().into());
            let failure = failure.at_step(&values, position);
            self.abort(index, message, failure);
        } else {
            self.go_on(index, position + 1);
        }
    }

    /// Fails a workflow, and the image with it unless its workflow may fail; what can be rolled
    /// back is. The steps that did not run stay PENDING.
    fn abort(&mut self, index: usize, message: Option<Box<str>>, failure: Failure) {
        let (at, undone) = (self.at, self.rollbacks(index));
        if self.keeps_instance(index, &undone)
            && let Some(image) = self.image().cloned()
        {
            kept::keep(self.state, &image, at);
        }
        let rolls_back = undone
            .iter()
            .any(|(_, rollback)| *rollback == Rollback::Running);
        let configuration = self.values(index).and_then(|values| values.configuration());
        let fatal =
            configuration.and_then(|one| one.on_failure) != Some(OnWorkflowFailure::Continue);
        if let Some(execution) = self.execution(index) {
            execution.message = message;
            for (position, rollback) in undone {
                execution.steps[position].rollback = Some(rollback);
            }
            if rolls_back {
                execution.status = ExecutionStatus::RollbackInProgress;
                execution.due = Some(UnixMillis::of(later(at, ROLLING_BACK)));
            } else {
                execution.end(without_rollback(execution.kind), at);
            }
        }
        if fatal {
            self.stop_others(index);
            if let Some(image) = self.state.images.get_mut(self.arn) {
                image.failure.get_or_insert(Box::new(failure));
            }
        }
    }

    /// Ends what runs beside a workflow that fails the image, even if it waits for somebody.
    fn stop_others(&mut self, failed: usize) {
        let at = self.at;
        for index in self.of_status(ExecutionStatus::Running) {
            if let Some(execution) = self.execution(index).filter(|_| index != failed) {
                execution.cancel(at);
            }
        }
    }

    fn outcome(&mut self) -> StageOutcome {
        let due = self
            .under_way()
            .into_iter()
            .filter_map(|index| self.due(index))
            .min();
        if let Some(due) = due {
            return StageOutcome::Until(due);
        }
        let failure = self
            .state
            .images
            .get_mut(self.arn)
            .and_then(|image| image.failure.take());
        failure.map_or(StageOutcome::Over, StageOutcome::Failed)
    }
}
