//! The account that calls, and the Region.

/// The account that calls, and the Region it calls in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Twelve digits.
    pub account: String,
    /// For example `us-east-1`.
    pub region: String,
}

/// The account of any key that is not twelve digits, where there is no STS to ask.
pub(crate) const DEFAULT_ACCOUNT: &str = "111122223333";

/// Whether an access key id is an account's twelve digits.
pub(crate) fn is_account(key: &str) -> bool {
    key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit())
}
