//! Copies of an image in its consumers' accounts: made after the build by `DistributeImage`, a batch for
//! our keys and one for each account that has keys of its own, since a distribution configuration takes one
//! key a Region. A target that cannot take a copy never fails a build.

use std::collections::{BTreeMap, BTreeSet};

use super::rebuild::builders;
use super::{
    COPIES_OF_TAG, Change, DistributeImage, PUBLISHED_COPIES_TAG, Planner, PublishCopies,
    PublishedCopy, RETRIES_TAG, Refused, RetryImage, Waiting, digests,
};
use crate::arn::ImageArn;
use crate::consumers::{Account, DeliveryMode};
use crate::desired::Desired;
use crate::names::{AccountId, AmiId, KeyArn, RecipeName, Region};
use crate::observed::{Copy, Image, ImageState, Observed, Pipeline, Tags, Target, is_owned};
use crate::resources::{self, Distribution, RegionDistribution};
use crate::stack::{StackContext, recipe_name};

/// The tag of an image that copies another one: for whom, a word or an account.
const COPIES_FOR_TAG: &str = "goldsmith:copies-for";
/// The tag of an image that copies another one: the distribution configuration that it was made with.
const DISTRIBUTION_TAG: &str = "goldsmith:distribution";
/// How often the distribution of one image is tried again. A role that is missing does not appear by
/// itself; a throttled copy succeeds at the next attempt or two.
pub(super) const MOST_RETRIES: u32 = 3;

/// Copies that can be made together: those under our keys, or those under one account's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Batch {
    Ours,
    Of(AccountId),
}

impl Batch {
    fn tag(&self) -> String {
        match self {
            Self::Ours => "ours".to_owned(),
            Self::Of(account) => account.to_string(),
        }
    }
}

/// The copies that are wanted, each with its key.
pub(super) type Wanted = BTreeMap<Batch, BTreeMap<Target, KeyArn>>;

/// Whether any consumer is served by copies.
pub fn wants_copies(desired: &Desired, stack: &StackContext) -> bool {
    copied(desired, stack).next().is_some()
}

/// The accounts that get copies; never the building one, which has its own AMI.
fn copied<'a>(desired: &'a Desired, stack: &'a StackContext) -> impl Iterator<Item = &'a Account> {
    let accounts = desired.consumers.accounts.iter();
    accounts.filter(|account| account.serve == DeliveryMode::Copy && account.id != stack.account)
}

fn wanted(desired: &Desired, stack: &StackContext) -> Wanted {
    let mut wanted = Wanted::new();
    for account in copied(desired, stack) {
        for region in &account.regions {
            let own = account.keys.get(region);
            let Some(key) = own.or_else(|| our_key(desired, stack, region)) else {
                continue;
            };
            let batch = own.map_or(Batch::Ours, |_| Batch::Of(account.id.clone()));
            let target = Target {
                account: account.id.clone(),
                region: region.clone(),
            };
            wanted.entry(batch).or_default().insert(target, key.clone());
        }
    }
    wanted
}

/// Our key of a Region.
pub(super) fn our_key<'a>(
    desired: &'a Desired,
    stack: &'a StackContext,
    region: &Region,
) -> Option<&'a KeyArn> {
    if *region == stack.region {
        return Some(&stack.key);
    }
    desired.regions.get(region)?.kms_key.as_ref()
}

/// The images that were made to copy `image`, oldest first.
fn copying<'a>(desired: &Desired, observed: &'a Observed, image: &ImageArn) -> Vec<&'a Image> {
    let of = |candidate: &&Image| {
        candidate
            .tags
            .get(COPIES_OF_TAG)
            .is_some_and(|tag| *tag == image.to_string())
            && is_owned(&candidate.tags, &desired.environment)
    };
    let mut all: Vec<&Image> = observed.images.iter().filter(of).collect();
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    all
}

/// The copies of `image` that are there.
pub(super) fn made(
    desired: &Desired,
    observed: &Observed,
    image: &ImageArn,
) -> BTreeMap<Target, AmiId> {
    let copies = copying(desired, observed, image)
        .into_iter()
        .flat_map(|image| &image.copies);
    copies
        .map(|copy| (copy.target.clone(), copy.ami.clone()))
        .collect()
}

