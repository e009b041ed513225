//! Copies of images in consumers' accounts.

use std::collections::BTreeMap;

use super::View;
use crate::arn::ImageArn;
use crate::consumers::{Account, DeliveryMode};
use crate::desired::Desired;
use crate::names::{AccountId, AmiId, KeyArn, Region};
use crate::observed::{FailedTarget, Image, Target};
use crate::plan::tags::{COPIES_FOR_TAG, RETRIES_TAG};
use crate::stack::StackContext;

/// Copies that can be made together: those under our keys, or those under one account's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Batch {
    Ours,
    Of(AccountId),
}

impl Batch {
    /// The value of the tag of images that make such copies.
    pub(in crate::plan) fn tag(&self) -> String {
        match self {
            Self::Ours => "ours".to_owned(),
            Self::Of(account) => account.to_string(),
        }
    }
}

/// Copies, each with its key.
pub(in crate::plan) type MissingCopies = BTreeMap<Batch, BTreeMap<Target, KeyArn>>;

/// Whether any consumer is served by copies.
pub(in crate::plan) fn wants_copies(desired: &Desired, stack: &StackContext) -> bool {
    accounts_with_copies(desired, stack).next().is_some()
}

/// The accounts that get copies; never the building one, which has its own AMI.
fn accounts_with_copies<'a>(
    desired: &'a Desired,
    stack: &'a StackContext,
) -> impl Iterator<Item = &'a Account> {
    let accounts = desired.consumers.accounts.iter();
    accounts.filter(|account| account.serve == DeliveryMode::Copy && account.id != stack.account)
}

impl<'a> View<'a> {
    /// The copies that are wanted of every image.
    pub(in crate::plan) fn wanted_copies(self) -> MissingCopies {
        let mut wanted = MissingCopies::new();
        for account in accounts_with_copies(self.desired, self.stack) {
            for region in &account.regions {
                let own = account.keys.get(region);
                let Some(key) = own.or_else(|| self.our_key(region)) else {
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
    pub(in crate::plan) fn our_key(self, region: &Region) -> Option<&'a KeyArn> {
        if self.is_home(region) {
            return Some(&self.stack.key);
        }
        self.desired.regions.get(region)?.kms_key.as_ref()
    }

    /// The images that were made to copy `image`, oldest first.
    pub(in crate::plan) fn copy_images(self, image: &ImageArn) -> Vec<&'a Image> {
        let copying = self.index.copying(&image.to_string()).iter().copied();
        copying
            .filter(|copying| !self.is_foreign_copy(copying))
            .collect()
    }

    /// The images that were made to copy `image` for a batch, oldest first.
    pub(in crate::plan) fn copy_images_for(
        self,
        image: &ImageArn,
        batch: &Batch,
    ) -> Vec<&'a Image> {
        let tag = batch.tag();
        let mut all = self.copy_images(image);
        all.retain(|copying| copying.tags.get(COPIES_FOR_TAG) == Some(&tag));
        all
    }

    /// The copies of `image` that are there.
    pub(in crate::plan) fn existing_copies(self, image: &ImageArn) -> BTreeMap<Target, AmiId> {
        let images = self.copy_images(image).into_iter();
        images
            .flat_map(|image| &image.copies)
            .map(|copy| (copy.target.clone(), copy.ami.clone()))
            .collect()
    }

    /// The copies of `image` that are wanted and not there.
    pub(in crate::plan) fn missing_copies(self, image: &ImageArn) -> MissingCopies {
        let existing = self.existing_copies(image);
        let mut missing = self.wanted_copies();
        missing.retain(|_, targets| {
            targets.retain(|target, _| !existing.contains_key(target));
            !targets.is_empty()
        });
        missing
    }
}

/// How often the distribution of an image was tried again.
pub(in crate::plan) fn retries(image: &Image) -> u32 {
    image
        .tags
        .get(RETRIES_TAG)
        .and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

/// Why a distribution failed, as a sentence.
pub(in crate::plan) fn failures(image: &Image) -> String {
    let failure = |target: &FailedTarget| {
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
