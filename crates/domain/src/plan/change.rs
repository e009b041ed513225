//! Changes: one variant for each AWS mutation, with every input of the call.

use std::fmt;

use super::delivery::{
    CleanUpRebuild, DistributeImage, LaunchPermissions, PublishCopies, PutBucketPolicy,
    RebuildImage, RetryImage, RevokeGrant,
};
use super::inputs::{
    Configured, CreateComponent, CreatePipeline, CreateRecipe, Publish, PutKeyPolicy, StartBuild,
    TagPipeline, UpdatePipeline,
};
use super::quota::{self, Limit};
use crate::arn::VersionArn;
use crate::names::PipelineArn;
use crate::observed::Rule;
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
    /// Lets consumers read what is published, and nobody else.
    PutBucketPolicy(PutBucketPolicy),
    /// Lets consumers launch an AMI.
    Share(LaunchPermissions),
    /// Takes launch permissions away.
    Withdraw(LaunchPermissions),
    /// Takes a grant of a consumer that left away.
    RevokeGrant(RevokeGrant),
    /// Copies an image into consumers' accounts.
    DistributeImage(DistributeImage),
    /// Distributes an image again whose distribution failed.
    RetryImage(RetryImage),
    /// Deletes a distribution configuration that was there for copies which are made.
    DeleteDistribution(String),
    /// Publishes an image's copies.
    PublishCopies(PublishCopies),
    /// Builds an image again in an account that it cannot be copied into.
    Rebuild(Box<RebuildImage>),
    /// Deletes what was there for such a build.
    CleanUpRebuild(CleanUpRebuild),
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
            Self::PutBucketPolicy(_) => "put-bucket-policy",
            Self::Share(_) => "share-ami",
            Self::Withdraw(_) => "withdraw-ami",
            Self::RevokeGrant(_) => "revoke-grant",
            Self::DistributeImage(_) => "distribute-image",
            Self::RetryImage(_) => "retry-image",
            Self::DeleteDistribution(_) => "delete-distribution-configuration",
            Self::PublishCopies(_) => "publish-copies",
            Self::Rebuild(_) => "rebuild-image",
            Self::CleanUpRebuild(_) => "clean-up-rebuild",
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
            Self::PublishCopies(change) => Some(&change.pipeline),
            Self::PutBucketPolicy(_)
            | Self::Share(_)
            | Self::Withdraw(_)
            | Self::RevokeGrant(_)
            | Self::DistributeImage(_)
            | Self::RetryImage(_)
            | Self::DeleteDistribution(_)
            | Self::PutKeyPolicy(_)
            | Self::PutRule(_)
            | Self::CreateComponent(_)
            | Self::CreateInfrastructure(_)
            | Self::UpdateInfrastructure(_)
            | Self::CreateDistribution(_)
            | Self::UpdateDistribution(_)
            | Self::CreateRecipe(_)
            | Self::Rebuild(_)
            | Self::CleanUpRebuild(_) => None,
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
        if let Self::CreateRecipe(create) = self {
            Some(create)
        } else {
            None
        }
    }

    /// What it makes of a distribution configuration, if it is about one.
    pub fn distributes(&self) -> Option<&Configured<Distribution>> {
        if let Self::CreateDistribution(wanted) | Self::UpdateDistribution(wanted) = self {
            return Some(wanted);
        }
        None
    }

    /// The key policy that it stores, if it stores one.
    pub fn puts_key_policy(&self) -> Option<&PutKeyPolicy> {
        if let Self::PutKeyPolicy(put) = self {
            Some(put)
        } else {
            None
        }
    }

    /// Whether it takes something from consumers before they lose the key.
    pub fn takes_away(&self) -> bool {
        matches!(
            self,
            Self::UpdateDistribution(_) | Self::Withdraw(_) | Self::RevokeGrant(_)
        )
    }

    /// Whether it only takes access away, which a pause does not stop. The key policies of a pause let
    /// nobody in.
    pub fn revokes(&self) -> bool {
        let withdraws = self.puts_key_policy().is_some_and(|put| put.withdraws);
        withdraws || matches!(self, Self::Withdraw(_) | Self::RevokeGrant(_))
    }

    /// The quota that it takes one of.
    pub fn quota(&self) -> Option<Limit> {
        match self {
            Self::CreatePipeline(_) => Some(quota::PIPELINES),
            Self::CreateRecipe(_) => Some(quota::RECIPES),
            Self::CreateComponent(_) => Some(quota::COMPONENTS),
            Self::CreateInfrastructure(_) => Some(quota::INFRASTRUCTURE),
            Self::CreateDistribution(_) => Some(quota::DISTRIBUTIONS),
            Self::StartBuild(_) | Self::DistributeImage(_) => Some(quota::BUILDS),
            Self::PutKeyPolicy(_)
            | Self::PutRule(_)
            | Self::UpdateInfrastructure(_)
            | Self::UpdateDistribution(_)
            | Self::UpdatePipeline(_)
            | Self::TagPipeline(_)
            | Self::Publish(_)
            | Self::PutBucketPolicy(_)
            | Self::Share(_)
            | Self::Withdraw(_)
            | Self::RevokeGrant(_)
            | Self::RetryImage(_)
            | Self::DeleteDistribution(_)
            | Self::PublishCopies(_)
            // The quotas of another account.
            | Self::Rebuild(_)
            | Self::CleanUpRebuild(_) => None,
        }
    }

    /// The build that it starts, if it starts one.
    pub fn starts(&self) -> Option<&StartBuild> {
        if let Self::StartBuild(start) = self {
            Some(start)
        } else {
            None
        }
    }

    /// The build in a consumer's account that it starts, if it starts one.
    pub fn builds_again(&self) -> Option<&RebuildImage> {
        if let Self::Rebuild(rebuild) = self {
            Some(rebuild)
        } else {
            None
        }
    }

    /// What it changes: an ARN or a name. No later change may be attempted that needs the target of
    /// one that failed.
    pub fn target(&self) -> String {
        match self {
            Self::PutKeyPolicy(change) => change.key.to_string(),
            Self::PutRule(rule) => rule.name.clone(),
            Self::CreateComponent(change) => change.arn.to_string(),
            Self::CreateInfrastructure(change) | Self::UpdateInfrastructure(change) => {
                change.arn.clone()
            }
            Self::CreateDistribution(change) | Self::UpdateDistribution(change) => {
                change.arn.clone()
            }
            Self::CreateRecipe(change) => change.arn.to_string(),
            Self::CreatePipeline(change) => change.arn.to_string(),
            Self::UpdatePipeline(change) => change.arn.to_string(),
            Self::TagPipeline(change) => change.arn.to_string(),
            Self::Publish(change) => change.image.to_string(),
            Self::StartBuild(change) => change.pipeline.to_string(),
            Self::PutBucketPolicy(_) => "the output bucket".to_owned(),
            Self::Share(change) | Self::Withdraw(change) => {
                format!("{} in {}", change.ami, change.region)
            }
            Self::RevokeGrant(change) => change.grant.id.clone(),
            Self::DistributeImage(change) => change.image.to_string(),
            Self::RetryImage(change) => change.image.to_string(),
            Self::DeleteDistribution(arn) => arn.clone(),
            Self::PublishCopies(change) => change.image.to_string(),
            Self::Rebuild(change) => change.recipe.arn.to_string(),
            Self::CleanUpRebuild(change) => {
                format!(
                    "what built {} again in {} of account {}",
                    change.recipename, change.region, change.account
                )
            }
        }
    }

    /// The targets without which it makes no sense.
    pub fn needs(&self) -> Vec<String> {
        match self {
            Self::CreateRecipe(change) => change
                .components
                .iter()
                .map(|used| used.component.to_string())
                .collect(),
            Self::CreatePipeline(change) => {
                vec![
                    change.recipe.to_string(),
                    change.infrastructure.clone(),
                    change.distribution.clone(),
                ]
            }
            Self::UpdatePipeline(change) => {
                vec![
                    change.recipe.to_string(),
                    change.infrastructure.clone(),
                    change.distribution.clone(),
                ]
            }
            Self::TagPipeline(change) => std::iter::once(change.arn.to_string())
                .chain(change.after.iter().cloned())
                .collect(),
            Self::Publish(change) => vec![change.pipeline.to_string()],
            Self::StartBuild(change) => vec![change.pipeline.to_string()],
            Self::PutKeyPolicy(change) => change.after.clone(),
            Self::DistributeImage(change) => std::iter::once(change.distribution.clone())
                .chain(change.after.iter().cloned())
                .collect(),
            Self::PublishCopies(change) => vec![change.pipeline.to_string()],
            Self::Rebuild(change) => std::iter::once(change.pipeline.to_string())
                .chain(change.after.iter().cloned())
                .collect(),
            Self::CleanUpRebuild(_)
            | Self::PutBucketPolicy(_)
            | Self::Share(_)
            | Self::Withdraw(_)
            | Self::RevokeGrant(_)
            | Self::RetryImage(_)
            | Self::DeleteDistribution(_)
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
