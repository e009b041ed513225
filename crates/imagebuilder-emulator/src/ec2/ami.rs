//! An AMI: what it is made of, who owns it and who may launch it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::state::Tags;

/// A machine image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ami {
    pub id: String,
    pub region: String,
    /// The account that owns it.
    pub owner: String,
    /// `amazon` for Amazon's own.
    pub owner_alias: Option<String>,
    pub name: String,
    pub description: Option<String>,
    /// `x86_64` or `arm64`
    pub architecture: String,
    /// `windows`, else absent.
    pub platform: Option<String>,
    /// For example `Linux/UNIX`.
    pub platform_details: String,
    /// The billing operation, for example `RunInstances`.
    pub usage_operation: String,
    pub product_codes: Vec<ProductCode>,
    pub root_device_name: String,
    pub devices: Vec<BlockDevice>,
    pub permissions: BTreeSet<LaunchPermission>,
    /// Tags belong to the account that made them, also on a shared AMI.
    pub tags: BTreeMap<String, Tags>,
    pub created: Timestamp,
    pub deprecated: Option<Timestamp>,
    pub ena_support: bool,
    pub boot_mode: Option<String>,
    /// The AMI and Region that this one was copied or built from.
    pub source: Option<(String, String)>,
}

/// Who may launch an AMI besides its owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum LaunchPermission {
    /// Everybody: a public AMI.
    All,
    /// An account.
    User(String),
    /// An organization, by ARN. Membership is not emulated: it grants visibility to nobody.
    Organization(String),
    /// An organizational unit, by ARN. As an organization.
    OrganizationalUnit(String),
}

/// A product code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProductCode {
    pub id: String,
    /// `marketplace` or `devpay`
    pub kind: String,
}

/// An entry of the block device mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockDevice {
    /// For example `/dev/xvda`.
    pub name: String,
    /// An EBS volume.
    pub ebs: Option<Ebs>,
    /// An instance store volume, for example `ephemeral0`.
    pub virtual_name: Option<String>,
}

/// An EBS volume of an AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ebs {
    pub snapshot: String,
    pub size_gib: u32,
    pub kind: String,
    pub iops: Option<u32>,
    pub throughput: Option<u32>,
    pub encrypted: bool,
    pub delete_on_termination: bool,
}

impl Ami {
    /// Whether everybody may launch it.
    pub fn is_public(&self) -> bool {
        self.permissions.contains(&LaunchPermission::All)
    }

    /// Whether an account may describe and launch it.
    pub fn is_visible_to(&self, account: &str) -> bool {
        self.owner == account || self.is_public() || self.is_shared_with(account)
    }

    /// Whether an account is named in the launch permissions.
    pub fn is_shared_with(&self, account: &str) -> bool {
        self.permissions.contains(&LaunchPermission::User(account.to_owned()))
    }

    /// Adds tags of an account.
    pub fn tag(&mut self, account: &str, tags: impl IntoIterator<Item = (String, String)>) {
        self.tags.entry(account.to_owned()).or_default().extend(tags);
    }

    /// The ids of the snapshots that it is made of.
    pub fn snapshots(&self) -> impl Iterator<Item = &str> {
        self.devices.iter().filter_map(|device| Some(device.ebs.as_ref()?.snapshot.as_str()))
    }
}
