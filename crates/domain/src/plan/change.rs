//! Changes: one variant for each AWS mutation, with every input of the call.

use std::collections::BTreeMap;
use std::fmt;

use super::quota::{self, Limit};
use crate::arn::{ComponentBuildArn, ImageArn, VersionArn};
use crate::desired::{Platform, VolumeType};
use crate::key_policy::Access;
use crate::names::{AmiId, ComponentArn, KeyArn, PipelineArn, RecipeName, Region};
use crate::observed::{PipelineStatus, RecipeContents, RecipeDevice, Rule, Tags, UsedComponent};
use crate::resources::{Distribution, Infrastructure};

/// One mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Lets consumers use the key.
    PutKeyPolicy(PutKeyPolicy),
    /// Sets the schedule of the build rule.
    PutRule(Rule),
    /// Makes a component version.
    CreateComponent(CreateComponent),
    /// Makes the infrastructure configuration.
    CreateInfrastructure(Configured<Infrastructure>),
    /// Replaces the infrastructure configuration.
    UpdateInfrastructure(Configured<Infrastructure>),
    /// Makes a distribution configuration.
    CreateDistribution(Configured<Distribution>),
    /// Replaces a distribution configuration.
    UpdateDistribution(Configured<Distribution>),
    /// Makes a recipe version.
    CreateRecipe(CreateRecipe),
    /// Makes a pipeline.
    CreatePipeline(CreatePipeline),
    /// Points a pipeline at other resources.
    UpdatePipeline(UpdatePipeline),
    /// Records in a pipeline's tags which recipe content it has been brought to.
    TagPipeline(TagPipeline),
    /// Publishes an image's AMIs.
    Publish(Publish),
    /// Starts a pipeline whose recipe version was never built.
    StartBuild(StartBuild),
}

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
            parent: create.parent.clone(),
            components: create.components.iter().map(component).collect(),
            devices: create.devices.iter().map(device).collect(),
            ami_tags: create.ami_tags.clone(),
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

impl Change {
    /// The change in the report's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PutKeyPolicy(_) => "put-key-policy",
            Self::PutRule(_) => "put-rule",
            Self::CreateComponent(_) => "create-component",
            Self::CreateInfrastructure(_) => "create-infrastructure-configuration",
            Self::UpdateInfrastructure(_) => "update-infrastructure-configuration",
            Self::CreateDistribution(_) => "create-distribution-configuration",
            Self::UpdateDistribution(_) => "update-distribution-configuration",
            Self::CreateRecipe(_) => "create-recipe",
            Self::CreatePipeline(_) => "create-pipeline",
            Self::UpdatePipeline(_) => "update-pipeline",
            Self::TagPipeline(_) => "tag-pipeline",
            Self::Publish(_) => "publish-image",
            Self::StartBuild(_) => "start-build",
        }
    }

    /// The pipeline that it is about, if it is about one.
    pub fn pipeline(&self) -> Option<&PipelineArn> {
        match self {
            Self::CreatePipeline(change) => Some(&change.arn),
            Self::UpdatePipeline(change) => Some(&change.arn),
            Self::TagPipeline(change) => Some(&change.arn),
            Self::Publish(change) => Some(&change.pipeline),
            Self::StartBuild(change) => Some(&change.pipeline),
            Self::PutKeyPolicy(_)
            | Self::PutRule(_)
            | Self::CreateComponent(_)
            | Self::CreateInfrastructure(_)
            | Self::UpdateInfrastructure(_)
            | Self::CreateDistribution(_)
            | Self::UpdateDistribution(_)
            | Self::CreateRecipe(_) => None,
        }
    }

    /// The recipe version that it points a pipeline at, if it does.
    pub fn points_at(&self) -> Option<&VersionArn> {
        if let Self::CreatePipeline(CreatePipeline { recipe, .. })
        | Self::UpdatePipeline(UpdatePipeline { recipe, .. }) = self
        {
            return Some(recipe);
        }
        None
    }

    /// The recipe version that it makes, if it makes one.
    pub fn makes_recipe(&self) -> Option<&CreateRecipe> {
        if let Self::CreateRecipe(create) = self { Some(create) } else { None }
    }

    /// What it makes of a distribution configuration, if it is about one.
    pub fn distributes(&self) -> Option<&Configured<Distribution>> {
        if let Self::CreateDistribution(wanted) | Self::UpdateDistribution(wanted) = self {
            return Some(wanted);
        }
        None
    }

    /// The quota that it takes one of.
    pub fn quota(&self) -> Option<Limit> {
        match self {
            Self::CreatePipeline(_) => Some(quota::PIPELINES),
            Self::CreateRecipe(_) => Some(quota::RECIPES),
            Self::CreateComponent(_) => Some(quota::COMPONENTS),
            Self::CreateInfrastructure(_) => Some(quota::INFRASTRUCTURE),
            Self::CreateDistribution(_) => Some(quota::DISTRIBUTIONS),
            Self::StartBuild(_) => Some(quota::BUILDS),
            Self::PutKeyPolicy(_)
            | Self::PutRule(_)
            | Self::UpdateInfrastructure(_)
            | Self::UpdateDistribution(_)
            | Self::UpdatePipeline(_)
            | Self::TagPipeline(_)
            | Self::Publish(_) => None,
        }
    }

    /// The build that it starts, if it starts one.
    pub fn starts(&self) -> Option<&StartBuild> {
        if let Self::StartBuild(start) = self { Some(start) } else { None }
    }

    /// What it changes: an ARN or a name. No later change may be attempted that needs the target of
    /// one that failed.
    pub fn target(&self) -> String {
        match self {
            Self::PutKeyPolicy(change) => change.key.to_string(),
            Self::PutRule(rule) => rule.name.clone(),
            Self::CreateComponent(change) => change.arn.to_string(),
            Self::CreateInfrastructure(change) | Self::UpdateInfrastructure(change) => change.arn.clone(),
            Self::CreateDistribution(change) | Self::UpdateDistribution(change) => change.arn.clone(),
            Self::CreateRecipe(change) => change.arn.to_string(),
            Self::CreatePipeline(change) => change.arn.to_string(),
            Self::UpdatePipeline(change) => change.arn.to_string(),
            Self::TagPipeline(change) => change.arn.to_string(),
            Self::Publish(change) => change.image.to_string(),
            Self::StartBuild(change) => change.pipeline.to_string(),
        }
    }

    /// The targets without which it makes no sense.
    pub fn needs(&self) -> Vec<String> {
        match self {
            Self::CreateRecipe(change) => {
                change.components.iter().map(|used| used.component.to_string()).collect()
            }
            Self::CreatePipeline(change) => {
                vec![change.recipe.to_string(), change.infrastructure.clone(), change.distribution.clone()]
            }
            Self::UpdatePipeline(change) => {
                vec![change.recipe.to_string(), change.infrastructure.clone(), change.distribution.clone()]
            }
            Self::TagPipeline(change) => vec![change.arn.to_string()],
            Self::Publish(change) => vec![change.pipeline.to_string()],
            Self::StartBuild(change) => vec![change.pipeline.to_string()],
            Self::PutKeyPolicy(_)
            | Self::PutRule(_)
            | Self::CreateComponent(_)
            | Self::CreateInfrastructure(_)
            | Self::UpdateInfrastructure(_)
            | Self::CreateDistribution(_)
            | Self::UpdateDistribution(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.target())
    }
}
