//! Inputs of the changes that make images: what each AWS call takes.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::arn::{ComponentBuildArn, ImageArn, VersionArn};
use crate::desired::{Platform, VolumeType};
use crate::key_policy::Access;
use crate::names::{AmiId, ComponentArn, InstanceId, KeyArn, PipelineArn, RecipeName, Region};
use crate::observed::{PipelineStatus, RecipeContents, RecipeDevice, Tags, UsedComponent};
use crate::plan::manifest::Manifest;
use crate::plan::tags::{MANIFEST_TAG, PREVIOUS_TAG, PROVED_TAG, PUBLISHED_TAG};
use crate::promotion::ImageVersion;
use crate::scan::ImageScan;

/// Input of `kms:PutKeyPolicy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutKeyPolicy {
    /// The key.
    pub key: KeyArn,
    /// The whole policy to store.
    pub policy: String,
    /// The policy that it was derived from: if the key has another one by now, the write is off.
    pub expected: String,
    /// Who has access through our statements afterwards.
    pub access: Access,
}

/// Input of `CreateComponent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateComponent {
    /// The ARN that the answer must bear out: a first build, since a second one would mean that
    /// somebody else has just made this version with other content.
    pub arn: ComponentBuildArn,
    /// Its name.
    pub name: String,
    /// Its description: the document it was made from.
    pub description: String,
    /// The platform it runs on.
    pub platform: Platform,
    /// The document.
    pub data: String,
    /// Its tags.
    pub tags: Tags,
}

/// Input of Create and Update of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured<T> {
    /// The ARN that the answer must bear out.
    pub arn: String,
    /// What it says.
    pub content: T,
    /// Its description, which carries the digest of the content.
    pub description: String,
    /// Its tags; an update leaves them as they are.
    pub tags: Tags,
}

/// Input of `CreateImageRecipe`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRecipe {
    /// The ARN that the answer must bear out.
    pub arn: VersionArn,
    /// Its name.
    pub name: String,
    /// What it is built on: an AMI id, `ssm:` and a parameter, or an image ARN.
    pub parent: String,
    /// What runs on it, in order.
    pub components: Vec<ComponentWithParameters>,
    /// Every EBS device of the image.
    pub devices: Vec<EncryptedDevice>,
    /// Tags for the AMI while it is built.
    pub ami_tags: Tags,
    /// Its tags.
    pub tags: Tags,
}

impl From<&CreateRecipe> for RecipeContents {
    /// What the version will say once it is made.
    fn from(create: &CreateRecipe) -> Self {
        let component = |used: &ComponentWithParameters| UsedComponent {
            arn: used.component.to_string(),
            parameters: used.parameters.clone(),
        };
        let device = |device: &EncryptedDevice| RecipeDevice {
            name: device.name.clone(),
            size_gib: Some(device.size_gib),
            volume_type: Some(device.volume_type.as_str().to_owned()),
            iops: device.iops,
            throughput: device.throughput,
            key: Some(device.key.to_string()),
        };
        Self {
            name: create.name.clone(),
            parent: create.parent.clone(),
            components: create.components.iter().map(component).collect(),
            devices: create.devices.iter().map(device).collect(),
            ami_tags: create.ami_tags.clone(),
            others: BTreeMap::new(),
        }
    }
}

/// A component in a recipe, with the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentWithParameters {
    /// The component.
    pub component: RecipeComponent,
    /// Values by name.
    pub parameters: BTreeMap<String, String>,
}

/// A component in a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipeComponent {
    /// Somebody else's.
    Foreign(ComponentArn),
    /// One of ours, pinned to its build.
    Ours(ComponentBuildArn),
}

impl fmt::Display for RecipeComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(arn) => arn.fmt(f),
            Self::Ours(arn) => arn.fmt(f),
        }
    }
}

/// An EBS device of the image, encrypted with our key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptedDevice {
    /// The device name, from the base AMI.
    pub name: String,
    /// Size in GiB.
    pub size_gib: u32,
    /// The volume type.
    pub volume_type: VolumeType,
    /// IOPS, where the document gives them.
    pub iops: Option<u32>,
    /// Throughput in MiB a second, where the document gives it.
    pub throughput: Option<u32>,
    /// The key.
    pub key: KeyArn,
}

