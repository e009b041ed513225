//! Actions: one variant for each AWS mutation, with every input of the call.

use super::delivery::{
    CleanUpRebuild, DistributeImage, LaunchPermissions, PublishCopies, PutBucketPolicy,
    RebuildImage, RetryImage, RevokeGrant,
};
use super::inputs::{
    CleanUpImage, Configured, CreateComponent, CreatePipeline, CreateRecipe, EndInstance,
    LabelImage, Publish, PutKeyPolicy, RecipeComponent, StartBuild, TagPipeline, UpdatePipeline,
};
use super::quota::{self, Limit};
use super::{Effect, Resource};
use crate::arn::VersionArn;
use crate::names::PipelineArn;
use crate::observed::Rule;
use crate::resources::{Distribution, Infrastructure};

/// One mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Lets joining consumers use a key; no consumer loses access by it.
    GrantKeyAccess(PutKeyPolicy),
    /// Takes the use of a key from consumers that left.
    RevokeKeyAccess(PutKeyPolicy),
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
    /// Takes launch permissions away from consumers.
    Withdraw(LaunchPermissions),
    /// Revokes a grant of a consumer that left.
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
    /// Removes what a failed build has left.
    CleanUpImage(CleanUpImage),
    /// Writes labels on the AMIs of an image.
    LabelImage(LabelImage),
    /// Ends an instance that a failed build has kept, or says when.
    EndInstance(EndInstance),
}

