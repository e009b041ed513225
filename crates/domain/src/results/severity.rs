//! How bad a failed control is, and how many of each may fail.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How bad a failed control is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// InSpec's impact from 0.9 on; XCCDF does not have it.
    Critical,
    /// Category I of a STIG; impact from 0.7 on.
    High,
    /// Category II of a STIG; impact from 0.4 on.
    Medium,
    /// Category III of a STIG; impact from 0.01 on.
    Low,
    /// For information only; impact 0.
    Info,
    /// The profile does not say.
    Unknown,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 6] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Info,
        Self::Unknown,
    ];

    /// The word of documents and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
            Self::Unknown => "unknown",
        }
    }

    /// The severity of a control with this impact, by the ranges of InSpec's documentation ("Profile
    /// controls"), which are those of CVSS 3.0. An impact below 0 is none of them.
    pub fn of_impact(impact: f64) -> Self {
        match impact {
            _ if impact >= 0.9 => Self::Critical,
            _ if impact >= 0.7 => Self::High,
            _ if impact >= 0.4 => Self::Medium,
            _ if impact >= 0.01 => Self::Low,
            _ if impact >= 0.0 => Self::Info,
            _ => Self::Unknown,
        }
    }
}

/// How many failed controls of a severity are accepted; a severity that is not here has no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thresholds(pub BTreeMap<Severity, u32>);
