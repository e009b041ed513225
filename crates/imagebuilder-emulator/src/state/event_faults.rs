//! Faults of events: which event is dropped, doubled, delayed or reordered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::records::event_fault::{EventEffect, EventFault};

/// When an event is published.
pub(crate) enum Release {
    /// Now, perhaps with others, in this order.
    Now(Vec<Value>),
    /// At this time, and then by this number.
    Later(Timestamp, u64),
}

/// The active faults of events, and the events that they hold back.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct EventFaults {
    armed: Vec<ActiveEventFault>,
    delayed: BTreeMap<u64, Value>,
    delays: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ActiveEventFault {
    fault: EventFault,
    held: Vec<Value>,
}

impl EventFaults {
    /// Adds a fault.
    pub fn arm(&mut self, fault: EventFault) {
        self.armed.push(ActiveEventFault {
            fault,
            held: Vec::new(),
        });
    }

    /// The faults that are still to come.
    pub fn list(&self) -> impl Iterator<Item = EventFault> {
        self.armed.iter().map(|armed| armed.fault.clone())
    }

    /// Forgets the faults; returns the events that were held back. Delays go on.
    pub fn clear(&mut self) -> Vec<Value> {
        self.armed.drain(..).flat_map(|armed| armed.held).collect()
    }

    /// Decides on an event: the first fault added wins.
    pub fn apply_to(&mut self, event: Value) -> Release {
        let Some(armed) = self.armed.iter_mut().find(|armed| armed.fault.hits(&event)) else {
            return Release::Now(vec![event]);
        };
        armed.fault.times -= 1;
        let out = match armed.fault.effect {
            EventEffect::Drop => Vec::new(),
            EventEffect::Double => vec![event.clone(), event],
            EventEffect::Reorder => armed.hold(event),
            EventEffect::Delay { seconds } => {
                let due = due(&event, seconds);
                self.delays += 1;
                self.delayed.insert(self.delays, event);
                self.armed.retain(|armed| armed.fault.times > 0);
                return Release::Later(due, self.delays);
            }
        };
        self.armed.retain(|armed| armed.fault.times > 0);
        Release::Now(out)
    }

    /// An event whose delay is over.
    pub fn delayed(&mut self, number: u64) -> Option<Value> {
        self.delayed.remove(&number)
    }
}

impl ActiveEventFault {
    /// Holds an event back; the last one lets all of them go.
    fn hold(&mut self, event: Value) -> Vec<Value> {
        self.held.push(event);
        if self.fault.times > 0 {
            Vec::new()
        } else {
            self.held.drain(..).rev().collect()
        }
    }
}

/// The time of an event and so many seconds.
fn due(event: &Value, seconds: f64) -> Timestamp {
    let time = event["time"].as_str().and_then(|time| time.parse().ok());
    let delay = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX);
    let time: Timestamp = time.unwrap_or(Timestamp::UNIX_EPOCH);
    time.checked_add(delay).unwrap_or(Timestamp::MAX)
}
