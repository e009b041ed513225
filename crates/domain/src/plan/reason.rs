//! Why something is not done: typed reasons, each with the sentence a person reads.

use crate::arn::ImageArn;
use crate::desired::BaseImage;
use crate::key_policy::KeyPolicyError;
use crate::names::{AccountId, AmiId, Environment, KeyArn, RecipeName, Region};

/// Something that will be right later, or when somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Waiting {
    /// A document has not been uploaded, or was deleted.
    #[error("{0} is not in the document bucket; nothing is changed until it is")]
    Document(String),
    /// A build runs.
    #[error("image {image} is {state}")]
    Build {
        /// The image.
        image: ImageArn,
        /// Its state, as the service spells it.
        state: String,
    },
    /// Every build of the current recipe version ended without an image.
    #[error(
        "image {image} ended without an AMI ({reason}); the schedule or a direct invoke of scheduled-build builds it again"
    )]
    FailedBuild {
        /// The newest image.
        image: ImageArn,
        /// Why, in the service's words.
        reason: String,
    },
    /// The entry left `ami-version`.
    #[error("{0} is no longer in ami-version; its recipe, pipeline and AMIs are kept until it is retired")]
    Retirement(RecipeName),
    /// The consumer left, or one of its roles did.
    #[error(
        "account {0} is no longer a consumer, or has fewer roles; what it was given is kept until it is revoked"
    )]
    Revocation(AccountId),
    /// The catalog was not read, although this needs it.
    #[error("what {0} is made from was not observed; the next run looks again")]
    Observation(RecipeName),
    /// AWS answered with a value that this release does not know.
    #[error("{subject} is in the state `{state}`, which this release does not know; it is left alone")]
    Unrecognized {
        /// The ARN.
        subject: String,
        /// The value.
        state: String,
    },
}

/// Something that will not be done until a person changes something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The documents are for another environment.
    #[error("environment.json says `{documents}`, and this stack is `{stack}`; nothing is changed")]
    Environment {
        /// What the document says.
        documents: Environment,
        /// What the stack was deployed for.
        stack: Environment,
    },
    /// A further Region without a key.
    #[error(
        "Region {0} has no kms-key in environment.json, and a copy there would be encrypted with aws/ebs, which cannot be shared; images are not distributed to it"
    )]
    RegionWithoutKey(Region),
    /// The building Region is given a key that is not the stack's.
    #[error(
        "environment.json names the key {named} for the building Region, whose volumes are encrypted with the stack's own key {stack}; leave it out there"
    )]
    BuildingRegionKey {
        /// The key that the document names.
        named: KeyArn,
        /// The key of the stack.
        stack: KeyArn,
    },
    /// A base image that is not an AMI.
    #[error("building on {0} is not supported yet")]
    BaseImage(BaseImage),
    /// The base AMI cannot be seen from here.
    #[error("the base AMI {0} does not exist in this Region or is not shared with this account")]
    BaseAmiMissing(AmiId),
    /// The base AMI is not available.
    #[error("the base AMI {0} is not in the state `available`")]
    BaseAmiUnavailable(AmiId),
    /// More volumes than devices.
    #[error("environment.json lists {volumes} volumes, and the base AMI {ami} has {devices} EBS devices")]
    MoreVolumesThanDevices {
        /// The base AMI.
        ami: AmiId,
        /// How many volumes the document lists.
        volumes: usize,
        /// How many EBS devices the base AMI has.
        devices: usize,
    },
    /// A volume smaller than the snapshot it starts from.
    #[error("volume {device} would have {size_gib} GiB, and the base AMI {ami} needs at least {needed_gib}")]
    VolumeTooSmall {
        /// The base AMI.
        ami: AmiId,
        /// The device.
        device: String,
        /// What the document asks for.
        size_gib: u32,
        /// What the base AMI's snapshot has.
        needed_gib: u32,
    },
    /// A device of the base AMI whose type cannot be made without a number of IOPS.
    #[error(
        "the base AMI {ami} has the {volume_type} volume {device}, which needs a number of IOPS; give it another type in environment.json"
    )]
    VolumeNeedsIops {
        /// The base AMI.
        ami: AmiId,
        /// The device.
        device: String,
        /// Its type.
        volume_type: &'static str,
    },
    /// A component for another platform than the base AMI's.
    #[error("{component} runs on {component_platform}, and the base AMI {ami} is {ami_platform}")]
    Platform {
        /// The component document.
        component: String,
        /// Its platform.
        component_platform: &'static str,
        /// The base AMI.
        ami: AmiId,
        /// Its platform.
        ami_platform: &'static str,
    },
    /// The name is taken by a resource without our tag.
    #[error("{0} exists and does not carry this environment's tag; it is not ours to change")]
    NotOurs(String),
    /// The key policy cannot be brought up to date.
    #[error(transparent)]
    KeyPolicy(#[from] KeyPolicyError),
}

impl Waiting {
    /// The reason in the report's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Document(_) => "document",
            Self::Build { .. } => "build",
            Self::FailedBuild { .. } => "failed-build",
            Self::Retirement(_) => "retirement",
            Self::Revocation(_) => "revocation",
            Self::Observation(_) => "observation",
            Self::Unrecognized { .. } => "unrecognized",
        }
    }
}

impl Refused {
    /// The reason in the report's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Environment { .. } => "environment",
            Self::RegionWithoutKey(_) => "region-without-key",
            Self::BuildingRegionKey { .. } => "building-region-key",
            Self::BaseImage(_) | Self::BaseAmiMissing(_) | Self::BaseAmiUnavailable(_) => "base-ami",
            Self::MoreVolumesThanDevices { .. }
            | Self::VolumeTooSmall { .. }
            | Self::VolumeNeedsIops { .. } => "volume",
            Self::Platform { .. } => "platform",
            Self::NotOurs(_) => "not-ours",
            Self::KeyPolicy(_) => "key-policy",
        }
    }
}
