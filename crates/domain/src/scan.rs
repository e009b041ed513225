//! How Amazon Inspector scans each image that is built (Image Builder API reference, `ImageScanningConfiguration`).

use std::fmt;

/// What is scanned, while the tests of a build run. Both need image tests, which our pipelines never switch off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageScan {
    /// The test instance. Amazon Inspector has to be activated for EC2 in the account, and `ListImageScanFindings` has
    /// what it found.
    TestInstance,
    /// The output AMI, once. Only `GetImageFindings` of EC2 has what was found.
    Ami(Option<ScanCondition>),
}

/// What the findings on an AMI must not exceed: Image Builder fails the image in its tests, and distributes nothing
/// (API reference, `ScanResultCondition`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanCondition {
    /// The most severe finding that is accepted.
    pub highest: HighestSeverity,
    /// Whether findings without a fix are left out of account.
    pub only_with_fix: bool,
}

/// The most severe finding that Image Builder can accept: a critical one always fails the image (API reference,
/// `ScanResultCondition`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HighestSeverity {
    /// CVSS score 0.
    Info,
    /// CVSS score 0.1 to 3.9.
    Low,
    /// CVSS score 4.0 to 6.9.
    Medium,
    /// CVSS score 7.0 to 8.9.
    High,
}

impl HighestSeverity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Low, Self::Medium, Self::High];

    /// The word of documents and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for ImageScan {
    /// As a line of a plan goes on after `scans:`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TestInstance => f.write_str("of the test instance"),
            Self::Ami(None) => f.write_str("of the AMI"),
            Self::Ami(Some(condition)) => {
                let counted = if condition.only_with_fix {
                    "findings with a fix"
                } else {
                    "findings"
                };
                write!(
                    f,
                    "of the AMI, {counted} up to {}",
                    condition.highest.as_str()
                )
            }
        }
    }
}
