//! What a run did, for the log line, the caller, and the output bucket.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::{Change, Plan};
use crate::problem::{Problem, Problems};

/// AWS calls by operation, such as `imagebuilder:ListImageRecipes`.
pub type Calls = BTreeMap<String, u64>;

/// What one run of reconcile saw and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The documents that were read, by key, with their S3 versions.
    pub documents: BTreeMap<String, String>,
    /// Whether changes were only listed.
    pub dry_run: bool,
    /// Changes made, or, in a dry run, changes that would be made.
    pub changes: Vec<Entry>,
    /// What will be right later.
    pub waiting: Vec<Entry>,
    /// What needs a person.
    pub refused: Vec<Entry>,
    /// Changes that were attempted and failed.
    pub failed: Vec<Entry>,
    /// Changes that were not attempted because something they need failed.
    pub not_attempted: Vec<Entry>,
    /// What is wrong with the documents, at most [`MOST_PROBLEMS`](crate::problem::MOST_PROBLEMS).
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_problems: usize,
    /// AWS calls by operation, retries not counted apart.
    pub calls: Calls,
    /// How many of the calls change AWS, except logs, notifications and the report itself.
    pub writes: u64,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What kind of change or reason it is.
    pub kind: String,
    /// What it is about: an ARN or a name.
    pub target: String,
    /// Why; changes that were made need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Entry {
    /// An entry for a change, without a reason.
    pub fn change(change: &Change) -> Self {
        Self { kind: change.kind().to_owned(), target: change.target(), reason: None }
    }

    /// The same entry with a reason.
    #[must_use]
    pub fn because(mut self, reason: &(impl ToString + ?Sized)) -> Self {
        self.reason = Some(reason.to_string());
        self
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.target)?;
        self.reason.iter().try_for_each(|reason| write!(f, ": {reason}"))
    }
}

impl Report {
    /// Takes over what a plan waits for and refuses.
    pub fn record_reasons(&mut self, plan: &Plan) {
        let entry = |kind: &str, target: &String, reason: String| Entry {
            kind: kind.to_owned(),
            target: target.clone(),
            reason: Some(reason),
        };
        self.waiting = plan.waiting.iter().map(|(t, why)| entry(why.kind(), t, why.to_string())).collect();
        self.refused = plan.refused.iter().map(|(t, why)| entry(why.kind(), t, why.to_string())).collect();
    }

    /// Takes over problems.
    pub fn record_problems(&mut self, problems: Problems) {
        (self.problems, self.more_problems) = problems.into_parts();
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