impl Action {
    /// The action in the report's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::GrantKeyAccess(_) | Self::RevokeKeyAccess(_) => "put-key-policy",
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
            Self::CleanUpImage(_) => "clean-up-image",
            Self::LabelImage(_) => "label-image",
            Self::EndInstance(EndInstance {
                expires: Some(_), ..
            }) => "expire-instance",
            Self::EndInstance(_) => "terminate-instance",
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
            | Self::GrantKeyAccess(_)
            | Self::RevokeKeyAccess(_)
            | Self::PutRule(_)
            | Self::CreateComponent(_)
            | Self::CreateInfrastructure(_)
            | Self::UpdateInfrastructure(_)
            | Self::CreateDistribution(_)
            | Self::UpdateDistribution(_)
            | Self::CreateRecipe(_)
            | Self::Rebuild(_)
            | Self::CleanUpRebuild(_)
            | Self::CleanUpImage(_)
            | Self::LabelImage(_)
            | Self::EndInstance(_) => None,
        }
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
            Self::GrantKeyAccess(_)
            | Self::RevokeKeyAccess(_)
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
            | Self::CleanUpRebuild(_)
            | Self::CleanUpImage(_)
            | Self::LabelImage(_)
            | Self::EndInstance(_) => None,
        }
    }

    /// What the report's line says that it is about: an ARN or a name.
    pub fn target(&self) -> String {
        match self {
            Self::GrantKeyAccess(change) | Self::RevokeKeyAccess(change) => change.key.to_string(),
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
            Self::CleanUpImage(change) => change.image.to_string(),
            Self::LabelImage(change) => change.image.to_string(),
            Self::EndInstance(change) => change.instance.to_string(),
            Self::CleanUpRebuild(change) => {
                format!(
                    "what built {} again in {} of account {}",
                    change.recipename, change.region, change.account
                )
            }
        }
    }

    /// What is there once it has succeeded.
    ///
    /// A build that cannot be started takes nothing from its pipeline: a start provides nothing.
    pub(super) fn provides(&self) -> Option<Resource> {
        match self {
            Self::GrantKeyAccess(change) => Some(Resource::KeyAccess(change.key.clone())),
            Self::CreateComponent(change) => Some(Resource::Component(change.arn.clone())),
            Self::CreateInfrastructure(Configured { arn, .. })
            | Self::UpdateInfrastructure(Configured { arn, .. })
            | Self::CreateDistribution(Configured { arn, .. })
            | Self::UpdateDistribution(Configured { arn, .. }) => {
                Some(Resource::Configuration(arn.clone()))
            }
            Self::CreateRecipe(change) => Some(Resource::Recipe(change.arn.clone())),
            Self::CreatePipeline(CreatePipeline { arn, .. })
            | Self::UpdatePipeline(UpdatePipeline { arn, .. }) => {
                Some(Resource::Pipeline(arn.clone()))
            }
            Self::Share(LaunchPermissions { ami, region, .. }) => {
                Some(Resource::LaunchPermissions(ami.clone(), region.clone()))
            }
            Self::Withdraw(LaunchPermissions { ami, region, .. }) => {
                Some(Resource::WithdrawnPermissions(ami.clone(), region.clone()))
            }
            Self::RevokeGrant(change) => Some(Resource::RevokedGrant(change.grant.id.clone())),
            Self::StartBuild(change) => Some(Resource::Build(change.pipeline.clone())),
            Self::CleanUpRebuild(change) => Some(Resource::CleanPlace {
                recipename: change.recipename.clone(),
                account: change.account.clone(),
                region: change.region.clone(),
            }),
            Self::RevokeKeyAccess(_)
            | Self::PutRule(_)
            | Self::TagPipeline(_)
            | Self::Publish(_)
            | Self::PutBucketPolicy(_)
            | Self::DistributeImage(_)
            | Self::RetryImage(_)
            | Self::DeleteDistribution(_)
            | Self::PublishCopies(_)
            | Self::Rebuild(_)
            | Self::CleanUpImage(_)
            | Self::LabelImage(_)
            | Self::EndInstance(_) => None,
        }
    }

    /// What it makes no sense without, as far as its own inputs say so.
    pub(super) fn needs(&self) -> Vec<Resource> {
        match self {
            Self::CreateRecipe(change) => components_of_ours(change),
            Self::CreatePipeline(change) => {
                parts_of_pipeline(&change.recipe, &change.infrastructure, &change.distribution)
            }
            Self::UpdatePipeline(change) => {
                parts_of_pipeline(&change.recipe, &change.infrastructure, &change.distribution)
            }
            Self::TagPipeline(TagPipeline { arn: pipeline, .. })
            | Self::Publish(Publish { pipeline, .. })
            | Self::StartBuild(StartBuild { pipeline, .. })
            | Self::PublishCopies(PublishCopies { pipeline, .. }) => {
                vec![Resource::Pipeline(pipeline.clone())]
            }
            Self::DistributeImage(change) => {
                vec![Resource::Configuration(change.distribution.clone())]
            }
            // The tag names the place before anything is made in it.
            Self::Rebuild(change) => vec![
                Resource::Pipeline(change.pipeline.clone()),
                Resource::RebuildPlaces(change.pipeline.clone()),
            ],
            Self::GrantKeyAccess(_)
            | Self::RevokeKeyAccess(_)
            | Self::PutRule(_)
            | Self::CreateComponent(_)
            | Self::CreateInfrastructure(_)
            | Self::UpdateInfrastructure(_)
            | Self::CreateDistribution(_)
            | Self::UpdateDistribution(_)
            | Self::PutBucketPolicy(_)
            | Self::Share(_)
            | Self::Withdraw(_)
            | Self::RevokeGrant(_)
            | Self::RetryImage(_)
            | Self::DeleteDistribution(_)
            | Self::CleanUpRebuild(_)
            | Self::CleanUpImage(_)
            | Self::LabelImage(_)
            | Self::EndInstance(_) => Vec::new(),
        }
    }

    /// What it does to the access of consumers.
    pub(super) fn effect(&self) -> Effect {
        match self {
            Self::GrantKeyAccess(_) | Self::Share(_) => Effect::Grants,
            Self::RevokeKeyAccess(_) | Self::Withdraw(_) | Self::RevokeGrant(_) => Effect::Revokes,
            Self::PutRule(_)
            | Self::CreateComponent(_)
            | Self::CreateInfrastructure(_)
            | Self::UpdateInfrastructure(_)
            | Self::CreateDistribution(_)
            | Self::UpdateDistribution(_)
            | Self::CreateRecipe(_)
            | Self::CreatePipeline(_)
            | Self::UpdatePipeline(_)
            | Self::TagPipeline(_)
            | Self::Publish(_)
            | Self::StartBuild(_)
            | Self::PutBucketPolicy(_)
            | Self::DistributeImage(_)
            | Self::RetryImage(_)
            | Self::DeleteDistribution(_)
            | Self::PublishCopies(_)
            | Self::Rebuild(_)
            | Self::CleanUpRebuild(_)
            | Self::CleanUpImage(_)
            | Self::LabelImage(_)
            | Self::EndInstance(_) => Effect::Neutral,
        }
    }
}

/// The components of a recipe that the plan may have to make first.
fn components_of_ours(change: &CreateRecipe) -> Vec<Resource> {
    let components = change.components.iter();
    let ours = components.filter_map(|used| match &used.component {
        RecipeComponent::Ours(arn) => Some(Resource::Component(arn.clone())),
        RecipeComponent::Foreign(_) => None,
    });
    ours.collect()
}

/// What a pipeline points at.
fn parts_of_pipeline(
    recipe: &VersionArn,
    infrastructure: &str,
    distribution: &str,
) -> Vec<Resource> {
    vec![
        Resource::Recipe(recipe.clone()),
        Resource::Configuration(infrastructure.to_owned()),
        Resource::Configuration(distribution.to_owned()),
    ]
}
