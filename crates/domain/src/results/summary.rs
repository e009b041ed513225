//! How many controls failed, and whether that is more than the environment accepts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Severity, Status, SuiteResults, Thresholds};

/// How many controls ended how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Controls that are as they should be.
    pub passed: u32,
    /// Controls that failed and are not waived.
    pub failed: u32,
    /// Controls that failed and are waived.
    pub waived: u32,
    /// Controls that were not evaluated.
    pub skipped: u32,
    /// Those that failed, by their severity.
    pub failed_by_severity: BTreeMap<Severity, u32>,
}

impl Summary {
    /// The summary of some suites.
    pub fn of<'a>(suites: impl IntoIterator<Item = &'a SuiteResults>) -> Self {
        let mut summary = Self::default();
        for control in suites.into_iter().flat_map(SuiteResults::controls) {
            match control.status {
                Status::Passed => summary.passed += 1,
                Status::Waived => summary.waived += 1,
                Status::Skipped => summary.skipped += 1,
                Status::Failed => {
                    summary.failed += 1;
                    *summary
                        .failed_by_severity
                        .entry(control.severity)
                        .or_default() += 1;
                }
            }
        }
        summary
    }

    /// Whether any control came to a verdict.
    fn has_evaluated(&self) -> bool {
        self.passed + self.failed + self.waived > 0
    }
}

/// Why results do not let an image pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Concern {
    /// More controls of a severity failed than are accepted.
    TooManyFailed {
        /// The severity.
        severity: Severity,
        /// How many failed.
        failed: u32,
        /// How many are accepted.
        accepted: u32,
    },
    /// A suite evaluated none of its controls, so that it says nothing about the image.
    NothingEvaluated {
        /// The suite.
        suite: String,
    },
    /// There are limits, and no results to compare with them.
    NoResults,
    /// There are limits, and a test component of the documents stored nothing.
    MissingResults {
        /// The suite that is missing.
        suite: String,
    },
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyFailed {
                severity,
                failed,
                accepted,
            } => {
                let severity = severity.as_str();
                write!(
                    f,
                    "failed controls of severity {severity}: {failed}, and `gates` accepts {accepted}"
                )
            }
            Self::NothingEvaluated { suite } => write!(
                f,
                "{suite} evaluated no control: does its profile fit the operating system?"
            ),
            Self::MissingResults { suite } => write!(
                f,
                "`gates` limits failed controls, and the image has no results of {suite}"
            ),
            Self::NoResults => f.write_str(
                "`gates` limits failed controls, and the image has no results: did its test components run?",
            ),
        }
    }
}

/// Everything about the results that does not let an image pass; waivers are applied before.
///
/// `expected` are the suites that the documents ask for. Without limits nothing has to be there.
pub fn concerns(
    suites: &[SuiteResults],
    thresholds: &Thresholds,
    expected: &BTreeSet<String>,
) -> Vec<Concern> {
    let has_limits = !thresholds.0.is_empty();
    if suites.is_empty() {
        return has_limits
            .then_some(Concern::NoResults)
            .into_iter()
            .collect();
    }
    let is_missing =
        |name: &&String| has_limits && !suites.iter().any(|suite| suite.suite == **name);
    let missing = expected.iter().filter(is_missing);
    let missing = missing.map(|suite| Concern::MissingResults {
        suite: suite.clone(),
    });
    let summary = Summary::of(suites);
    let exceeded = thresholds.0.iter().filter_map(|(severity, accepted)| {
        let failed = *summary.failed_by_severity.get(severity)?;
        (failed > *accepted).then_some(Concern::TooManyFailed {
            severity: *severity,
            failed,
            accepted: *accepted,
        })
    });
    let idle = suites
        .iter()
        .filter(|suite| !Summary::of([*suite]).has_evaluated());
    let idle = idle.map(|suite| Concern::NothingEvaluated {
        suite: suite.suite.clone(),
    });
    exceeded.chain(idle).chain(missing).collect()
}
