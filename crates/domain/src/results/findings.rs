//! What Amazon Inspector found on an image. Findings become controls of a suite, so that waivers, limits and reports
//! treat them as they treat what tests found.
//!
//! A finding describes software that other people's components installed: its texts are those of a stranger.

use std::fmt;

use super::bounds::{message, name};
use super::{Control, ProfileResults, Severity, Status, SuiteResults, Thresholds};
use crate::escape::printable;

/// The suite of what a scan found. Instances store suites under names without a space, so none is taken for it.
const SUITE: &str = "Amazon Inspector";

/// The profile that a waiver of a finding names.
pub const PROFILE: &str = "inspector";

/// How far the scan of an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scan {
    /// The image was built without a scan.
    Missing,
    /// It goes on, in this state.
    Running(String),
    /// It ended in this state, and says nothing of the image.
    Failed {
        /// The state.
        state: String,
        /// Why, in the service's words; may be empty.
        reason: String,
    },
    /// It is over.
    Over {
        /// What it found.
        findings: Vec<Finding>,
        /// Whether these are all findings.
        is_whole: bool,
    },
}

/// A vulnerability that the scan of an image found (Image Builder API reference, `ImageScanFinding`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// Its id, such as `CVE-2026-0001`.
    pub vulnerability: String,
    /// What it is; may be empty.
    pub title: String,
    /// The service's word.
    pub severity: String,
    /// Whether an update fixes some package of it at least.
    pub has_fix: bool,
    /// The packages.
    pub packages: Vec<VulnerablePackage>,
}

/// A package that a vulnerability is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VulnerablePackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version without the vulnerability; may be empty.
    pub fixed_in: String,
}

impl fmt::Display for VulnerablePackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)?;
        if self.fixed_in.is_empty() {
            return Ok(());
        }
        write!(f, " (fixed in {})", self.fixed_in)
    }
}

/// How many findings of each severity an image may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingLimits {
    /// The limits; a severity that is not here has none.
    pub thresholds: Thresholds,
    /// Whether findings without a fix are left out of account.
    pub only_with_fix: bool,
}

/// Whether a suite has what a scan found.
pub fn is_of_scan(suite: &SuiteResults) -> bool {
    suite.suite == SUITE
}

impl Scan {
    /// What the scan found, as a suite; none while it has not ended well. Findings without a fix are skipped if
    /// `only_with_fix` says so.
    pub fn suite(&self, only_with_fix: bool) -> Option<SuiteResults> {
        let Self::Over { findings, .. } = self else {
            return None;
        };
        let controls = findings
            .iter()
            .map(|finding| finding.control(only_with_fix));
        let profile = ProfileResults {
            names: vec![PROFILE.to_owned()],
            controls: controls.collect(),
        };
        Some(SuiteResults {
            suite: SUITE.to_owned(),
            tool: "Image Builder's scan".to_owned(),
            profiles: vec![profile],
        })
    }

    /// Why the scan itself says too little to let an image pass.
    pub(super) fn lack(&self) -> Option<String> {
        match self {
            Self::Missing => Some(
                "the image was built without a scan: `goldsmith build` makes one that is scanned"
                    .to_owned(),
            ),
            Self::Running(state) => Some(format!(
                "its scan is {}, and what it finds is not there yet: the next run looks again",
                printable(state)
            )),
            Self::Failed { state, reason } => {
                let reason = if reason.is_empty() {
                    "no reason given"
                } else {
                    reason
                };
                Some(format!(
                    "its scan ended as {} ({}): `goldsmith build` makes an image that is scanned again",
                    printable(state),
                    message(reason)
                ))
            }
            Self::Over {
                findings,
                is_whole: false,
            } => Some(format!(
                "the scan has more findings than the {} that are read",
                findings.len()
            )),
            Self::Over { is_whole: true, .. } => None,
        }
    }
}

impl Finding {
    fn control(&self, only_with_fix: bool) -> Control {
        let packages: Vec<String> = self.packages.iter().map(ToString::to_string).collect();
        let packages = packages.join(", ");
        let (status, text) = match (self.has_fix, only_with_fix) {
            (true, _) => (Status::Failed, packages),
            (false, false) => (Status::Failed, format!("no fix: {packages}")),
            (false, true) => (Status::Skipped, format!("not counted, no fix: {packages}")),
        };
        Control {
            id: name(&self.vulnerability),
            aliases: Vec::new(),
            title: name(&self.title),
            status,
            severity: severity(&self.severity),
            message: message(&text),
        }
    }
}

/// The severities of Amazon Inspector (its user guide, "Severity levels for Amazon Inspector findings"). A word that is
/// none of them counts as one that nobody has assessed.
fn severity(word: &str) -> Severity {
    match word.to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "medium" => Severity::Medium,
        "low" => Severity::Low,
        "informational" => Severity::Info,
        _ => Severity::Unknown,
    }
}
