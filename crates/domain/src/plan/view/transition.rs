//! Accounts that change over to copies, or to copies under another key.
//!
//! An account keeps everything that it has until the copies of what is current are as they are to be.
//! `DistributeImage` skips a copy that exists, so that one under the old key stays until the next image.

use super::{Batch, View};
use crate::consumers::{Account, Consumers, DeliveryMode};
use crate::key_policy::Access;
use crate::names::{AccountId, Region};
use crate::observed::{Image, Target};

impl View<'_> {
    /// Whether an account is to have copies in `region` and does not have all of them yet.
    pub(in crate::plan) fn is_in_transition(self, account: &Account, region: &Region) -> bool {
        let copied = account.serve == DeliveryMode::Copy && account.regions.contains(region);
        copied
            && self.desired.recipes.iter().any(|entry| {
                // Without an image, nothing can have been copied.
                self.current_image(&entry.name)
                    .is_none_or(|(pipeline, image)| {
                        self.lacks_copy(account, region, image)
                            && !self.is_rebuilt(account, pipeline, image)
                    })
            })
    }

    /// The same for an account that is a consumer; false for any other.
    pub(in crate::plan) fn is_consumer_in_transition(
        self,
        id: &AccountId,
        region: &Region,
    ) -> bool {
        self.account(id)
            .is_some_and(|account| self.is_in_transition(account, region))
    }

    fn lacks_copy(self, account: &Account, region: &Region, image: &Image) -> bool {
        let batch = match account.keys.get(region) {
            Some(_) => Batch::Of(account.id.clone()),
            None => Batch::Ours,
        };
        let target = Target {
            account: account.id.clone(),
            region: region.clone(),
        };
        let image = image.arn.to_string();
        !self.index.is_copied(&image, &target, &batch.tag())
    }

    /// The part of `granted` that accounts in transition keep on our key of `region`: what they would
    /// be given if their copies were under it.
    pub(in crate::plan) fn access_kept(self, region: &Region, granted: &Access) -> Access {
        let under_ours = |account: &Account| Account {
            keys: [].into(),
            ..account.clone()
        };
        let accounts: Vec<Account> = self
            .desired
            .consumers
            .accounts_in(region)
            .filter(|account| account.keys.contains_key(region))
            .filter(|account| self.is_in_transition(account, region))
            .map(under_ours)
            .collect();
        let consumers = Consumers {
            accounts,
            organizations: Vec::new(),
        };
        Access::of(&consumers, self.stack, region).intersection(granted)
    }
}
