//! What the functions answer, spelled out once more: a member that changes its name or appears
//! unannounced fails every scenario.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The report of a run of reconcile.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the report of issue and README, member by member"
)]
pub struct Report {
    pub time: String,
    #[serde(default)]
    pub commit: Option<String>,
    #[serde(default)]
    pub release: Option<Value>,
    pub documents: BTreeMap<String, String>,
    pub dry_run: bool,
    pub changes: Vec<Entry>,
    pub waiting: Vec<Entry>,
    pub refused: Vec<Entry>,
    pub failed: Vec<Entry>,
    pub not_attempted: Vec<Entry>,
    pub problems: Vec<Problem>,
    #[serde(default)]
    pub more_problems: usize,
    #[serde(default)]
    pub leaked_gib: u64,
    #[serde(default)]
    pub health: Option<Value>,
    pub calls: BTreeMap<String, u64>,
    pub drift_calls: u64,
    pub writes: u64,
    #[serde(default)]
    pub review: Option<Value>,
    #[serde(default)]
    pub standing: Option<Value>,
    #[serde(default)]
    pub retry: Option<String>,
    #[serde(default)]
    pub runs: Option<usize>,
}

/// A change or a reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the report of issue and README, member by member"
)]
pub struct Entry {
    pub kind: String,
    pub target: String,
    #[serde(default)]
    pub reason: String,
}

/// What is wrong in a document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the report of issue and README, member by member"
)]
pub struct Problem {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub pointer: String,
    pub found: String,
    pub expected: String,
    #[serde(default)]
    pub hint: String,
}

/// The report of a run of scheduled-build.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the report, member by member")]
pub struct Builds {
    pub documents: BTreeMap<String, String>,
    pub started: Vec<Started>,
    pub skipped: Vec<Skipped>,
    pub owed: Vec<String>,
    pub failed: Vec<Entry>,
    pub calls: BTreeMap<String, u64>,
    pub writes: u64,
}

/// A build that was started.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the report, member by member")]
pub struct Started {
    pub recipename: String,
    pub pipeline_arn: String,
    pub image_arn: String,
}

/// A recipe that was not built.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the report, member by member")]
pub struct Skipped {
    pub recipename: String,
    pub reason: String,
}

impl Report {
    /// The kinds of the changes, in their order.
    pub fn kinds(&self) -> Vec<&str> {
        self.changes
            .iter()
            .map(|change| change.kind.as_str())
            .collect()
    }

    /// Whether it did what it set out to do.
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && self.not_attempted.is_empty()
    }

    /// The entry of this kind that is refused.
    pub fn refused_for(&self, kind: &str) -> Option<&Entry> {
        self.refused.iter().find(|entry| entry.kind == kind)
    }

    /// The entry of this kind that waits.
    pub fn waiting_for(&self, kind: &str) -> Option<&Entry> {
        self.waiting.iter().find(|entry| entry.kind == kind)
    }
}

impl Builds {
    /// The recipes whose builds were started, in order of their names.
    pub fn recipes(&self) -> Vec<&str> {
        let mut recipes: Vec<_> = self
            .started
            .iter()
            .map(|started| started.recipename.as_str())
            .collect();
        recipes.sort_unstable();
        recipes
    }
}
