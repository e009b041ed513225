//! What changes provide and need.

use std::fmt;

use crate::arn::{ComponentBuildArn, VersionArn};
use crate::names::{AccountId, AmiId, KeyArn, PipelineArn, RecipeName, Region};

/// Something that one change of a plan provides and another one may need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The access that the plan grants on a key.
    KeyAccess(KeyArn),
    /// A component.
    Component(ComponentBuildArn),
    /// A recipe version.
    Recipe(VersionArn),
    /// An infrastructure or distribution configuration, as the plan wants it.
    Configuration(String),
    /// A pipeline that builds what the plan wants.
    Pipeline(PipelineArn),
    /// A build of a pipeline that was started.
    Build(PipelineArn),
    /// The pipeline's tag with the places in which images are built again.
    RebuildPlaces(PipelineArn),
    /// The launch permissions that the plan gives on an AMI.
    LaunchPermissions(AmiId, Region),
    /// The launch permissions that the plan takes away on an AMI.
    WithdrawnPermissions(AmiId, Region),
    /// A grant that is revoked, by its id.
    RevokedGrant(String),
    /// An account and Region in which nothing is left of ended builds of a recipe.
    CleanPlace {
        /// The recipe.
        recipename: RecipeName,
        /// The account.
        account: AccountId,
        /// The Region.
        region: Region,
    },
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyAccess(key) => key.fmt(f),
            Self::Component(arn) => arn.fmt(f),
            Self::Recipe(arn) => arn.fmt(f),
            Self::Configuration(arn) => arn.fmt(f),
            Self::Pipeline(arn) | Self::RebuildPlaces(arn) => arn.fmt(f),
            Self::Build(pipeline) => write!(f, "a build of {pipeline}"),
            Self::LaunchPermissions(ami, region) | Self::WithdrawnPermissions(ami, region) => {
                write!(f, "{ami} in {region}")
            }
            Self::RevokedGrant(id) => id.fmt(f),
            Self::CleanPlace {
                recipename,
                account,
                region,
            } => write!(
                f,
                "what built {recipename} again in {region} of account {account}"
            ),
        }
    }
}