/// The copies of `image` that were made under our keys, or under `owner`'s own.
pub(super) fn made_with<'a>(
    desired: &Desired,
    observed: &'a Observed,
    image: &ImageArn,
    owner: Option<&AccountId>,
) -> impl Iterator<Item = Target> + use<'a> {
    let batch = owner
        .map_or(Batch::Ours, |account| Batch::Of(account.clone()))
        .tag();
    let made = copying(desired, observed, image);
    let of_batch = made
        .into_iter()
        .filter(move |copying| copying.tags.get(COPIES_FOR_TAG) == Some(&batch));
    of_batch.flat_map(|copying| copying.copies.iter().map(|copy| copy.target.clone()))
}

/// The copies that are wanted and not made.
pub(super) fn missing(
    desired: &Desired,
    stack: &StackContext,
    made: &BTreeMap<Target, AmiId>,
) -> Wanted {
    let mut missing = wanted(desired, stack);
    missing.retain(|_, targets| {
        targets.retain(|target, _| !made.contains_key(target));
        !targets.is_empty()
    });
    missing
}

/// How often the distribution of an image was tried again.
pub(super) fn retries(image: &Image) -> u32 {
    image
        .tags
        .get(RETRIES_TAG)
        .and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

/// What a distribution failed for, as a sentence.
pub(super) fn failures(image: &Image) -> String {
    let failure = |target: &crate::observed::FailedTarget| {
        let account = target
            .account
            .as_ref()
            .map(|account| format!("account {account} in "))
            .unwrap_or_default();
        format!("{account}{}: {}", target.region, target.message)
    };
    let all: Vec<String> = image.failed_targets.iter().map(failure).collect();
    if all.is_empty() {
        image
            .reason
            .clone()
            .unwrap_or_else(|| "no reason given".to_owned())
    } else {
        all.join("; ")
    }
}

impl Planner<'_> {
    /// Brings the copies of `image` about, and publishes those that are there; whether nothing is left to
    /// wait for.
    pub(super) fn copies(&mut self, name: &RecipeName, pipeline: &Pipeline, image: &Image) -> bool {
        let made = made(self.desired, self.observed, &image.arn);
        let Some(possible) = self.possible(
            name,
            pipeline,
            image,
            missing(self.desired, self.stack, &made),
        ) else {
            self.wait(name, Waiting::Observation(name.clone()));
            return false;
        };
        let mut settled = true;
        for (batch, missing) in possible {
            settled &= self.batch(name, image, &batch, missing);
        }
        if settled {
            let wanted = wanted(self.desired, self.stack);
            let wanted: BTreeSet<&Target> = wanted.values().flat_map(BTreeMap::keys).collect();
            let there = made
                .into_iter()
                .filter(|(target, _)| wanted.contains(target));
            let there = there.map(|(target, ami)| Copy { target, ami }).collect();
            self.publish_copies(name, pipeline, image, there);
        }
        settled
    }

    /// Those of the missing copies that AWS makes of such an image; none if that is not known.
    fn possible(
        &mut self,
        name: &RecipeName,
        pipeline: &Pipeline,
        image: &Image,
        missing: Wanted,
    ) -> Option<Wanted> {
        if missing.is_empty() {
            return Some(missing);
        }
        let licence = self.licence(name, pipeline, image)?;
        let Some(barrier) = self.barrier(&licence) else {
            return Some(missing);
        };
        self.bar(name, &barrier, &missing);
        if barrier.rebuild.is_some() {
            self.rebuild_later(name, pipeline, image, builders(self.desired, &missing));
        }
        self.barred.insert(image.arn.clone());
        Some(Wanted::new())
    }

    /// The next step for the missing copies of a batch; whether there is none to wait for.
    fn batch(
        &mut self,
        name: &RecipeName,
        image: &Image,
        batch: &Batch,
        mut missing: BTreeMap<Target, KeyArn>,
    ) -> bool {
        let for_batch = |image: &&Image| {
            image
                .tags
                .get(COPIES_FOR_TAG)
                .is_some_and(|tag| *tag == batch.tag())
        };
        let before = copying(self.desired, self.observed, &image.arn);
        let before: Vec<&Image> = before.into_iter().filter(for_batch).collect();
        for copying in &before {
            match &copying.state {
                ImageState::Running(state) => {
                    let (image, state) = (copying.arn.clone(), state.clone());
                    self.wait(name, Waiting::Copies { image, state });
                    return false;
                }
                ImageState::Failed if retries(copying) < MOST_RETRIES => {
                    self.retry(name, copying);
                    return false;
                }
                ImageState::Failed => self.give_up(name, copying, &mut missing),
                ImageState::Unrecognized(state) => {
                    let (subject, state) = (copying.arn.to_string(), state.clone());
                    self.wait(name, Waiting::Unrecognized { subject, state });
                    return false;
                }
                ImageState::Available | ImageState::Cancelled | ImageState::Retired => {}
            }
        }
        self.leave_out_closed(name, &mut missing);
        let (joining, keys) = self.joining(&mut missing);
        if !joining.is_empty() {
            self.distribute(name, image, batch, &joining, (before.len(), keys));
        }
        if missing.is_empty() {
            return true;
        }
        self.distribute(name, image, batch, &missing, (before.len(), Vec::new()));
        false
    }

    /// Distributes an image again whose distribution failed.
    pub(super) fn retry(&mut self, name: &RecipeName, image: &Image) {
        let attempt = retries(image) + 1;
        let token = digests::retry_token(&image.arn, attempt).to_string();
        self.change(Change::RetryImage(RetryImage {
            image: image.arn.clone(),
            attempt,
            token,
        }));
        let (image, reason) = (image.arn.clone(), failures(image));
        self.wait(
            name,
            Waiting::Retry {
                image,
                attempt,
                most: MOST_RETRIES,
                reason,
            },
        );
    }

    /// Leaves the targets out that a distribution failed for too often, by name.
    fn give_up(
        &mut self,
        name: &RecipeName,
        failed: &Image,
        missing: &mut BTreeMap<Target, KeyArn>,
    ) {
        let is_named = |target: &Target| {
            failed.failed_targets.is_empty()
                || failed.failed_targets.iter().any(|failed| {
                    failed.region == target.region.as_str()
                        && failed
                            .account
                            .as_deref()
                            .is_none_or(|account| account == target.account.as_str())
                })
        };
        let given_up: BTreeSet<AccountId> = missing
            .keys()
            .filter(|target| is_named(target))
            .map(|target| target.account.clone())
            .collect();
        missing.retain(|target, _| !is_named(target));
        for account in given_up {
            let (image, reason) = (failed.arn.clone(), failures(failed));
            self.refuse(
                name,
                Refused::Copy {
                    account,
                    image,
                    retries: MOST_RETRIES,
                    reason,
                },
            );
        }
    }

    fn distribute(
        &mut self,
        name: &RecipeName,
        image: &Image,
        batch: &Batch,
        missing: &BTreeMap<Target, KeyArn>,
        (earlier, after): (usize, Vec<String>),
    ) {
        let Some(ami) = image.amis.get(&self.stack.region).cloned() else {
            return;
        };
        let identity = digests::copies(&image.arn, &batch.tag(), missing, earlier);
        let content = self.copies_distribution(name, &identity.as_str()[..12], missing);
        let mut tags = resources::recipe_tags(self.desired, name);
        tags.insert(COPIES_OF_TAG.to_owned(), image.arn.to_string());
        tags.insert(COPIES_FOR_TAG.to_owned(), batch.tag());
        let arn = self.stack.arn("distribution-configuration", &content.name);
        if self
            .observed
            .distributions
            .iter()
            .all(|standing| standing.arn != arn)
        {
            let digest = content.digest();
            let mut wanted = self.configured(&arn, content, &digest);
            wanted.tags = tags.clone();
            self.change(Change::CreateDistribution(wanted));
        }
        tags.insert(DISTRIBUTION_TAG.to_owned(), arn.clone());
        self.change(Change::DistributeImage(DistributeImage {
            recipename: name.clone(),
            image: image.arn.clone(),
            ami,
            distribution: arn,
            token: identity.to_string(),
            tags,
            after,
        }));
        let accounts: BTreeSet<AccountId> = missing
            .keys()
            .map(|target| target.account.clone())
            .collect();
        self.wait(
            name,
            Waiting::CopiesBegun {
                image: image.arn.clone(),
                accounts,
            },
        );
    }

    /// A configuration of only these targets. The building Region is always in it (user guide, "Set up
    /// cross-account AMI distribution").
    fn copies_distribution(
        &self,
        name: &RecipeName,
        identity: &str,
        missing: &BTreeMap<Target, KeyArn>,
    ) -> Distribution {
        let recipe = resources::distribution(self.desired, self.stack, name);
        let blank = recipe.regions.get(&self.stack.region).cloned();
        let mut regions: BTreeMap<Region, RegionDistribution> = BTreeMap::new();
        let entry = |region: &Region| {
            let like = recipe.regions.get(region).or(blank.as_ref());
            like.map(|like| RegionDistribution {
                ami_name: like.ami_name.clone(),
                ami_tags: like.ami_tags.clone(),
                ..RegionDistribution::default()
            })
        };
        for region in
            std::iter::once(&self.stack.region).chain(missing.keys().map(|target| &target.region))
        {
            regions
                .entry(region.clone())
                .or_insert_with(|| entry(region).unwrap_or_default());
        }
        for (target, key) in missing {
            let entry = regions.entry(target.region.clone()).or_default();
            entry.kms_key = Some(key.clone());
            entry.copied_to.insert(target.account.clone());
        }
        let family = recipe_name(&self.desired.family, &self.desired.environment, name);
        Distribution {
            name: format!("{family}-copies-{identity}"),
            regions,
        }
    }

    /// Publishes the copies, once each.
    fn publish_copies(
        &mut self,
        name: &RecipeName,
        pipeline: &Pipeline,
        image: &Image,
        there: Vec<Copy>,
    ) {
        let role = |copy: &Copy| {
            let account = self
                .desired
                .consumers
                .accounts
                .iter()
                .find(|a| a.id == copy.target.account)?;
            account.parameter_role.clone()
        };
        let copies: Vec<PublishedCopy> = there
            .into_iter()
            .map(|copy| PublishedCopy {
                parameter_role: role(&copy),
                copy,
            })
            .collect();
        let digest = digests::published_copies(&copies).to_string();
        if copies.is_empty() || pipeline.tags.get(PUBLISHED_COPIES_TAG) == Some(&digest) {
            return;
        }
        self.change(Change::PublishCopies(PublishCopies {
            recipename: name.clone(),
            pipeline: pipeline.arn.clone(),
            image: image.arn.clone(),
            copies,
            tag: PUBLISHED_COPIES_TAG,
            digest,
        }));
    }

    /// Deletes the distribution configurations whose copies are made, or given up.
    pub(super) fn clean_up(&mut self) {
        let used: BTreeSet<String> = self
            .plan
            .changes
            .iter()
            .filter_map(|change| {
                if let Change::DistributeImage(d) = change {
                    Some(d.distribution.clone())
                } else {
                    None
                }
            })
            .collect();
        let ours = self.observed.distributions.iter().filter(|standing| {
            is_owned(&standing.tags, &self.desired.environment)
                && standing.tags.contains_key(COPIES_OF_TAG)
        });
        let idle: Vec<String> = ours
            .filter(|standing| {
                !used.contains(&standing.arn) && !self.is_distributing(&standing.arn)
            })
            .map(|standing| standing.arn.clone())
            .collect();
        for arn in idle {
            self.change(Change::DeleteDistribution(arn));
        }
    }

    /// Whether an image was made to copy one that is not copied.
    fn is_barred(&self, copying: &Image) -> bool {
        let of = copying
            .tags
            .get(COPIES_OF_TAG)
            .and_then(|arn| arn.parse().ok());
        of.is_some_and(|image: ImageArn| self.barred.contains(&image))
    }

    /// Whether an image is being distributed by this configuration, or will be again.
    fn is_distributing(&self, arn: &str) -> bool {
        let with = |tags: &Tags| tags.get(DISTRIBUTION_TAG).is_some_and(|tag| tag == arn);
        self.observed
            .images
            .iter()
            .filter(|image| with(&image.tags))
            .any(|image| match image.state {
                ImageState::Running(_) | ImageState::Unrecognized(_) => true,
                ImageState::Failed => retries(image) < MOST_RETRIES && !self.is_barred(image),
                ImageState::Available | ImageState::Cancelled | ImageState::Retired => false,
            })
    }
}
