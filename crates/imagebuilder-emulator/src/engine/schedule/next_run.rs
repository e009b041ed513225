//! The next match of a schedule, as a task.

use jiff::Timestamp;

use crate::{
    common::{arn::Arn, date::Date},
    records::{pipeline::PipelineStatus, task::Task},
    state::State,
};

/// Adds the next match after `now` as a task, in place of the one that is there. To be
/// called when a pipeline is created, updated, disabled or removed.
pub(crate) fn plan(state: &mut State, arn: &Arn, now: Timestamp) {
    state.tasks.remove(&Task::Schedule(arn.clone()));
    enter(state, arn, now, now);
}

pub(crate) fn enter(state: &mut State, arn: &Arn, last: Timestamp, after: Timestamp) {
    let Some(pipeline) = state.pipelines.get_mut(arn) else {
        state.runs.remove(arn);
        return;
    };
    let schedule = pipeline.settings.schedule.as_ref();
    let schedule = schedule.filter(|_| pipeline.settings.status == PipelineStatus::Enabled);
    let next = schedule.and_then(|schedule| schedule.next(last, after));
    pipeline.date_next_run = next.map(Date);
    if let Some(next) = next {
        state.tasks.add(next, Task::Schedule(arn.clone()));
    }
}
