//! Faults of events.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A fault of events; messages to topics are never hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventFault {
    /// What happens to them.
    #[serde(rename = "trouble")]
    pub effect: EventEffect,
    /// How many events are hit.
    pub times: u64,
    /// Only events of this detail type.
    pub detail_type: Option<String>,
    /// Only events whose `detail.state.status` is this.
    pub status: Option<String>,
}

/// What can happen to an event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum EventEffect {
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
    /// Whether it hits an event.
    pub(crate) fn hits(&self, event: &Value) -> bool {
        let is = |wanted: &Option<String>, found: &Value| {
            wanted.as_deref().is_none_or(|text| found == text)
        };
        self.times > 0
            && is(&self.detail_type, &event["detail-type"])
            && is(&self.status, &event["detail"]["state"]["status"])
    }
}
