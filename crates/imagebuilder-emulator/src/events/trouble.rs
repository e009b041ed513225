//! Events that go astray: dropped, doubled, delayed and reordered on demand.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Trouble with events; messages to topics are never hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventFault {
    /// What happens to them.
    pub trouble: EventTrouble,
    /// How many events are hit.
    pub times: u64,
    /// Only events of this detail type.
    pub detail_type: Option<String>,
    /// Only events whose `detail.state.status` is this.
    pub status: Option<String>,
}

/// What can happen to an event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum EventTrouble {
    /// It is lost.
    Drop,
    /// It comes twice, with the same id.
    Double,
    /// It is held back until the last of the number has come; then they come in reverse order.
    Reorder,
    /// It comes late.
    Delay {
        /// Virtual seconds after its time.
        seconds: f64,
    },
}

impl EventFault {
    fn hits(&self, event: &Value) -> bool {
        let is = |wanted: &Option<String>, found: &Value| {
            wanted.as_deref().is_none_or(|text| found == text)
        };
        self.times > 0
            && is(&self.detail_type, &event["detail-type"])
            && is(&self.status, &event["detail"]["state"]["status"])
    }
}

/// Where an event goes.
pub(crate) enum Way {
    /// Out, perhaps with others, in this order.
    Out(Vec<Value>),
    /// Out at this time, to be asked for by this number.
    Later(Timestamp, u64),
}

/// The troubles that wait for their events, and the events that wait.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Troubles {
    armed: Vec<Armed>,
    delayed: BTreeMap<u64, Value>,
    delays: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Armed {
    fault: EventFault,
    held: Vec<Value>,
}

impl Troubles {
    /// Adds a fault.
    pub fn arm(&mut self, fault: EventFault) {
        self.armed.push(Armed {
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
    pub fn meet(&mut self, event: Value) -> Way {
        let Some(armed) = self.armed.iter_mut().find(|armed| armed.fault.hits(&event)) else {
            return Way::Out(vec![event]);
        };
        armed.fault.times -= 1;
        let out = match armed.fault.trouble {
            EventTrouble::Drop => Vec::new(),
            EventTrouble::Double => vec![event.clone(), event],
            EventTrouble::Reorder => armed.hold(event),
            EventTrouble::Delay { seconds } => {
                let due = due(&event, seconds);
                self.delays += 1;
                self.delayed.insert(self.delays, event);
                self.armed.retain(|armed| armed.fault.times > 0);
                return Way::Later(due, self.delays);
            }
        };
        self.armed.retain(|armed| armed.fault.times > 0);
        Way::Out(out)
    }

    /// An event whose delay is over.
    pub fn delayed(&mut self, number: u64) -> Option<Value> {
        self.delayed.remove(&number)
    }
}

impl Armed {
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
