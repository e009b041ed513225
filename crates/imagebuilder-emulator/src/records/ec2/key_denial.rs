//! Keys that launches fail for. The emulator has no KMS, so a fault names them.

use serde::{Deserialize, Serialize};

/// Launches of an account fail whose AMI is encrypted with a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct KeyDenial {
    /// The key's ARN, as DescribeSnapshots shows it.
    pub key_arn: String,
    /// The account that launches, twelve digits.
    pub account: String,
}
