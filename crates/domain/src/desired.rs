//! What the reviewed documents ask for, once every one of them has been read without a problem.

mod components;
mod life;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::components::{ComponentDocument, ComponentRef, ComponentUse, RESULTS_BUCKET, SUITE};
pub use self::life::{DocumentSource, Life, OnFailure};
use crate::announcement::MessageKind;
use crate::consumers::Consumers;
use crate::names::{
    AccountId, AmiId, AmiName, Environment, Family, KeyArn, LaunchTemplateId, ParameterName,
    ParameterPattern, ParentImageArn, RecipeName, Region, ScheduleExpression,
};
use crate::owners::Owners;
use crate::problem::Place;
use crate::promotion::Promotion;
use crate::proof::{Require, Rule};
use crate::results::{FindingLimits, Thresholds};
use crate::scan::ImageScan;

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
    /// What builds run on.
    pub instances: Instances,
    /// Volumes, matched to the base AMI's devices in order, root first.
    pub volumes: Vec<Volume>,
    /// Components run during the build, in order.
    pub build_components: Vec<ComponentUse>,
    /// Components run on a fresh instance of the built image, in order.
    pub test_components: Vec<ComponentUse>,
    /// Whose AMIs the images may be built on.
    pub base_owners: Owners,
    /// Whose components may run on them.
    pub component_owners: Owners,
    /// What AMIs are called; `None` is `<family>-<environment>-<recipename>`.
    pub ami_name: Option<AmiName>,
    /// The STIG level that images are hardened to, if any.
    pub compliance: Option<StigLevel>,
    /// The component that scans every image for compliance, after the other tests.
    pub compliance_scan: Option<ComponentUse>,
    /// How Amazon Inspector scans each image, if it does.
    pub image_scan: Option<ImageScan>,
    /// What results an image may have.
    pub gates: Gates,
    /// What an image needs before it is published, if its entry does not say so or has left.
    pub promotion: Promotion,
    /// How many accounts have to be proved able to use an image before it is published; none proves nothing first.
    pub require: Option<Require>,
    /// The account's quotas by their keys, where they are not AWS's defaults.
    pub quotas: BTreeMap<String, usize>,
    /// What is done about drift.
    pub drift: Drift,
    /// What becomes of images whose entry does not say so or has left.
    pub life: Life,
    /// Which messages about images people get.
    pub notification: Vec<MessageKind>,
    /// Whether an image is built again when its base has moved, before the schedule does it.
    pub rebuild_on_new_base: bool,
    /// Where the documents are from.
    pub source: DocumentSource,
    /// Whether every write but revocation is stopped.
    pub pause: bool,
    /// Who may launch the images.
    pub consumers: Consumers,
    /// Whether what `verify` cannot find out stands in the way as if it were wrong.
    pub unknown_blocks: bool,
    /// Whether Sysprep has generalized the Windows images, as the platform team declares: it cannot be
    /// read from an AMI. `None` if the document does not say.
    pub sysprep: Option<bool>,
    /// Tags for everything we make and for the AMIs.
    pub tags: BTreeMap<String, String>,
    /// One entry for each image that must exist.
    pub recipes: Vec<RecipeEntry>,
    /// The recipes that are rebuilt on the schedule, in document order.
    pub scheduled: Vec<ScheduledName>,
    /// What a document says that has no effect here, with the reason.
    pub notes: Vec<Note>,
}

impl Desired {
    /// What an image of a recipe needs before it is published; what the environment asks for if the recipe has left
    /// the documents.
    pub fn promotion(&self, recipe: &RecipeName) -> Promotion {
        let folded = recipe.folded();
        let mut entries = self.recipes.iter();
        let entry = entries.find(|entry| entry.name.folded() == folded);
        entry.map_or(self.promotion, |entry| entry.promotion)
    }

    /// What an image has to prove before it is published.
    pub fn proof_rule(&self) -> Option<Rule> {
        let unknown_blocks = self.unknown_blocks;
        self.require.map(|require| Rule {
            require,
            unknown_blocks,
        })
    }

    /// Whether people get messages of this kind.
    pub fn notifies(&self, kind: MessageKind) -> bool {
        self.notification.contains(&kind)
    }

    /// What becomes of the images of a recipe; what the environment says if the recipe has left the documents.
    pub fn life(&self, recipe: &RecipeName) -> &Life {
        let folded = recipe.folded();
        let mut entries = self.recipes.iter();
        let entry = entries.find(|entry| entry.name.folded() == folded);
        entry.map_or(&self.life, |entry| &entry.life)
    }

    /// The same without some accounts.
    #[must_use]
    pub fn without<T>(&self, accounts: &BTreeMap<AccountId, T>) -> Self {
        let mut served = self.clone();
        served
            .consumers
            .accounts
            .retain(|account| !accounts.contains_key(&account.id));
        served
    }
}

/// Something in a document that is accepted and has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub place: Place,
    /// Why it has no effect, as a sentence.
    pub text: String,
}

/// What a change of our resources by somebody else leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drift {
    /// It is changed back.
    #[default]
    Repair,
    /// It is only told.
    Report,
}

/// What results an image may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gates {
    /// How many controls of each severity may fail.
    pub failed_controls: Thresholds,
    /// How many findings of each severity the scan of an image may have.
    pub findings: FindingLimits,
}

impl Gates {
    /// Whether anything is limited.
    pub fn has_limits(&self) -> bool {
        !self.failed_controls.0.is_empty() || self.limits_findings()
    }

    /// Whether findings are limited.
    pub fn limits_findings(&self) -> bool {
        !self.findings.thresholds.0.is_empty()
    }
}

