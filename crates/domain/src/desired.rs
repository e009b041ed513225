//! What the reviewed documents ask for, once every one of them has been read without a problem.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::names::{
    AccountId, AmiId, ComponentArn, Digest, Environment, Family, KeyArn, RecipeName, Region, RoleArn,
    ScheduleExpression,
};
use crate::problem::Place;

/// The world as the documents of one environment want it.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The environment that the documents name.
    pub environment: Environment,
    /// The product family, the first part of every name.
    pub family: Family,
    /// The Regions that images are distributed to, with the key of each further Region.
    pub regions: BTreeMap<Region, RegionSettings>,
    /// When the build rule fires; `None` leaves the rule as it is.
    pub schedule: Option<ScheduleExpression>,
    /// EC2 instance types that builds may run on, in order of preference.
    pub instance_types: Vec<String>,
    /// Volumes, matched to the base AMI's devices in order, root first.
    pub volumes: Vec<Volume>,
    /// Components run during the build, in order.
    pub build_components: Vec<ComponentRef>,
    /// Components run on a fresh instance of the built image, in order.
    pub test_components: Vec<ComponentRef>,
    /// Accounts that may launch the images, one entry an account.
    pub consumers: Vec<Consumer>,
    /// Tags for everything we make and for the AMIs.
    pub tags: BTreeMap<String, String>,
    /// One entry for each image that must exist.
    pub recipes: Vec<RecipeEntry>,
    /// The recipes that are rebuilt on the schedule, in document order.
    pub scheduled: Vec<ScheduledName>,
}

/// What the environment says of one Region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegionSettings {
    /// The key that encrypts the copies there; the building Region uses the stack's own.
    pub kms_key: Option<KeyArn>,
}

/// An EBS volume of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Volume {
    /// Size in GiB, 1 to 16000 (Image Builder's `volumeSize`).
    pub size_gib: u32,
    /// The volume type.
    #[serde(rename = "type")]
    pub volume_type: VolumeType,
}

/// EBS volume types that Image Builder accepts (API reference, `EbsInstanceBlockDeviceSpecification`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VolumeType {
    /// General purpose SSD, third generation.
    Gp3,
    /// General purpose SSD, second generation.
    Gp2,
    /// Provisioned IOPS SSD.
    Io1,
    /// Provisioned IOPS SSD, second generation.
    Io2,
    /// Throughput-optimised HDD.
    St1,
    /// Cold HDD.
    Sc1,
    /// Magnetic.
    Standard,
}

impl VolumeType {
    /// Every volume type, in the order in which they are offered to a reader.
    pub const ALL: [Self; 7] =
        [Self::Gp3, Self::Gp2, Self::Io1, Self::Io2, Self::St1, Self::Sc1, Self::Standard];

    /// Whether it cannot be made without a number of IOPS (API reference,
    /// `EbsInstanceBlockDeviceSpecification`), which a document cannot give yet.
    pub fn needs_iops(self) -> bool {
        matches!(self, Self::Io1 | Self::Io2)
    }

    /// The name that EC2 and Image Builder use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gp3 => "gp3",
            Self::Gp2 => "gp2",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
            Self::St1 => "st1",
            Self::Sc1 => "sc1",
            Self::Standard => "standard",
        }
    }
}

/// A component that an environment runs: somebody else's by ARN, or our own document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentRef {
    /// An existing component; a wildcard version is resolved by the service when it builds.
    Arn(ComponentArn),
    /// A component document that lies beside the environment's.
    Document(ComponentDocument),
}

/// An Image Builder component document of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentDocument {
    /// The key of the document, such as `components/harden.yml`.
    pub key: String,
    /// The key's last part without its ending, such as `harden`.
    pub stem: String,
    /// The platform its actions run on.
    pub platform: Platform,
    /// The document itself, as it was uploaded.
    pub data: String,
    /// SHA-256 of `data`.
    pub digest: Digest,
}

/// The operating system family that a component or an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Platform {
    /// Any Linux.
    Linux,
    /// Windows Server.
    Windows,
}

impl Platform {
    /// The name that Image Builder uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }
}

/// An account that may launch the images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The account.
    pub account: AccountId,
    /// The roles that launch; none means that every principal of the account may.
    pub roles: BTreeSet<RoleArn>,
    /// The Regions in which the images are shared with the account.
    pub regions: BTreeSet<Region>,
}

/// One image that must exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeEntry {
    /// The product version.
    pub name: RecipeName,
    /// The AMI it is built on.
    pub base_ami: AmiId,
    /// Where the document says so.
    pub place: Place,
}

/// A recipe that is rebuilt on the schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledName {
    /// The recipe.
    pub name: RecipeName,
    /// Where the document says so.
    pub place: Place,
}
