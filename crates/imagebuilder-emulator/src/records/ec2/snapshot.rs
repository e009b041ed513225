//! Snapshots of EBS volumes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{tags::OwnedTags, text::Text},
    records::ec2::ami::{LaunchPermission, ProductCode},
};

/// A snapshot of an EBS volume.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub id: Text,
    pub region: Text,
    pub owner: Text,
    /// `amazon` for Amazon's own.
    pub owner_alias: Option<Text>,
    pub volume: Text,
    pub size_gib: u32,
    pub encrypted: bool,
    /// ARN of the key, if encrypted.
    pub kms_key: Option<Text>,
    pub description: Text,
    pub started: Timestamp,
    /// Who may create volumes of it, besides its owner: accounts or all.
    pub permissions: BTreeSet<LaunchPermission>,
    /// Those of the AMI that it was made with.
    pub product_codes: Vec<ProductCode>,
    /// Whether it is a copy of another snapshot.
    pub copied: bool,
    /// Tags belong to the account that made them.
    pub tags: OwnedTags,
}

impl Snapshot {
    /// Whether it is encrypted with the account's default key, which nobody can share.
    pub fn has_default_key(&self) -> bool {
        self.kms_key
            .as_ref()
            .is_some_and(|key| key.ends_with(":alias/aws/ebs"))
    }

    /// Whether an account may create volumes of it.
    pub fn is_readable_by(&self, account: &str) -> bool {
        self.owner == account || self.is_public() || self.is_shared_with(account)
    }

    /// Whether everybody may create volumes of it.
    pub fn is_public(&self) -> bool {
        self.permissions.contains(&LaunchPermission::All)
    }

    pub fn is_shared_with(&self, account: &str) -> bool {
        self.permissions
            .contains(&LaunchPermission::User(account.to_owned()))
    }
}
