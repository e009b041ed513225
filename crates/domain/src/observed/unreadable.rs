//! What could not be read, for a reason that the next run would meet again.
//!
//! Such an answer refuses what needs the thing, and nothing else. What passes by itself, such as
//! throttling, is none of these: it ends the run, and the next one reads it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::arn::{ComponentBuildArn, VersionArn};
use crate::names::{AmiId, KeyArn, ParentImageArn, Region};

/// Something that could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Unreadable {
    /// What.
    pub what: Subject,
    /// AWS's code for the reason, such as `AccessDeniedException`.
    pub code: String,
}

/// What is read in one go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Subject {
    /// The list of pipelines.
    Pipelines,
    /// The list of images.
    Images,
    /// The list of infrastructure configurations.
    InfrastructureConfigurations,
    /// The list of distribution configurations.
    DistributionConfigurations,
    /// What a configuration says, by its ARN.
    Configuration(String),
    /// The rule that starts scheduled builds.
    Rule,
    /// The policy of the output bucket.
    BucketPolicy,
    /// The policy of a key.
    KeyPolicy(KeyArn),
    /// The grants on a key.
    Grants(KeyArn),
    /// The list of components.
    Components,
    /// What a component build says.
    ComponentBuild(ComponentBuildArn),
    /// The list of recipes.
    Recipes,
    /// What a recipe version says.
    RecipeVersion(VersionArn),
    /// An Image Builder image to build on.
    ParentImage(ParentImageArn),
    /// An AMI.
    Ami(AmiId),
    /// An instance profile, by its name.
    InstanceProfile(String),
    /// The instance types.
    InstanceTypes,
    /// The instances of Image Builder.
    Instances,
    /// The Regions of the account.
    Regions,
    /// A subnet.
    Subnet(String),
    /// Our AMIs in a Region.
    OwnAmis(Region),
    /// Who may launch an AMI of ours.
    LaunchPermissions(AmiId, Region),
    /// Which accounts KMS or S3 has lately refused.
    Quarantine,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipelines => f.write_str("the list of image pipelines"),
            Self::Images => f.write_str("the list of images"),
            Self::InfrastructureConfigurations => {
                f.write_str("the list of infrastructure configurations")
            }
            Self::DistributionConfigurations => {
                f.write_str("the list of distribution configurations")
            }
            Self::Configuration(arn) => write!(f, "the configuration {arn}"),
            Self::Rule => f.write_str("the build rule"),
            Self::BucketPolicy => f.write_str("the policy of the output bucket"),
            Self::KeyPolicy(key) => write!(f, "the policy of key {key}"),
            Self::Grants(key) => write!(f, "the list of grants on key {key}"),
            Self::Components => f.write_str("the list of components"),
            Self::ComponentBuild(arn) => write!(f, "the component {arn}"),
            Self::Recipes => f.write_str("the list of image recipes"),
            Self::RecipeVersion(arn) => write!(f, "the recipe version {arn}"),
            Self::ParentImage(arn) => write!(f, "the image {arn}"),
            Self::Ami(ami) => write!(f, "the AMI {ami}"),
            Self::InstanceProfile(name) => write!(f, "the instance profile {name}"),
            Self::InstanceTypes => f.write_str("the list of instance types"),
            Self::Instances => f.write_str("the list of instances"),
            Self::Regions => f.write_str("the list of Regions"),
            Self::Subnet(subnet) => write!(f, "the subnet {subnet}"),
            Self::OwnAmis(region) => write!(f, "the list of our AMIs in {region}"),
            Self::LaunchPermissions(ami, region) => {
                write!(f, "the launch permission of {ami} in {region}")
            }
            Self::Quarantine => f.write_str("quarantine.json in the output bucket"),
        }
    }
}
