//! Who may use the keys, and who is to.

use std::collections::BTreeSet;

use super::View;
use crate::bucket_policy::{BucketPolicy, Readers};
use crate::desired::{Desired, RegionSettings};
use crate::key_policy::{Access, KeyPolicy};
use crate::names::{AccountId, KeyArn, Region};
use crate::observed::Grant;
use crate::stack::StackContext;

/// A key of ours with its policy.
pub(in crate::plan) struct Key<'a> {
    pub(in crate::plan) arn: &'a KeyArn,
    pub(in crate::plan) region: &'a Region,
    pub(in crate::plan) policy: &'a str,
    /// Whether nothing new is encrypted with it: no consumer joins it any more.
    is_former: bool,
}

/// Who has access to a key today.
pub(in crate::plan) fn granted_access(key: &Key<'_>) -> Access {
    KeyPolicy::parse(key.policy)
        .map(|policy| policy.access().clone())
        .unwrap_or_default()
}

/// The further Regions' keys and the former ones, whose policies are compared in every run.
pub(in crate::plan) fn further_keys(desired: &Desired, stack: &StackContext) -> BTreeSet<KeyArn> {
    let regions = desired.regions.keys();
    regions
        .flat_map(|region| further_keys_of(desired, stack, region))
        .map(|(key, _)| key.clone())
        .collect()
}

/// The key of a further Region, and the former keys of any, each with whether it is a former one. A key
/// of another account is none of ours, whatever the documents say.
fn further_keys_of<'a>(
    desired: &'a Desired,
    stack: &'a StackContext,
    region: &'a Region,
) -> impl Iterator<Item = (&'a KeyArn, bool)> {
    let settings = desired.regions.get(region).into_iter();
    settings.flat_map(move |settings| {
        let current = settings.kms_key.iter().filter(|_| *region != stack.region);
        let former = settings.former_kms_keys.iter();
        let former = former.filter(|key| **key != stack.key);
        let own = move |key: &&KeyArn| foreign_key(stack, region, key).is_none();
        current
            .filter(own)
            .map(|key| (key, false))
            .chain(former.filter(own).map(|key| (key, true)))
    })
}

/// Why a key can be none of ours, by its ARN: KMS reads and writes the policy of a key only within the
/// key's account (API reference, `PutKeyPolicy`: "Cross-account use: No"), and who owns the key decides
/// who reads what it encrypts.
pub(in crate::plan) fn foreign_key(
    stack: &StackContext,
    region: &Region,
    key: &KeyArn,
) -> Option<String> {
    match key.account() {
        Some(account) if account == stack.account => {}
        Some(account) => {
            return Some(format!(
                "belongs to account {account}, and only a key of the building account {} is used",
                stack.account
            ));
        }
        None => return Some("names no account".to_owned()),
    }
    let is_there = key.partition() == stack.partition() && key.region().as_ref() == Some(region);
    (!is_there).then(|| format!("is not in {region} of partition {}", stack.partition()))
}

impl<'a> View<'a> {
    /// Former keys of the documents that are none of ours, with the reason.
    pub(in crate::plan) fn foreign_former_keys(self) -> Vec<(Region, KeyArn, String)> {
        let regions = self.desired.regions.iter();
        let of_region = |(region, settings): (&Region, &RegionSettings)| {
            let former = settings.former_kms_keys.iter();
            let foreign = former.filter_map(|key| {
                let reason = foreign_key(self.stack, region, key)?;
                Some((region.clone(), key.clone(), reason))
            });
            foreign.collect::<Vec<_>>()
        };
        regions.flat_map(of_region).collect()
    }

