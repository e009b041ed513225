//! Keys that are denied: the emulator knows no KMS, so somebody tells it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FaultError, members::Members};

/// Launches of an account fail whose AMI is encrypted with a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct KeyDenial {
    /// The key's ARN, as DescribeSnapshots shows it.
    pub key_arn: String,
    /// The account that launches, twelve digits.
    pub account: String,
}

impl KeyDenial {
    /// Reads `{"key-arn": ..., "account": ...}`.
    pub(super) fn read(value: &Value, place: &str) -> Result<Self, FaultError> {
        let members = Members::of(value, place, &["key-arn", "account"])?;
        let key = members
            .text("key-arn")?
            .filter(|key| key.starts_with("arn:"));
        let account = members
            .text("account")?
            .filter(|account| crate::caller::is_account(account));
        Ok(Self {
            key_arn: key.ok_or_else(|| members.wrong("key-arn", "the ARN of a key"))?,
            account: account.ok_or_else(|| members.wrong("account", "twelve digits"))?,
        })
    }
}
