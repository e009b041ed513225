//! What new resources are made from, or beside: components, recipe versions, and what they build on.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::arn::{ComponentBuildArn, VersionArn};
use crate::desired::{Platform, VolumeType};
use crate::licence::Licence;
use crate::names::{AccountId, AmiId, Digest, ParameterName, ParentImageArn};
use crate::owners::Owner;
use crate::tags::Tags;

/// What new resources are made from, or beside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Catalog {
    /// Component builds that this account owns.
    pub components: Vec<Component>,
    /// The digest of what component builds say: those that a new recipe version would use by their tags.
    pub component_data: BTreeMap<ComponentBuildArn, Digest>,
    /// Recipe versions that this account owns.
    pub recipes: Vec<Recipe>,
    /// What recipe versions say: what pipelines build, and what would be used by its tags. Of
    /// unsatisfied recipes only, unless the look is in search of drift.
    pub contents: BTreeMap<VersionArn, RecipeContents>,
    /// The base AMIs that we can see, of those that recipes are built on.
    pub base_amis: BTreeMap<AmiId, BaseAmi>,
    /// The AMIs that parameters name which recipes are built on. A value that is no AMI id may be a
    /// secret: neither it nor a trace of it is kept, so that nothing can show it.
    pub parameters: BTreeMap<ParameterName, AmiId>,
    /// The AMIs of the Image Builder images that recipes are built on, in the building Region; without
    /// images that are missing or have none there.
    pub parents: BTreeMap<ParentImageArn, AmiId>,
}

/// One build of a component of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Component {
    /// Its build version ARN.
    pub arn: ComponentBuildArn,
    /// Its tags.
    pub tags: Tags,
}

/// One version of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// Its ARN.
    pub arn: VersionArn,
    /// Its tags.
    pub tags: Tags,
}

/// What a recipe version says (`ImageRecipe` of the API reference), to tell what will be different.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecipeContents {
    /// Its name as it was given once; the ARN has it folded.
    pub name: String,
    /// What it is built on, as `parentImage` has it.
    pub parent: String,
    /// What runs on it, in order.
    pub components: Vec<UsedComponent>,
    /// Its devices.
    pub devices: Vec<RecipeDevice>,
    /// Tags for the AMI while it is built.
    pub ami_tags: Tags,
    /// What it says beside that and none of ours ever does, such as user data, by member. User data can hold
    /// a secret: its value is not kept.
    pub others: BTreeMap<String, String>,
}

/// A component as a recipe version names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UsedComponent {
    /// Its ARN.
    pub arn: String,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
}

/// A device as a recipe version names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecipeDevice {
    /// The device name.
    pub name: String,
    /// Size in GiB.
    #[serde(deserialize_with = "Option::deserialize")]
    pub size_gib: Option<u32>,
    /// The volume type.
    #[serde(deserialize_with = "Option::deserialize")]
    pub volume_type: Option<String>,
    /// IOPS.
    #[serde(deserialize_with = "Option::deserialize")]
    pub iops: Option<u32>,
    /// Throughput in MiB a second.
    #[serde(deserialize_with = "Option::deserialize")]
    pub throughput: Option<u32>,
    /// The key.
    #[serde(deserialize_with = "Option::deserialize")]
    pub key: Option<String>,
}

/// An AMI that a recipe is to be built on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BaseAmi {
    /// Whose it is, and what it is called.
    pub provenance: Provenance,
    /// Whether it is `available` (EC2 `ImageState`).
    pub available: bool,
    /// Its operating system family.
    pub platform: Platform,
    /// Its architecture, such as `x86_64` or `arm64`.
    pub architecture: String,
    /// When it is or was deprecated, if that is known.
    #[serde(deserialize_with = "Option::deserialize")]
    pub deprecated: Option<Timestamp>,
    /// What its billing code is for (`PlatformDetails`); empty if EC2 does not say.
    pub platform_details: String,
    /// Its operation and billing code (`UsageOperation`); empty if EC2 does not say.
    pub usage_operation: String,
    /// Its product codes.
    pub product_codes: Vec<ProductCode>,
    /// The device of the root volume, such as `/dev/xvda`.
    pub root_device: String,
    /// Its EBS devices, in the AMI's order.
    pub devices: Vec<Device>,
}

/// Where an AMI comes from (EC2 `Image`). Only owner and alias decide anything: a name is its owner's to
/// choose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provenance {
    /// The account that owns it (`OwnerId`); none if EC2 does not say.
    #[serde(deserialize_with = "Option::deserialize")]
    pub account: Option<AccountId>,
    /// The word that EC2 has for the owner (`ImageOwnerAlias`), such as `amazon`.
    #[serde(deserialize_with = "Option::deserialize")]
    pub alias: Option<String>,
    /// Its name.
    pub name: String,
    /// When it was made, if that is known.
    #[serde(deserialize_with = "Option::deserialize")]
    pub created: Option<Timestamp>,
    /// Whether everybody may launch it.
    pub public: bool,
}

impl Provenance {
    /// Every word of `base-owners` that fits, for a stack in account `own`.
    pub fn owners(&self, own: &AccountId) -> Vec<Owner> {
        let alias = match self.alias.as_deref() {
            Some("amazon") => Some(Owner::Amazon),
            Some("aws-marketplace") => Some(Owner::Marketplace),
            Some(_) | None => None,
        };
        let myself = (self.account.as_ref() == Some(own)).then_some(Owner::Myself);
        let account = self.account.clone().map(Owner::Account);
        [alias, myself, account].into_iter().flatten().collect()
    }
}

impl fmt::Display for Provenance {
    /// Such as `` `al2023-ami-x86_64` of amazon (137112412989), created on 2026-01-01 ``. The name is in
    /// backticks: EC2 allows none in it (API reference, `CreateImage`), and another one is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed = |c: char| c.is_ascii_alphanumeric() || " ()[]./-'@_".contains(c);
        if self.name.chars().all(allowed) {
            write!(f, "`{}`", self.name)?;
        } else {
            f.write_str("an AMI with an unusual name")?;
        }
        match (self.alias.as_deref(), &self.account) {
            (Some(alias @ ("amazon" | "aws-marketplace")), Some(account)) => {
                write!(f, " of {alias} ({account})")?;
            }
            (_, Some(account)) => write!(f, " of account {account}")?,
            (_, None) => f.write_str(" of an unknown owner")?,
        }
        match self.created {
            Some(created) => write!(f, ", created on {}", created.strftime("%Y-%m-%d")),
            None => Ok(()),
        }
    }
}

impl BaseAmi {
    /// What it says of its licences.
    pub fn licence(&self) -> Licence {
        Licence {
            usage_operation: self.usage_operation.clone(),
            platform_details: self.platform_details.clone(),
            platform: self.platform,
            product_codes: self
                .product_codes
                .iter()
                .map(|code| code.kind.as_str().into())
                .collect(),
        }
    }
}

/// What an AMI costs beside the instance (EC2 `ProductCode`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProductCode {
    /// The code.
    pub id: String,
    /// `marketplace` or `devpay`.
    pub kind: String,
}

/// An EBS device of a base AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Device {
    /// The device name.
    pub name: String,
    /// Size in GiB.
    pub size_gib: u32,
    /// The volume type, `gp2` where EC2 does not say.
    pub volume_type: VolumeType,
}
