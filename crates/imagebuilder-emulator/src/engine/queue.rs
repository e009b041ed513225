//! Runs the tasks whose time has come, in order.

use jiff::Timestamp;

use crate::{
    common::options::Options,
    engine::{
        build, events, lifecycle,
        scheduled_builds::{self, MatchBudget},
    },
    records::task::Task,
    state::State,
};

/// Carries out every task that is due by `now`; says whether there was one.
pub(crate) fn advance(state: &mut State, options: &Options, now: Timestamp) -> bool {
    let mut busy = false;
    let mut budget = MatchBudget::until(now);
    while let Some((at, task)) = state.tasks.take_due(now) {
        busy = true;
        match task {
            Task::Build(arn) => build::step(state, options, &arn, at),
            Task::LifecyclePolicy(arn) => lifecycle::run(state, &arn, at),
            Task::LifecycleExecution(id) => lifecycle::step(state, &id, at),
            Task::Schedule(arn) => scheduled_builds::due(state, options, &arn, at, &mut budget),
            Task::DeliverEvent(number) => state.publish_delayed(number),
        }
        events::publish_ami_changes(state, at);
    }
    busy
}
