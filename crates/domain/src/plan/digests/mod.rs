//! What the planner's own digests are taken of: client tokens, names, and tags that say what was
//! delivered. They are stored formats, see [`digest`](crate::digest).
//!
//! The members of a token have positions instead of names: their JSON is an array.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::PublishedCopy;
use crate::arn::{ImageArn, VersionArn};
use crate::consumers::{Account, Rebuild};
use crate::digest::{self, DigestInput};
use crate::names::{Digest, KeyArn, PipelineArn, Region, RoleArn};
use crate::observed::{Copy, Target};

/// Version 1 of a build's client token: pipeline, recipe version, cause.
#[derive(Serialize)]
struct BuildTokenV1<'a>(&'a str, String, &'a str);

/// Version 1 of a retry's client token: image, the word `retry`, number of the attempt.
#[derive(Serialize)]
struct RetryTokenV1(String, &'static str, u32);

/// Version 1 of a batch of copies: image, the batch's tag, targets with their keys, number of earlier
/// attempts. It is a client token, and its beginning is part of a configuration's name.
#[derive(Serialize)]
struct CopiesTokenV1<'a>(String, &'a str, Vec<(TargetDigestV1<'a>, &'a str)>, usize);

/// Version 1 of the copies that are published, each with the role that writes its parameter.
#[derive(Serialize)]
#[serde(transparent)]
struct PublishedCopiesDigestV1<'a>(Vec<(CopyDigestV1<'a>, Option<&'a str>)>);

/// Version 1 of what an account builds again: image, account, instance profile, Regions, keys.
#[derive(Serialize)]
struct RebuildDigestV1<'a>(
    String,
    &'a str,
    Option<&'a str>,
    BTreeSet<&'a str>,
    BTreeMap<&'a str, &'a str>,
);

/// Version 1 of the rebuilt images that are published: each account's digest, with the role that writes
/// its parameter.
#[derive(Serialize)]
#[serde(transparent)]
struct RebuiltDigestV1<'a>(Vec<(String, Option<&'a str>)>);

/// Version 1 of one attempt to build an image again: what is built, number of the attempt. Its beginning
/// is part of the names of what the attempt creates.
#[derive(Serialize)]
struct RebuildAttemptDigestV1<'a>(&'a str, u32);

/// Version 1 of a rebuild's client token: the attempt, hours since 1970.
#[derive(Serialize)]
struct RebuildTokenV1<'a>(&'a str, i64);

#[derive(Serialize)]
struct CopyDigestV1<'a> {
    #[serde(rename = "target")]
    target: TargetDigestV1<'a>,
    #[serde(rename = "ami")]
    ami: &'a str,
}

#[derive(Serialize)]
struct TargetDigestV1<'a> {
    #[serde(rename = "account")]
    account: &'a str,
    #[serde(rename = "region")]
    region: &'a str,
}

impl DigestInput for BuildTokenV1<'_> {}
impl DigestInput for RetryTokenV1 {}
impl DigestInput for CopiesTokenV1<'_> {}
impl DigestInput for PublishedCopiesDigestV1<'_> {}
impl DigestInput for RebuildDigestV1<'_> {}
impl DigestInput for RebuiltDigestV1<'_> {}
impl DigestInput for RebuildAttemptDigestV1<'_> {}
impl DigestInput for RebuildTokenV1<'_> {}

impl<'a> BuildTokenV1<'a> {
    fn new(pipeline: &'a PipelineArn, recipe: &VersionArn, cause: &'a str) -> Self {
        Self(pipeline.as_str(), recipe.to_string(), cause)
    }
}

impl RetryTokenV1 {
    fn new(image: &ImageArn, attempt: u32) -> Self {
        Self(image.to_string(), "retry", attempt)
    }
}

impl<'a> CopiesTokenV1<'a> {
    fn new(
        image: &ImageArn,
        batch: &'a str,
        targets: &'a BTreeMap<Target, KeyArn>,
        earlier: usize,
    ) -> Self {
        let targets = targets
            .iter()
            .map(|(target, key)| (target.into(), key.as_str()));
        Self(image.to_string(), batch, targets.collect(), earlier)
    }
}

