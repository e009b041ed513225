//! The log of calls, and the outcome of one.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::caller::Caller;

/// The most calls that are remembered, some two megabytes; older ones are forgotten.
const REMEMBERED: usize = 5_000;

/// A call that the emulator answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `imagebuilder` or `ec2`
    pub service: String,
    /// For example `CreateImage`.
    pub operation: String,
    /// The parameters as the client sent them.
    pub parameters: Value,
    /// The HTTP status, also of a response that was then lost.
    pub status: u16,
    /// Twelve digits.
    pub account: String,
    /// For example `us-east-1`.
    pub region: String,
    /// The virtual time.
    pub time: Timestamp,
}

/// The calls, oldest first, each as text: a tenth of what the trees of their parameters take.
#[derive(Debug, Default)]
pub(crate) struct CallLog(VecDeque<Box<str>>);

impl CallLog {
    /// Remembers a call.
    pub fn push(&mut self, call: &Call) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        // A call is made of texts, numbers and JSON: writing it cannot fail.
        self.0
            .extend(serde_json::to_string(call).map(String::into_boxed_str));
    }

    /// All that is remembered.
    pub fn list(&self) -> Vec<Call> {
        self.0
            .iter()
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect()
    }
}

/// A call before its outcome is known.
pub(crate) struct PendingCall<'a> {
    pub service: &'static str,
    pub operation: &'a str,
    pub parameters: Value,
    pub caller: &'a Caller,
    pub time: Timestamp,
}

impl PendingCall<'_> {
    /// Whether it changes nothing, judged by its name.
    pub fn only_reads(&self) -> bool {
        ["Get", "List", "Describe"]
            .iter()
            .any(|verb| self.operation.starts_with(verb))
    }

    /// The call with its status.
    pub fn with_status(self, status: u16) -> Call {
        Call {
            service: self.service.to_owned(),
            operation: self.operation.to_owned(),
            parameters: self.parameters,
            status,
            account: self.caller.account.clone(),
            region: self.caller.region.clone(),
            time: self.time,
        }
    }
}
