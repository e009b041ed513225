//! One line of a report: a change or a reason, and what it is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::escape::printable;
use crate::plan::{Change, Plan};

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What kind of change or reason it is.
    pub kind: String,
    /// What it is about: an ARN or a name.
    pub target: String,
    /// Why; a change has one if it puts right what somebody did by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Entry {
    /// An entry for a change; its reason is what it repairs.
    pub fn change(change: &Change) -> Self {
        Self {
            kind: change.kind().to_owned(),
            target: change.target(),
            reason: change.repairs.clone(),
        }
    }

    /// The same entry with a reason.
    #[must_use]
    pub fn because(mut self, reason: &(impl ToString + ?Sized)) -> Self {
        self.reason = Some(reason.to_string());
        self
    }
}

/// What a plan waits for, and what it refuses.
pub fn reasons(plan: &Plan) -> (Vec<Entry>, Vec<Entry>) {
    let entry = |kind: &str, target: &str, reason: String| Entry {
        kind: kind.to_owned(),
        target: target.to_owned(),
        reason: Some(reason),
    };
    (
        plan.waiting
            .iter()
            .map(|(target, why)| entry(why.kind(), target, why.to_string()))
            .collect(),
        plan.refused
            .iter()
            .map(|(target, why)| entry(why.kind(), target, why.to_string()))
            .collect(),
    )
}

/// One line, whatever a document or AWS has put into it.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", printable(&self.kind), printable(&self.target))?;
        self.reason
            .iter()
            .try_for_each(|reason| write!(f, ": {}", printable(reason)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_whatever_it_quotes() {
        let entry = Entry {
            kind: "base-ami".to_owned(),
            target: "a\nb".to_owned(),
            reason: Some("\u{1b}]0;owned\u{7}\r\nfailed: nothing".to_owned()),
        };
        assert_eq!(
            entry.to_string(),
            "base-ami a b: \u{FFFD}]0;owned\u{FFFD}  failed: nothing"
        );
    }
}
