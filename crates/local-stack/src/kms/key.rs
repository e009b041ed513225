//! A key, wherever it is.

use super::caller::Caller;

/// A key, in whatever account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// The key's ARN.
    pub arn: String,
    /// The account that owns it.
    pub account: String,
}

impl Key {
    /// The key of this ARN, if it is a key's.
    pub fn of(arn: &str) -> Option<Self> {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let ["arn", _, "kms", _, account, resource] = parts[..] else {
            return None;
        };
        let is_key = resource.starts_with("key/");
        is_key.then(|| Self {
            arn: arn.to_owned(),
            account: account.to_owned(),
        })
    }

    /// The key id: the last part of the ARN.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// The key of this id in the caller's account and Region.
    pub fn owned_by(caller: &Caller, id: &str) -> Self {
        let Caller {
            account, region, ..
        } = caller;
        Self {
            arn: format!("arn:aws:kms:{region}:{account}:key/{id}"),
            account: account.clone(),
        }
    }
}
