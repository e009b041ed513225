//! Faults on demand, of calls, builds and events. A response is an error, lost, late or old. An
//! event is lost, doubled, late or out of order.

pub(crate) mod armed;
pub(crate) mod json;
pub(crate) mod members;
pub(crate) mod response;

use crate::records::{
    build_failure::BuildFailure, ec2::key_denial::KeyDenial, event_fault::EventFault,
};

/// A fault to be injected.
///
/// As JSON it is an object with one of the members `answer`, `drop-response-after-commit`, `stall`,
/// `stale-reads`, `fail-build`, `events` and `deny-key`; the README shows each.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Answers calls with an error instead of carrying them out.
    Answer {
        /// Which calls.
        matching: Matching,
        /// With what.
        answer: FaultAnswer,
    },
    /// Carries the calls out, then loses the response.
    DropResponse {
        /// Which calls.
        matching: Matching,
    },
    /// Carries the calls out, then holds the response back.
    Stall {
        /// Which calls.
        matching: Matching,
        /// For how long, in seconds of real time.
        seconds: f64,
    },
    /// Answers reads from the state as it was when the fault was added.
    StaleReads {
        /// Which calls; of those only Get*, List* and Describe* are hit and counted.
        matching: Matching,
    },
    /// Fails builds.
    FailBuild(BuildFailure),
    /// Drops, doubles, delays or reorders events.
    Events(EventFault),
    /// Lets launches fail for want of a key, until the faults are cleared.
    DenyKey(KeyDenial),
}

/// Which calls of an operation a fault hits.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// Service and operation, for example `ec2:DescribeImages`, or `imagebuilder:*`.
    pub operation: String,
    /// The first call that is hit, counted from 1 when the fault is added.
    pub nth: u64,
    /// How many calls are hit; without a probability these are in a row.
    pub times: u64,
    /// Hits each call from the nth on by chance.
    pub probability: Option<Probability>,
    /// Only calls of this account.
    pub account: Option<String>,
    /// Only calls in this Region.
    pub region: Option<String>,
}

/// A chance, and the seed of its sequence: the same seed hits the same calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probability {
    /// From 0 to 1.
    pub chance: f64,
    /// Any number.
    pub seed: u64,
}

impl Matching {
    /// The next call of an operation, for example `imagebuilder:CreateImage`.
    pub fn next(operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            nth: 1,
            times: 1,
            probability: None,
            account: None,
            region: None,
        }
    }
}

/// An injected error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultAnswer {
    /// HTTP status.
    pub status: u16,
    /// Error code.
    pub code: String,
    /// Text for people.
    pub message: String,
}
