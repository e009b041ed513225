//! What exists, as AWS tells it, reduced to what decisions need.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::arn::{ComponentBuildArn, ImageArn, VersionArn};
use crate::desired::{Platform, VolumeType};
use crate::names::{AmiId, Digest, Environment, PipelineArn, RecipeName, Region};
use crate::site::{DIGEST_TAG, ENVIRONMENT_TAG, RECIPENAME_TAG};

/// Tags of a resource.
pub type Tags = BTreeMap<String, String>;

/// What a run saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Observed {
    /// Every pipeline of the account and Region, ours and others'.
    pub pipelines: Vec<Pipeline>,
    /// Every image build of the account and Region.
    pub images: Vec<Image>,
    /// The policy of the key, as text.
    pub key_policy: String,
    /// The rule that starts scheduled builds.
    pub rule: Rule,
    /// Infrastructure configurations.
    pub infrastructure: Vec<Configuration>,
    /// Distribution configurations.
    pub distributions: Vec<Configuration>,
    /// What is only read when a pipeline does not carry the digest that the documents want.
    pub catalog: Option<Catalog>,
}

/// What new resources are made from, or beside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Catalog {
    /// Component builds that this account owns.
    pub components: Vec<Component>,
    /// Recipe versions that this account owns.
    pub recipes: Vec<Recipe>,
    /// The base AMIs that the documents name and that we can see.
    pub base_amis: BTreeMap<AmiId, BaseAmi>,
}

/// An image pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pipeline {
    /// Its ARN.
    pub arn: PipelineArn,
    /// Whether it is enabled.
    pub status: PipelineStatus,
    /// The recipe version it builds; none for a container pipeline.
    pub recipe: Option<VersionArn>,
    /// Its infrastructure configuration.
    pub infrastructure: String,
    /// Its distribution configuration.
    pub distribution: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// Whether a pipeline is enabled (`PipelineStatus` of the API reference).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineStatus {
    /// It runs.
    Enabled,
    /// Somebody, or Image Builder after failures, disabled it.
    Disabled,
    /// A status that this release does not know.
    Unrecognized(String),
}

impl Pipeline {
    /// Whether it belongs to this environment.
    pub fn is_owned(&self, environment: &Environment) -> bool {
        is_owned(&self.tags, environment)
    }

    /// The recipe name that it was made for.
    pub fn recipename(&self) -> Option<RecipeName> {
        self.tags.get(RECIPENAME_TAG)?.parse().ok()
    }
}

/// Whether a resource with these tags may be changed by this environment's functions.
pub fn is_owned(tags: &Tags, environment: &Environment) -> bool {
    tags.get(ENVIRONMENT_TAG).is_some_and(|tag| tag == environment.as_str())
}

/// The digest that a resource's tags carry.
pub fn digest_of(tags: &Tags) -> Option<Digest> {
    tags.get(DIGEST_TAG)?.parse().ok()
}

/// One build of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Image {
    /// Its build version ARN.
    pub arn: ImageArn,
    /// Its state.
    pub state: ImageState,
    /// Why it is in this state; opaque text of the service, only ever shown.
    pub reason: Option<String>,
    /// The AMIs in the building account, by Region.
    pub amis: BTreeMap<Region, AmiId>,
}

/// Image states (`ImageStatus` of the API reference), as far as decisions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageState {
    /// PENDING to INTEGRATING: a build that still runs, with the name of its state.
    Running(String),
    /// Done and usable.
    Available,
    /// Ended without an image.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
    /// DEPRECATED, DISABLED or DELETED: an image that was available once.
    Retired,
    /// A state that this release does not know.
    Unrecognized(String),
}

impl From<&str> for ImageState {
    fn from(status: &str) -> Self {
        match status {
            "PENDING" | "CREATING" | "BUILDING" | "TESTING" | "DISTRIBUTING" | "INTEGRATING" => {
                Self::Running(status.to_owned())
            }
            "AVAILABLE" => Self::Available,
            "FAILED" => Self::Failed,
            "CANCELLED" => Self::Cancelled,
            "DEPRECATED" | "DISABLED" | "DELETED" => Self::Retired,
            other => Self::Unrecognized(other.to_owned()),
        }
    }
}

/// One build of a component of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Component {
    /// Its build version ARN.
    pub arn: ComponentBuildArn,
    /// Its tags.
    pub tags: Tags,
}

/// One version of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Recipe {
    /// Its ARN.
    pub arn: VersionArn,
    /// Its tags.
    pub tags: Tags,
}

/// An infrastructure or distribution configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Configuration {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Tags,
    /// The digest in its description.
    pub digest: Option<Digest>,
}

/// An AMI that a recipe is to be built on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BaseAmi {
    /// Whether it is `available` (EC2 `ImageState`).
    pub available: bool,
    /// Its operating system family.
    pub platform: Platform,
    /// The device of the root volume, such as `/dev/xvda`.
    pub root_device: String,
    /// Its EBS devices, in the AMI's order.
    pub devices: Vec<Device>,
}

/// An EBS device of a base AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Device {
    /// The device name.
    pub name: String,
    /// Size in GiB.
    pub size_gib: u32,
    /// The volume type, `gp2` where EC2 does not say.
    pub volume_type: VolumeType,
}

/// The `EventBridge` rule that starts scheduled builds, with everything that `PutRule` would replace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rule {
    /// Its name on the default bus.
    pub name: String,
    /// Its schedule.
    pub schedule: Option<String>,
    /// Its event pattern.
    pub event_pattern: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its state, as `EventBridge` spells it.
    pub state: Option<String>,
    /// Its role.
    pub role_arn: Option<String>,
}
