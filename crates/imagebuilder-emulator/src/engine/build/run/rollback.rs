//! Rollbacks: what is undone when a workflow is aborted.

use super::Stage;
use crate::{
    document::workflow::StepAction,
    engine::build::actions,
    records::execution::{ExecutionStatus, Rollback, StepStatus},
};

impl Stage<'_> {
    /// The completed steps that have a rollback, and what becomes of it.
    pub(super) fn rollbacks(&self, index: usize) -> Vec<(usize, Rollback)> {
        let Some(values) = self.values(index) else {
            return Vec::new();
        };
        let steps = values.workflow.document.steps.iter().enumerate();
        let done =
            |position: usize| values.execution.steps[position].status == StepStatus::Completed;
        let undone =
            steps.filter(|(position, step)| actions::has_rollback(step.action) && done(*position));
        let rollback = |(position, step)| {
            let kept = actions::keeps_its_work(&values, step);
            (
                position,
                if kept {
                    Rollback::Skipped
                } else {
                    Rollback::Running
                },
            )
        };
        undone.map(rollback).collect()
    }

    /// Whether what becomes of the steps leaves an instance.
    pub(super) fn keeps_instance(&self, index: usize, undone: &[(usize, Rollback)]) -> bool {
        let is_launch = |position: usize| {
            let step = self.values(index)?.step(position)?.action;
            Some(step == StepAction::LaunchInstance)
        };
        let mut kept = undone
            .iter()
            .filter(|(_, rollback)| *rollback == Rollback::Skipped);
        kept.any(|(position, _)| is_launch(*position) == Some(true))
    }

    pub(super) fn end_rollback(&mut self, index: usize) {
        let at = self.at;
        let Some(execution) = self.execution(index) else {
            return;
        };
        for step in execution
            .steps
            .iter_mut()
            .filter(|step| step.rollback == Some(Rollback::Running))
        {
            step.rollback = Some(Rollback::Completed);
        }
        execution.end(ExecutionStatus::RollbackCompleted, at);
    }
}
