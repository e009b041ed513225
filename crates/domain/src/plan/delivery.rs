//! Inputs of the changes that bring images to consumers, and take them away.

use std::collections::BTreeSet;

use crate::arn::ImageArn;
use crate::names::{AccountId, AmiId, KeyArn, PipelineArn, RecipeName, Region, RoleArn};
use crate::observed::{Copy, Grant, Sharing, Tags};

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
    /// Which attempt it is, the first being 1; the tag [`RETRIES_TAG`] is set to it beforehand.
    pub attempt: u32,
    /// The client token: the same attempt gives the same retry.
    pub token: String,
}

/// The tag of an image that counts its retries.
pub const RETRIES_TAG: &str = "goldsmith:retries";
/// The tag of an image that was made to copy another one: that one's ARN.
pub const COPIES_OF_TAG: &str = "goldsmith:copies-of";
/// The pipeline's tag for the copies that are published: a digest of [`PublishCopies::copies`].
pub const PUBLISHED_COPIES_TAG: &str = "goldsmith:published-copies";

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
    /// The value of [`PUBLISHED_COPIES_TAG`] afterwards.
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