/// Input of `CreateImagePipeline`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePipeline {
    /// The ARN that the answer must bear out.
    pub arn: PipelineArn,
    /// Its name.
    pub name: String,
    /// Its description, if its entry has one.
    pub description: Option<String>,
    /// The recipe version it builds.
    pub recipe: VersionArn,
    /// Its infrastructure configuration.
    pub infrastructure: String,
    /// Its distribution configuration.
    pub distribution: String,
    /// How its images are scanned, if they are.
    pub scan: Option<ImageScan>,
    /// Its tags.
    pub tags: Tags,
}

/// Input of `UpdateImagePipeline`, which replaces everything: the status that was observed goes
/// back in, since leaving it out would enable a pipeline that somebody disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePipeline {
    /// The pipeline.
    pub arn: PipelineArn,
    /// Its description from now on; none takes away what it has.
    pub description: Option<String>,
    /// The recipe version it builds from now on.
    pub recipe: VersionArn,
    /// Its infrastructure configuration.
    pub infrastructure: String,
    /// Its distribution configuration.
    pub distribution: String,
    /// How its images are scanned from now on; none switches that off.
    pub scan: Option<ImageScan>,
    /// The status to keep.
    pub status: PipelineStatus,
}

/// Input of `TagResource` on a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPipeline {
    /// The pipeline.
    pub arn: PipelineArn,
    /// The tags to set; others stay.
    pub tags: Tags,
}

/// What cleaning up after a failed build takes: `DeregisterImage` of each AMI, with its snapshots. If there is none
/// left, the image is marked instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanUpImage {
    /// The recipe, for the report.
    pub recipename: RecipeName,
    /// The failed image.
    pub image: ImageArn,
    /// The AMIs that it left.
    pub amis: Vec<(Region, AmiId)>,
}

/// What publishing an image takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The recipe, whose name is in every key.
    pub recipename: RecipeName,
    /// The pipeline, whose tag says what is published.
    pub pipeline: PipelineArn,
    /// The recipe version that is current: only its images may be published.
    pub recipe: VersionArn,
    /// The image.
    pub image: ImageArn,
    /// Its AMIs in the building account, by Region.
    pub amis: BTreeMap<Region, AmiId>,
    /// The image that the pipeline says is published. The same one is repaired, which is no news.
    pub previous: Option<ImageArn>,
    /// What its manifest says.
    pub manifest: Manifest,
    /// Whether people get a message, beside the event that programs get.
    pub notifies_people: bool,
}

impl Publish {
    /// The pipeline's tags once everything else is written, the manifest with this MD5 too.
    pub fn tags(&self, md5: &str) -> Tags {
        let Manifest {
            previous, left_out, ..
        } = &self.manifest;
        let manifest = (MANIFEST_TAG.to_owned(), self.manifest.tag(md5));
        let previous = previous
            .as_ref()
            .map(|image| (PREVIOUS_TAG.to_owned(), image.to_string()));
        let published = (PUBLISHED_TAG.to_owned(), self.image.to_string());
        let version = ImageVersion::from(&self.image).to_string();
        let proved = left_out.as_ref().map(|accounts| accounts.to_tag(&version));
        let proved = proved.map(|tag| (PROVED_TAG.to_owned(), tag));
        proved
            .into_iter()
            .chain(previous)
            .chain([manifest, published])
            .collect()
    }
}

/// Writes labels on the AMIs of an image and on their snapshots: `CreateTags` and `EnableImageDeprecation` in each
/// Region, and `TagResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelImage {
    /// The recipe, for the report.
    pub recipename: RecipeName,
    /// The image.
    pub image: ImageArn,
    /// Its AMIs in the building account, by Region.
    pub amis: BTreeMap<Region, AmiId>,
    /// The tags of AMIs and snapshots.
    pub tags: Tags,
    /// When EC2 deprecates the AMIs, if ever.
    pub deprecated_at: Option<Timestamp>,
    /// What the image is marked with afterwards, so that no run does it again; none if the AMIs' own tags show it.
    pub mark: Option<String>,
}

/// Gives an instance that a failed build has kept the day of its end, by `CreateTags`, or ends it, by
/// `TerminateInstances`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndInstance {
    /// The recipe, for the report.
    pub recipename: RecipeName,
    /// The image that was not made.
    pub image: ImageArn,
    /// The instance.
    pub instance: InstanceId,
    /// The last day on which it is kept; it is ended now without one.
    pub expires: Option<Date>,
}

/// Input of `StartImagePipelineExecution`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartBuild {
    /// The pipeline.
    pub pipeline: PipelineArn,
    /// The recipe, for the report.
    pub recipename: RecipeName,
    /// The client token: the same cause gives the same token, and so one build.
    pub token: String,
    /// Tags for the image resource.
    pub tags: Tags,
}