impl<'a> PublishedCopiesDigestV1<'a> {
    fn new(copies: &'a [PublishedCopy]) -> Self {
        let copy = |published: &'a PublishedCopy| {
            let PublishedCopy {
                copy,
                parameter_role,
            } = published;
            (copy.into(), parameter_role.as_ref().map(RoleArn::as_str))
        };
        Self(copies.iter().map(copy).collect())
    }
}

impl<'a> RebuildDigestV1<'a> {
    /// The role that works there and the role that writes the parameter do not change what is built, nor
    /// does who may launch.
    fn new(image: &ImageArn, account: &'a Account) -> Self {
        let Account {
            id,
            roles: _,
            regions,
            serve: _,
            keys,
            grant_admin: _,
            parameter_role: _,
            rebuild,
            places: _,
        } = account;
        let profile = rebuild.as_ref().map(|rebuild| {
            let Rebuild {
                role: _,
                instance_profile,
            } = rebuild;
            instance_profile.as_str()
        });
        Self(
            image.to_string(),
            id.as_str(),
            profile,
            regions.iter().map(Region::as_str).collect(),
            keys.iter()
                .map(|(region, key)| (region.as_str(), key.as_str()))
                .collect(),
        )
    }
}

impl<'a> RebuiltDigestV1<'a> {
    fn new(image: &ImageArn, accounts: impl IntoIterator<Item = &'a Account>) -> Self {
        let part = |account: &'a Account| {
            let role = account.parameter_role.as_ref();
            (
                rebuild(image, account).to_string(),
                role.map(RoleArn::as_str),
            )
        };
        Self(accounts.into_iter().map(part).collect())
    }
}

impl<'a> From<&'a Copy> for CopyDigestV1<'a> {
    fn from(copy: &'a Copy) -> Self {
        let Copy { target, ami } = copy;
        Self {
            target: target.into(),
            ami: ami.as_str(),
        }
    }
}

impl<'a> From<&'a Target> for TargetDigestV1<'a> {
    fn from(target: &'a Target) -> Self {
        let Target { account, region } = target;
        Self {
            account: account.as_str(),
            region: region.as_str(),
        }
    }
}

/// The client token of a build.
pub(super) fn build_token(pipeline: &PipelineArn, recipe: &VersionArn, cause: &str) -> Digest {
    digest::of(&BuildTokenV1::new(pipeline, recipe, cause))
}

/// The client token of a retry.
pub(super) fn retry_token(image: &ImageArn, attempt: u32) -> Digest {
    digest::of(&RetryTokenV1::new(image, attempt))
}

/// What tells one batch of copies from another.
pub(super) fn copies(
    image: &ImageArn,
    batch: &str,
    targets: &BTreeMap<Target, KeyArn>,
    earlier: usize,
) -> Digest {
    digest::of(&CopiesTokenV1::new(image, batch, targets, earlier))
}

/// The value of the tag that says which copies are published.
pub(super) fn published_copies(copies: &[PublishedCopy]) -> Digest {
    digest::of(&PublishedCopiesDigestV1::new(copies))
}

/// What is built again in an account, by content.
pub(super) fn rebuild(image: &ImageArn, account: &Account) -> Digest {
    digest::of(&RebuildDigestV1::new(image, account))
}

/// The value of the tag that says which rebuilt images are published.
pub(super) fn rebuilt<'a>(
    image: &ImageArn,
    accounts: impl IntoIterator<Item = &'a Account>,
) -> Digest {
    digest::of(&RebuiltDigestV1::new(image, accounts))
}

/// What tells one attempt of a rebuild from another.
pub(super) fn rebuild_attempt(rebuild: &Digest, attempt: u32) -> Digest {
    digest::of(&RebuildAttemptDigestV1(rebuild.as_str(), attempt))
}

/// The client token of a rebuild in this hour since 1970.
pub(super) fn rebuild_token(attempt: &Digest, hour: i64) -> Digest {
    digest::of(&RebuildTokenV1(attempt.as_str(), hour))
}
