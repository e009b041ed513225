//! Who may launch an AMI, who holds grants on a key, and what was copied for whom.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::{AccountId, AmiId, OrganizationArn, Region};

/// Who may launch an AMI beside its owner (EC2 `LaunchPermission`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sharing {
    /// Accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Organizations and organizational units.
    pub organizations: BTreeSet<OrganizationArn>,
    /// Everybody: the group `all`, which nothing of ours ever names.
    pub everybody: bool,
}

impl Sharing {
    /// Whether only the owner may launch it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What this lets in and `other` does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self {
            accounts: self.accounts.difference(&other.accounts).cloned().collect(),
            organizations: self
                .organizations
                .difference(&other.organizations)
                .cloned()
                .collect(),
            everybody: self.everybody && !other.everybody,
        }
    }
}

impl fmt::Display for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.accounts.iter().map(ToString::to_string);
        let organizations = self.organizations.iter().map(ToString::to_string);
        let everybody = self.everybody.then(|| "everybody".to_owned());
        let all: Vec<String> = accounts.chain(organizations).chain(everybody).collect();
        f.write_str(&all.join(", "))
    }
}

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
}
