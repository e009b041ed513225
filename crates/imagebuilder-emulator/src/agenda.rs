//! What is to happen later, in the order in which it is due.
//!
//! Everything that takes time in the emulator is a task here: the virtual clock passes, and each
//! task that is due is carried out at the moment it was due, not at the moment somebody looked.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    arn::Arn,
    build, lifecycle,
    options::Options,
    schedule::{self, Allowance},
    state::State,
};

/// Something that happens by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Task {
    /// A running build takes its next step.
    Build(Arn),
    /// A lifecycle policy has its daily run.
    LifecyclePolicy(Arn),
    /// The lifecycle execution with this id takes its next step.
    LifecycleExecution(String),
    /// The schedule of a pipeline matches.
    Schedule(Arn),
    /// The delay of an event is over.
    Tell(u64),
}

/// The tasks that wait for their time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Agenda(BTreeSet<(Timestamp, Task)>);

impl Agenda {
    /// Enters a task.
    pub fn enter(&mut self, at: Timestamp, task: Task) {
        self.0.insert((at, task));
    }

    /// Strikes a task off, whenever it was to happen.
    pub fn strike(&mut self, task: &Task) {
        self.0.retain(|(_, entered)| entered != task);
    }

    /// Takes the first task that is due by `now`, and when it was.
    fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Task)> {
        let (due, _) = self.0.first()?;
        if *due <= now {
            self.0.pop_first()
        } else {
            None
        }
    }
}

/// Carries out every task that is due by `now`; says whether there was one.
pub(crate) fn advance(state: &mut State, options: &Options, now: Timestamp) -> bool {
    let mut busy = false;
    let mut allowance = Allowance::until(now);
    while let Some((at, task)) = state.agenda.take_due(now) {
        busy = true;
        match task {
            Task::Build(arn) => build::step(state, options, &arn, at),
            Task::LifecyclePolicy(arn) => lifecycle::run(state, &arn, at),
            Task::LifecycleExecution(id) => lifecycle::step(state, &id, at),
            Task::Schedule(arn) => schedule::due(state, options, &arn, at, &mut allowance),
            Task::Tell(number) => state.tell_delayed(number),
        }
        state.tell_ami_changes(at);
    }
    busy
}
