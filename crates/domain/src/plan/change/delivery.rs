//! Inputs of the changes that bring images to consumers, and take them away.

use std::collections::BTreeSet;

use super::inputs::{Configured, CreateRecipe};
use crate::arn::ImageArn;
use crate::names::{AccountId, AmiId, KeyArn, PipelineArn, RecipeName, Region, RoleArn};
use crate::observed::{Copy, Grant, Sharing, Tags, Target};
use crate::resources::{Distribution, Infrastructure};

/// Input of `s3:PutBucketPolicy` on the output bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutBucketPolicy {
    /// The whole policy to store.
    pub policy: String,
    /// The policy that it was derived from: if the bucket has another one by now, the write is off.
    pub expected: String,
}

/// Input of `ec2:ModifyImageAttribute`: permissions to add, or to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchPermissions {
    /// The AMI.
    pub ami: AmiId,
    /// Where it is.
    pub region: Region,
    /// Whose permission it is about.
    pub sharing: Sharing,
}

/// Input of `kms:RevokeGrant`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeGrant {
    /// The key.
    pub key: KeyArn,
    /// The grant.
    pub grant: Grant,
}

/// Input of `DistributeImage`: copies of an image for consumers, with a distribution configuration that
/// is there for these targets only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributeImage {
    /// The recipe, for the report.
    pub recipename: RecipeName,
    /// The image that is copied.
    pub image: ImageArn,
    /// Its AMI in the building Region.
    pub ami: AmiId,
    /// The distribution configuration.
    pub distribution: String,
    /// The client token: the same image and targets give the same copies.
    pub token: String,
    /// Tags for the image resource.
    pub tags: Tags,
}

/// Input of `RetryImage`, and the tag that counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryImage {
    /// The image whose distribution failed.
    pub image: ImageArn,
    /// Which attempt it is, the first being 1; the tag [`RETRIES_TAG`](crate::plan::RETRIES_TAG) is set to it beforehand.
    pub attempt: u32,
    /// The client token: the same attempt gives the same retry.
    pub token: String,
}

/// What building an image again in an account takes: its recipe, infrastructure and distribution
/// configuration there, and `CreateImage`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebuildImage {
    /// The recipe, for the report.
    pub recipename: RecipeName,
    /// The pipeline, whose tag names the account and the Region before anything is made there.
    pub pipeline: PipelineArn,
    /// The account.
    pub account: AccountId,
    /// The Region that it builds in.
    pub region: Region,
    /// The role to use there.
    pub role: RoleArn,
    /// Its infrastructure configuration.
    pub infrastructure: Configured<Infrastructure>,
    /// Its distribution configuration.
    pub distribution: Configured<Distribution>,
    /// Its recipe, on our AMI.
    pub recipe: CreateRecipe,
    /// The client token: the same attempt gives the same image.
    pub token: String,
    /// Tags for the image resource.
    pub tags: Tags,
}

impl RebuildImage {
    /// Where it builds.
    pub fn place(&self) -> Target {
        Target {
            account: self.account.clone(),
            region: self.region.clone(),
        }
    }
}

/// What is deleted in an account when a build there has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanUpRebuild {
    /// The recipe, for the report.
    pub recipename: RecipeName,
    /// The account.
    pub account: AccountId,
    /// The Region that it builds in.
    pub region: Region,
    /// The role to use there.
    pub role: RoleArn,
    /// Recipes, infrastructure and distribution configurations.
    pub arns: Vec<String>,
}

/// What publishing an image's copies takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishCopies {
    /// The recipe, whose name is in every key.
    pub recipename: RecipeName,
    /// The pipeline, whose tag says what is published.
    pub pipeline: PipelineArn,
    /// The image that was copied.
    pub image: ImageArn,
    /// The copies to publish.
    pub copies: Vec<PublishedCopy>,
    /// The pipeline's tag that tells so: [`PUBLISHED_COPIES_TAG`](crate::plan::PUBLISHED_COPIES_TAG)
    /// or [`REBUILT_TAG`](crate::plan::REBUILT_TAG).
    pub tag: &'static str,
    /// Its value afterwards.
    pub digest: String,
}

/// A copy, and how its account hears of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedCopy {
    /// The copy.
    pub copy: Copy,
    /// The role through which the parameter in its account is written; none is without a parameter.
    pub parameter_role: Option<RoleArn>,
}

/// Accounts that KMS does not take as principals. A key policy is all or nothing: one of them keeps
/// everybody out.
pub type Quarantine = BTreeSet<AccountId>;
