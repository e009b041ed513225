//! The tasks that wait, in the order in which they are due.
//!
//! Everything that takes time is a task. Each runs at the moment it is due, not at the moment
//! of the next call.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::records::task::Task;

/// The tasks that wait for their time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TaskQueue(BTreeSet<(Timestamp, Task)>);

impl TaskQueue {
    /// Adds a task.
    pub fn add(&mut self, at: Timestamp, task: Task) {
        self.0.insert((at, task));
    }

    /// Removes a task, whenever it was to happen.
    pub fn remove(&mut self, task: &Task) {
        self.0.retain(|(_, waiting)| waiting != task);
    }

    /// Takes the first task that is due by `now`, and when it was.
    pub fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Task)> {
        let (due, _) = self.0.first()?;
        if *due <= now {
            self.0.pop_first()
        } else {
            None
        }
    }
}
