//! An AMI: what it is made of, who owns it and who may launch it.

use std::{collections::BTreeSet, ops::Deref, sync::Arc};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    common::{tags::OwnedTags, text::Text},
    records::ec2::viewer::Viewer,
};

/// A machine image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ami {
    pub id: Text,
    pub region: Text,
    /// The account that owns it.
    pub owner: Text,
    /// `amazon` for Amazon's own.
    pub owner_alias: Option<Text>,
    pub name: Text,
    pub description: Option<Text>,
    pub devices: Vec<BlockDevice>,
    pub permissions: BTreeSet<LaunchPermission>,
    /// Tags belong to the account that made them, also on a shared AMI.
    pub tags: OwnedTags,
    pub created: Timestamp,
    /// When it becomes deprecated, or became so.
    pub deprecated: Option<Timestamp>,
    /// What its owner has made of it since.
    pub state: AmiState,
    pub protection: Protection,
    /// When an instance was last launched from it.
    pub last_launched: Option<Timestamp>,
    /// `v2.0`, or absent.
    pub imds_support: Option<Text>,
    /// The AMI and Region that this one was copied or built from.
    pub source: Option<(Text, Text)>,
    /// What it has in common with its source, and shares with it in memory, too.
    pub traits: Arc<Traits>,
}

/// What an AMI passes on to those that are made of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Traits {
    /// `x86_64` or `arm64`
    pub architecture: String,
    /// `windows`, else absent.
    pub platform: Option<String>,
    /// For example `Linux/UNIX`.
    pub platform_details: String,
    /// The billing operation, for example `RunInstances`.
    pub usage_operation: String,
    pub product_codes: Vec<ProductCode>,
    /// What Windows and other paid systems are billed by, for example `bp-6ba54002`.
    pub billing_products: Vec<String>,
    pub root_device_name: String,
    pub ena_support: bool,
    pub boot_mode: Option<String>,
    /// `v2.0`, or absent.
    pub tpm_support: Option<String>,
}

impl Deref for Ami {
    type Target = Traits;

    fn deref(&self) -> &Traits {
        &self.traits
    }
}

/// Whether an AMI can be launched; here it is one of the two at once, without `pending`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AmiState {
    #[default]
    Available,
    Disabled,
}

/// Protection from being deregistered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protection {
    #[default]
    Off,
    On,
    /// On, and for another day after it is switched off.
    WithCooldown,
    /// Switched off; protects until then.
    CoolingDown(Timestamp),
}

/// Who may launch an AMI besides its owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LaunchPermission {
    /// Everybody: a public AMI.
    All,
    /// An account.
    User(String),
    /// Every account of an organization, by ARN.
    Organization(String),
    /// Every account of an organizational unit and of those in it, by ARN.
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
    pub name: Text,
    /// An EBS volume.
    pub ebs: Option<Ebs>,
    /// An instance store volume, for example `ephemeral0`.
    pub virtual_name: Option<Text>,
}

/// An EBS volume of an AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ebs {
    pub snapshot: Text,
    pub size_gib: u32,
    pub kind: Text,
    pub iops: Option<u32>,
    pub throughput: Option<u32>,
    pub encrypted: bool,
    pub delete_on_termination: bool,
}

impl AmiState {
    /// As DescribeImages shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Disabled => "disabled",
        }
    }
}

impl Protection {
    /// As DescribeImages shows it. What it shows during a cooldown is not documented.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off | Self::CoolingDown(_) => "disabled",
            Self::On => "enabled-without-cooldown",
            Self::WithCooldown => "enabled-with-cooldown",
        }
    }

    /// Whether it still prevents a deregistration.
    pub fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::Off => false,
            Self::On | Self::WithCooldown => true,
            Self::CoolingDown(until) => now < until,
        }
    }
}

impl Ami {
    /// Whether everybody may launch it.
    pub fn is_public(&self) -> bool {
        self.permissions.contains(&LaunchPermission::All)
    }

    /// Whether it is deprecated at a time.
    pub fn is_deprecated(&self, now: Timestamp) -> bool {
        self.deprecated.is_some_and(|at| at <= now)
    }

    /// Until when a public AMI must be deprecated: two years after its creation.
    pub fn latest_public_deprecation(&self) -> Timestamp {
        self.created
            .to_zoned(TimeZone::UTC)
            .saturating_add(2.years())
            .timestamp()
    }

    /// As `imageLocation` has it.
    pub fn location(&self) -> String {
        format!(
            "{}/{}",
            self.owner_alias.as_ref().unwrap_or(&self.owner),
            self.name
        )
    }

    /// Whether the viewer may describe it.
    pub fn is_visible_to(&self, viewer: &Viewer<'_>) -> bool {
        self.owner == viewer.account || self.is_public() || self.is_shared_with(viewer)
    }

    /// Whether the launch permissions name an account, or where it belongs to.
    pub fn is_shared_with(&self, viewer: &Viewer<'_>) -> bool {
        self.permissions.iter().any(|permission| match permission {
            LaunchPermission::All => false,
            LaunchPermission::User(user) => user == viewer.account,
            LaunchPermission::Organization(arn) => viewer.is_in_organization(arn),
            LaunchPermission::OrganizationalUnit(arn) => viewer.is_in_unit(arn),
        })
    }

    /// What an AMI made of this one begins with: nothing that its owner did to it.
    pub fn as_source(&self) -> Self {
        Self {
            owner_alias: None,
            permissions: BTreeSet::new(),
            tags: OwnedTags::new(),
            deprecated: None,
            state: AmiState::Available,
            protection: Protection::Off,
            last_launched: None,
            source: Some((self.id.clone(), self.region.clone())),
            ..self.clone()
        }
    }

    /// Adds tags of an account.
    pub fn tag(&mut self, account: &str, tags: impl IntoIterator<Item = (Text, Text)>) {
        self.tags.entry(account.into()).or_default().extend(tags);
    }

    /// The ids of the snapshots that it is made of.
    pub fn snapshots(&self) -> impl Iterator<Item = &str> {
        self.devices
            .iter()
            .filter_map(|device| Some(device.ebs.as_ref()?.snapshot.as_str()))
    }
}
