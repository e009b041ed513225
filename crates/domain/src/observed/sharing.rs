//! Who may launch an AMI, who holds grants on a key, and what was copied for whom.

use serde::{Deserialize, Serialize};

use crate::names::{AccountId, AmiId, Region};
use crate::sharing::Sharing;

/// An AMI of this environment in the building account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OwnAmi {
    /// Its id.
    pub id: AmiId,
    /// Where it is.
    pub region: Region,
    /// Who may launch it.
    pub shared: Sharing,
}

/// A grant on a key (KMS `GrantListEntry`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// The principal that may use the key by it, an ARN.
    pub grantee: String,
}

impl Grant {
    /// The account of the grantee; none for a service of AWS.
    pub fn account(&self) -> Option<AccountId> {
        self.grantee.split(':').nth(4)?.parse().ok()
    }
}

/// Whose copy of an image, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Target {
    /// The account that owns the copy.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
}

/// A copy of an image in another account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Copy {
    /// Whose it is, and where.
    pub target: Target,
    /// Its id.
    pub ami: AmiId,
}

/// A Region, or an account in it, that a distribution failed for (Image Builder
/// `DistributionRegionFailure`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FailedTarget {
    /// The Region.
    pub region: String,
    /// The account, if it is not the building one.
    #[serde(deserialize_with = "Option::deserialize")]
    pub account: Option<String>,
    /// Why, in the service's words; only ever shown.
    pub message: String,
    /// Whether the AMI was there, and what follows failed: launch templates, parameters. `RetryImage` takes only
    /// failures of tests and of the distribution itself.
    pub integrating: bool,
}