/// The level of Amazon's STIG hardening components (Image Builder user guide, "STIG components").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StigLevel {
    /// Category III.
    Low,
    /// Categories II and III.
    Medium,
    /// Categories I to III.
    High,
}

impl StigLevel {
    /// The value of the components' parameter `Level`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// What builds and tests run on (`CreateInfrastructureConfiguration` of the API reference).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Instances {
    /// EC2 instance types, in order of preference.
    pub types: Vec<String>,
    /// The instance profile; none is the stack's own.
    pub profile: Option<String>,
    /// The EC2 key pair.
    pub key_pair: Option<String>,
    /// The subnet; none is the default VPC's.
    pub subnet: Option<String>,
    /// The security groups; there is at least one if there is a subnet.
    pub security_groups: Vec<String>,
    /// Whether the subnet has to give instances a public address. Image Builder has no such input:
    /// it is checked against the subnet.
    pub public_ip: Option<bool>,
    /// The instance metadata service.
    pub metadata: MetadataOptions,
    /// Where build logs go, beside CloudWatch.
    pub logs: Option<LogLocation>,
    /// Whether the instance of a failed build is kept for inspection.
    pub keep_on_failure: bool,
}

/// How instances reach the instance metadata service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataOptions {
    /// Whether version 2 is required.
    pub tokens_required: bool,
    /// How many hops an answer may take, 1 to 64.
    pub hop_limit: u32,
}

impl Default for MetadataOptions {
    /// Version 2 only; a hop more than the default would open it to containers.
    fn default() -> Self {
        Self {
            tokens_required: true,
            hop_limit: 1,
        }
    }
}

/// A place for build logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogLocation {
    /// The bucket.
    pub bucket: String,
    /// What the keys start with; may be empty.
    pub prefix: String,
}

/// What the environment says of one Region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegionSettings {
    /// The key that encrypts the copies there; the building Region uses the stack's own.
    pub kms_key: Option<KeyArn>,
    /// Keys that it had before: images under them are still there.
    pub former_kms_keys: BTreeSet<KeyArn>,
    /// The parameters that Image Builder writes the AMI's id to when it distributes there, each with
    /// the recipe's name in it; at most 10 (Image Builder quotas).
    pub parameters: Vec<ParameterPattern>,
    /// The launch templates that get a version with the AMI, by recipe; at most 5 a recipe (Image
    /// Builder quotas).
    pub launch_templates: BTreeMap<RecipeName, BTreeSet<LaunchTemplateId>>,
}

/// An EBS volume of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// Size in GiB, 1 to 16000 (Image Builder's `volumeSize`).
    pub size_gib: u32,
    /// The volume type.
    pub volume_type: VolumeType,
    /// IOPS, 100 to 64000; io1 and io2 need them, gp3 takes them.
    pub iops: Option<u32>,
    /// Throughput in MiB a second, 125 to 1000; gp3 only.
    pub throughput: Option<u32>,
}

/// EBS volume types that Image Builder accepts (API reference, `EbsInstanceBlockDeviceSpecification`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    pub const ALL: [Self; 7] = [
        Self::Gp3,
        Self::Gp2,
        Self::Io1,
        Self::Io2,
        Self::St1,
        Self::Sc1,
        Self::Standard,
    ];

    /// Whether it cannot be made without a number of IOPS (API reference,
    /// `EbsInstanceBlockDeviceSpecification`).
    pub fn needs_iops(self) -> bool {
        matches!(self, Self::Io1 | Self::Io2)
    }

    /// Whether it can be given a number of IOPS (EC2 API reference, `EbsBlockDevice`).
    pub fn takes_iops(self) -> bool {
        self.needs_iops() || self == Self::Gp3
    }

    /// Whether it can be given a throughput (EC2 API reference, `EbsBlockDevice`).
    pub fn takes_throughput(self) -> bool {
        self == Self::Gp3
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

/// The operating system family that a component or an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Platform {
    /// Any Linux.
    Linux,
    /// Windows Server.
    Windows,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 2] = [Self::Linux, Self::Windows];

    /// The name that Image Builder uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }
}

/// One image that must exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeEntry {
    /// The product version.
    pub name: RecipeName,
    /// What it is built on.
    pub base: BaseImage,
    /// The platform, if the entry says which; the base image must agree.
    pub platform: Option<Platform>,
    /// The pipeline's description.
    pub description: Option<String>,
    /// Tags beside the environment's, which they do not replace.
    pub tags: BTreeMap<String, String>,
    /// Components run after the environment's, from those that the environment allows.
    pub components: Vec<ComponentUse>,
    /// What an image needs before it is published.
    pub promotion: Promotion,
    /// What becomes of its images.
    pub life: Life,
    /// Where the document says so.
    pub place: Place,
}

/// What an image is built on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseImage {
    /// An AMI.
    Ami(AmiId),
    /// The AMI that an SSM parameter of the account names; Image Builder reads it when it builds.
    Parameter(ParameterName),
    /// An Image Builder image; a wildcard version is resolved by the service when it builds.
    Image(ParentImageArn),
    /// The image of another recipe of the same documents.
    Recipe(RecipeName),
}

impl fmt::Display for BaseImage {
    /// As `aminame` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ami(ami) => ami.fmt(f),
            Self::Parameter(name) => write!(f, "ssm:{name}"),
            Self::Image(arn) => arn.fmt(f),
            Self::Recipe(name) => write!(f, "recipe:{name}"),
        }
    }
}

/// A recipe that is rebuilt on the schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledName {
    /// The recipe.
    pub name: RecipeName,
    /// Where the document says so.
    pub place: Place,
}
