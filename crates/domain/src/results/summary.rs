//! How many controls failed, and whether that is more than the environment accepts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Scan, Severity, Status, SuiteResults, Thresholds, is_of_scan};

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
    /// The scan found more vulnerabilities of a severity than are accepted.
    TooManyFindings {
        /// The severity.
        severity: Severity,
        /// How many were found.
        found: u32,
        /// How many are accepted.
        accepted: u32,
    },
    /// The documents limit findings, and the scan says too little.
    Scan {
        /// Why, as a sentence.
        reason: String,
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
            Self::TooManyFindings {
                severity,
                found,
                accepted,
            } => {
                let severity = severity.as_str();
                write!(
                    f,
                    "findings of severity {severity}: {found}, and `gates` accepts {accepted}"
                )
            }
            Self::Scan { reason } => {
                write!(f, "`gates` limits findings, and {reason}")
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

/// Everything about the results of tests that does not let an image pass; waivers are applied before. What a scan by
/// Amazon Inspector found does not count here: [`scan_concerns`] has limits of its own.
///
/// `expected` are the suites that the documents ask for. Without limits nothing has to be there.
pub fn concerns(
    suites: &[SuiteResults],
    thresholds: &Thresholds,
    expected: &BTreeSet<String>,
) -> Vec<Concern> {
    let has_limits = !thresholds.0.is_empty();
    let suites: Vec<&SuiteResults> = suites.iter().filter(|suite| !is_of_scan(suite)).collect();
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
    let summary = Summary::of(suites.iter().copied());
    let exceeded =
        exceeded(&summary, thresholds).map(|(severity, failed, accepted)| Concern::TooManyFailed {
            severity,
            failed,
            accepted,
        });
    let idle = suites
        .iter()
        .filter(|suite| !Summary::of([**suite]).has_evaluated());
    let idle = idle.map(|suite| Concern::NothingEvaluated {
        suite: suite.suite.clone(),
    });
    exceeded.chain(idle).chain(missing).collect()
}

/// Everything about the scan of an image that does not let it pass. `suites` have what it found, with waivers applied.
pub fn scan_concerns(scan: &Scan, suites: &[SuiteResults], limits: &Thresholds) -> Vec<Concern> {
    let lack = scan.lack().map(|reason| Concern::Scan { reason });
    let summary = Summary::of(suites.iter().filter(|suite| is_of_scan(suite)));
    let exceeded =
        exceeded(&summary, limits).map(|(severity, found, accepted)| Concern::TooManyFindings {
            severity,
            found,
            accepted,
        });
    lack.into_iter().chain(exceeded).collect()
}

/// The severities of which more failed than are accepted, with both numbers.
fn exceeded(summary: &Summary, limits: &Thresholds) -> impl Iterator<Item = (Severity, u32, u32)> {
    let counted = limits.0.iter().filter_map(|(severity, accepted)| {
        let failed = *summary.failed_by_severity.get(severity)?;
        Some((*severity, failed, *accepted))
    });
    counted.filter(|(_, failed, accepted)| failed > accepted)
}