    /// The stack's key, those of the further Regions and the former ones, as far as their policies
    /// could be read.
    pub(in crate::plan) fn keys(self) -> Vec<Key<'a>> {
        let own = Key {
            arn: &self.stack.key,
            region: &self.stack.region,
            policy: &self.observed.key_policy,
            is_former: false,
        };
        let further = self.desired.regions.keys().flat_map(move |region| {
            further_keys_of(self.desired, self.stack, region).filter_map(move |(arn, is_former)| {
                let policy = self.observed.further_key_policies.get(arn)?;
                Some(Key {
                    arn,
                    region,
                    policy,
                    is_former,
                })
            })
        });
        std::iter::once(own).chain(further).collect()
    }

    /// Who is to use a key: its consumers, and accounts that still need it while they move.
    fn wanted_access(self, key: &Key<'_>) -> Access {
        let wanted = Access::of(&self.desired.consumers, self.stack, key.region);
        let granted = granted_access(key);
        let kept = self.access_kept(key.region, &granted);
        if key.is_former {
            wanted.intersection(&granted).union(&kept)
        } else {
            wanted.union(&kept)
        }
    }

    /// Who is to use a key, without the accounts that KMS has lately refused for it.
    pub(in crate::plan) fn grantable_access(self, key: &Key<'_>) -> Access {
        let granted = granted_access(key);
        let refused = self.observed.quarantined.keys();
        let refused = refused.filter(|account| !granted.accounts.contains_key(*account));
        self.wanted_access(key)
            .excluding(&refused.cloned().collect())
    }

    /// Who has access to a key and is not to have it any more.
    pub(in crate::plan) fn leaving(self, key: &Key<'_>) -> Access {
        let leaving = granted_access(key).difference(&self.wanted_access(key));
        leaving.without(|id| self.is_in_doubt(id))
    }

    /// Whether anybody has access to a key and is not to have it any more.
    pub(in crate::plan) fn has_leaving(self) -> bool {
        self.keys().iter().any(|key| !self.leaving(key).is_empty())
    }

    /// Who is to use a key and has no access yet.
    fn joining(self, key: &Key<'_>) -> Access {
        let wanted = self.wanted_access(key);
        KeyPolicy::parse(key.policy)
            .map(|policy| wanted.difference(policy.access()))
            .unwrap_or_default()
    }

    /// Whether anybody is still to get access to a key or to what is published.
    pub(in crate::plan) fn has_joining(self) -> bool {
        self.readers_join() || self.keys().iter().any(|key| !self.joining(key).is_empty())
    }

    /// The keys with an account that is to lose its access.
    pub(in crate::plan) fn keys_left(self) -> BTreeSet<KeyArn> {
        let keys = self.keys().into_iter();
        keys.filter(|key| !self.leaving(key).accounts.is_empty())
            .map(|key| key.arn.clone())
            .collect()
    }

    /// The keys whose grants are searched for those of strangers: all of them. The accounts of an organization
    /// are not known, so that with one among the consumers nobody is a stranger.
    pub(in crate::plan) fn keys_to_search(self) -> BTreeSet<KeyArn> {
        if !self.desired.consumers.organizations.is_empty() {
            return BTreeSet::new();
        }
        self.keys().into_iter().map(|key| key.arn.clone()).collect()
    }

    /// The grants on a key, as far as they were read.
    pub(in crate::plan) fn grants_on(self, key: &KeyArn) -> impl Iterator<Item = &'a Grant> {
        self.observed.grants.get(key).into_iter().flatten()
    }

    /// The accounts that may have grants on a key: our own, those of the documents, and those that the key's
    /// policy names, in statements of ours or of others. With an organization, every account may.
    pub(in crate::plan) fn known_accounts(self, key: &Key<'_>) -> BTreeSet<AccountId> {
        let consumers = self.desired.consumers.accounts.iter();
        let mut known: BTreeSet<AccountId> = consumers.map(|account| account.id.clone()).collect();
        known.insert(self.stack.account.clone());
        let is_open = self.keys_to_search().is_empty();
        let grants = self.grants_on(key.arn);
        let grantees = grants.filter_map(Grant::account);
        known.extend(
            grantees.filter(|account: &AccountId| is_open || key.policy.contains(account.as_str())),
        );
        known
    }

    /// Who may read what is published today.
    pub(in crate::plan) fn current_readers(self) -> Readers {
        BucketPolicy::parse(&self.observed.bucket_policy)
            .map(|policy| policy.readers())
            .unwrap_or_default()
    }

    /// Whether an account is to read what is published, and may not yet.
    fn readers_join(self) -> bool {
        let wanted = Readers::of(&self.desired.consumers, self.stack);
        !wanted.accounts.is_subset(&self.current_readers().accounts)
    }
}
