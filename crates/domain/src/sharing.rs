//! Who may launch an AMI.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::{AccountId, OrganizationArn};

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

    /// The same without whoever `is_named`, by the id of an account, an organization or a unit.
    #[must_use]
    pub fn without(mut self, is_named: impl Fn(&str) -> bool) -> Self {
        self.accounts.retain(|account| !is_named(account.as_str()));
        self.organizations
            .retain(|arn| !is_named(arn.unit().unwrap_or_else(|| arn.organization())));
        self
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
