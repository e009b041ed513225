//! What tests and scans found on a fresh instance of an image: the model, its summary, and the limits that
//! `environment.json` sets.
//!
//! The files are written by an instance on which other people's components ran as root. So [`parse`] reads
//! them as hostile: bounded in size, depth, number and length, and every text made printable. What they say can hold
//! an image back ([`objections`]), and never waives anything: only a reviewed waiver does ([`waive`]). An instance can
//! also replace what another image of its environment has.

mod bounds;
mod findings;
mod inspec;
mod key;
mod objections;
mod own;
mod read;
mod severity;
mod summary;
#[cfg(test)]
mod tests;
mod waive;

use serde::Serialize;

pub use self::bounds::{LARGEST, MOST_CONTROLS};
pub use self::findings::{Finding, FindingLimits, PROFILE, Scan, VulnerablePackage, is_of_scan};
pub use self::key::{ResultsKey, prefix};
pub use self::objections::{Standard, objections};
pub use self::read::{is_results, parse};
pub use self::severity::{Severity, Thresholds};
pub use self::summary::{Concern, Summary, concerns, scan_concerns};
pub use self::waive::{Waived, waive};

/// What one test component found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SuiteResults {
    /// The folder of its files below the image's: `openscap`, `inspec-server`.
    pub suite: String,
    /// The program that checked, as it calls itself.
    pub tool: String,
    /// The profiles that it checked.
    pub profiles: Vec<ProfileResults>,
}

impl SuiteResults {
    /// Every control of every profile.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.profiles.iter().flat_map(|profile| &profile.controls)
    }
}

/// What was found by the controls of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProfileResults {
    /// The names that a waiver may use for the profile, the one that is shown first.
    pub names: Vec<String>,
    /// Its controls, in the order of the file.
    pub controls: Vec<Control>,
}

impl ProfileResults {
    /// The name that is shown.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

/// What one control found. A rule of XCCDF is a control, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Control {
    /// Its id, as the profile has it.
    pub id: String,
    /// Other names of the same rule, which a waiver may use: a STIG id, a CCE number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What it checks; may be empty.
    pub title: String,
    /// What it found.
    pub status: Status,
    /// How bad a failure is.
    pub severity: Severity,
    /// Why it failed or was skipped; may be empty.
    pub message: String,
}

/// What a control found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The image is not as the control wants it, or the control could not be evaluated.
    Failed,
    /// It failed, and a reviewed waiver accepts that.
    Waived,
    /// It was not evaluated, because it does not apply or a person has to look.
    Skipped,
    /// The image is as the control wants it.
    Passed,
}

impl Status {
    /// The word that reports show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Waived => "waived",
            Self::Skipped => "skipped",
            Self::Passed => "passed",
        }
    }
}
