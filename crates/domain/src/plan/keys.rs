//! The policies of the keys and of the output bucket: who joins is let in first, who leaves is shut out
//! last, when nothing of theirs needs the key any more.

use std::collections::{BTreeMap, BTreeSet};

use super::copies::our_key;
use super::{
    COPIES_OF_TAG, Change, Planner, PutBucketPolicy, PutKeyPolicy, Refused, RevokeGrant, Waiting,
    moving,
};
use crate::bucket_policy::{BucketPolicy, Readers};
use crate::desired::Desired;
use crate::key_policy::{Access, KeyPolicy, KeyPolicyError};
use crate::names::{AccountId, KeyArn, RecipeName, Region};
use crate::observed::{Grant, Observed, Target, is_owned};
use crate::stack::StackContext;

/// A key of ours with its policy.
pub(super) struct Key<'a> {
    pub arn: &'a KeyArn,
    pub region: &'a Region,
    pub policy: &'a str,
    /// Whether nothing new is encrypted with it: nobody joins it any more.
    pub is_former: bool,
}

/// The accounts whose copies a key lets nobody make: today, and after what a plan does to it.
pub(super) struct Closed {
    today: BTreeSet<AccountId>,
    next: BTreeSet<AccountId>,
}

/// The stack's key, those of the further Regions and the former ones, as far as their policies could be
/// read.
pub(super) fn keys<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
    stack: &'a StackContext,
) -> Vec<Key<'a>> {
    let own = Key {
        arn: &stack.key,
        region: &stack.region,
        policy: &observed.key_policy,
        is_former: false,
    };
    let further = desired.regions.iter().flat_map(|(region, settings)| {
        let current = settings
            .kms_key
            .iter()
            .filter(|_| *region != stack.region)
            .map(|key| (key, false));
        let former = settings
            .former_kms_keys
            .iter()
            .filter(|key| **key != stack.key)
            .map(|key| (key, true));
        current
            .chain(former)
            .map(move |(arn, is_former)| (region, arn, is_former))
    });
    let further = further.filter_map(|(region, arn, is_former)| {
        Some(Key {
            arn,
            region,
            policy: observed.further_key_policies.get(arn)?,
            is_former,
        })
    });
    std::iter::once(own).chain(further).collect()
}

/// Who is to use a key: the consumers, and of those that move what they have on it.
fn wanted(key: &Key<'_>, desired: &Desired, observed: &Observed, stack: &StackContext) -> Access {
    let (wanted, admitted) = (
        Access::of(&desired.consumers, stack, key.region),
        admitted(key),
    );
    let kept = moving::kept(desired, observed, stack, key.region, &admitted);
    if key.is_former {
        wanted.intersection(&admitted).union(&kept)
    } else {
        wanted.union(&kept)
    }
}

/// Who is let in and not wanted any more.
pub(super) fn leaving(
    key: &Key<'_>,
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> Access {
    admitted(key).difference(&wanted(key, desired, observed, stack))
}

/// Who is wanted and not let in yet.
pub(super) fn joining(
    key: &Key<'_>,
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> Access {
    let wanted = wanted(key, desired, observed, stack);
    KeyPolicy::parse(key.policy)
        .map(|policy| wanted.difference(policy.access()))
        .unwrap_or_default()
}

/// The quarantined accounts that no key lets in: what KMS says of a newcomer takes nothing from who is in.
pub(super) fn unknown(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> BTreeMap<AccountId, String> {
    let admits = |account: &AccountId, key: &Key<'_>| admitted(key).accounts.contains_key(account);
    let keys = keys(desired, observed, stack);
    let mut unknown = observed.quarantined.clone();
    unknown.retain(|account, _| !keys.iter().any(|key| admits(account, key)));
    unknown
}

/// The accounts that may read what is published today.
fn reading(observed: &Observed) -> BTreeSet<AccountId> {
    BucketPolicy::parse(&observed.bucket_policy)
        .map(|policy| policy.readers().accounts)
        .unwrap_or_default()
}

/// Whether an account is to read what is published, and may not yet.
pub(super) fn readers_join(desired: &Desired, observed: &Observed, stack: &StackContext) -> bool {
    !Readers::of(&desired.consumers, stack)
        .accounts
        .is_subset(&reading(observed))
}

/// Who is let in to a key today.
fn admitted(key: &Key<'_>) -> Access {
    KeyPolicy::parse(key.policy)
        .map(|policy| policy.access().clone())
        .unwrap_or_default()
}

/// The accounts of which nobody is wanted any more.
fn gone(leaving: &Access, wanted: &Access) -> BTreeSet<AccountId> {
    leaving
        .accounts
        .keys()
        .filter(|account| !wanted.accounts.contains_key(*account))
        .cloned()
        .collect()
}

impl Planner<'_> {
    /// Lets joining consumers use the keys; nobody loses anything by it.
    pub(super) fn admit(&mut self) {
        for key in keys(self.desired, self.observed, self.stack) {
            let admitted = KeyPolicy::parse(key.policy).and_then(|policy| {
                let policy = policy.owned_by(&self.stack.account);
                let access = policy.access().union(&self.wanted(&key));
                Ok(policy.with(&access)?.map(|text| (text, access)))
            });
            match admitted {
                Ok(Some((policy, access))) => {
                    let expected = key.policy.to_owned();
                    self.put_key_policy(PutKeyPolicy {
                        key: key.arn.clone(),
                        policy,
                        expected,
                        access,
                        withdraws: false,
                        after: Vec::new(),
                    });
                }
                Ok(None) => {}
                Err(reason) => self.refuse(key.arn, reason.into()),
            }
        }
        self.close();
    }

    /// Keeps in mind whose copies each key lets nobody make, today and after what this plan does to it. A key
    /// whose policy we may not read is somebody else's to keep: AWS decides.
    fn close(&mut self) {
        for key in keys(self.desired, self.observed, self.stack) {
            let makers = Access::of_makers(&self.desired.consumers, self.stack, key.region);
            let mut puts = self.plan.changes.iter().filter_map(Change::puts_key_policy);
            let today = admitted(&key);
            let next = puts
                .find(|put| put.key == *key.arn)
                .map_or(&today, |put| &put.access);
            let closed = |access: &Access| makers.difference(access).accounts.into_keys().collect();
            let closed = Closed {
                today: closed(&today),
                next: closed(next),
            };
            self.closed.insert(key.arn.clone(), closed);
        }
    }

    /// The keys of ours that a copy for an account in `region` takes.
    fn needed<'b>(&'b self, region: &'b Region) -> impl Iterator<Item = &'b KeyArn> {
        let regions: BTreeSet<&Region> = [&self.stack.region, region].into();
        regions
            .into_iter()
            .filter_map(|region| our_key(self.desired, self.stack, region))
    }

    /// The key of ours that a copy for an account in `region` takes and that does not let it be made. Image
    /// Builder would try in vain, and such tries are counted.
    pub(super) fn closed_to(&self, account: &AccountId, region: &Region) -> Option<KeyArn> {
        let is_closed = |key: &&KeyArn| {
            self.closed
                .get(key)
                .is_some_and(|key| key.next.contains(account))
        };
        self.needed(region).find(is_closed).cloned()
    }

    /// The keys that this plan opens for such a copy.
    fn opened_for(&self, account: &AccountId, region: &Region) -> Vec<KeyArn> {
        let is_closed = |key: &&KeyArn| {
            self.closed
                .get(key)
                .is_some_and(|key| key.today.contains(account))
        };
        self.needed(region).filter(is_closed).cloned().collect()
    }

    /// Leaves the accounts out that one of our keys does not let in yet: they wait for its policy, and nobody
    /// for them.
    pub(super) fn leave_out_closed(
        &mut self,
        name: &RecipeName,
        missing: &mut BTreeMap<Target, KeyArn>,
    ) {
        let closed = |target: &Target| self.closed_to(&target.account, &target.region);
        let closed: BTreeMap<Target, KeyArn> = missing
            .keys()
            .filter_map(|target| Some((target.clone(), closed(target)?)))
            .collect();
        missing.retain(|target, _| !closed.contains_key(target));
        for (target, key) in closed {
            self.wait(
                name,
                Waiting::ClosedKey {
                    account: target.account,
                    key,
                },
            );
        }
    }

    /// Takes the accounts out that a key has to be opened for first, with these keys. If that fails, it keeps
    /// nobody from their copies who is let in, and nothing from being published.
    pub(super) fn joining(
        &self,
        missing: &mut BTreeMap<Target, KeyArn>,
    ) -> (BTreeMap<Target, KeyArn>, Vec<String>) {
        let mut keys = BTreeSet::new();
        let mut accounts = BTreeSet::new();
        for target in missing.keys() {
            let opened = self.opened_for(&target.account, &target.region);
            accounts.extend(opened.first().map(|_| target.account.clone()));
            keys.extend(opened.iter().map(ToString::to_string));
        }
        let (joining, rest) = std::mem::take(missing)
            .into_iter()
            .partition(|(target, _)| accounts.contains(&target.account));
        *missing = rest;
        (joining, keys.into_iter().collect())
    }

    /// Takes the use of the keys from consumers that left, after everything else was taken from them.
    pub(super) fn expel(&mut self) {
        for key in keys(self.desired, self.observed, self.stack) {
            let leaving = leaving(&key, self.desired, self.observed, self.stack);
            if leaving.is_empty() {
                continue;
            }
            if self.observed.amis.is_none() {
                for account in leaving.accounts.keys() {
                    self.wait(account, Waiting::Revocation(account.clone()));
                }
            } else if let Err(reason) = self.expel_from(&key, &leaving) {
                self.refuse(key.arn, reason.into());
            }
        }
    }

    fn expel_from(&mut self, key: &Key<'_>, leaving: &Access) -> Result<(), KeyPolicyError> {
        let wanted = self.wanted(key);
        self.revoke_grants(key, &gone(leaving, &wanted));
        let expected = self.put_before(key.arn).unwrap_or(key.policy).to_owned();
        let policy = KeyPolicy::parse(&expected)?.owned_by(&self.stack.account);
        let access = if self.desired.pause {
            policy.access().difference(leaving)
        } else {
            wanted
        };
        if let Some(text) = policy.with(&access)? {
            let after = self
                .plan
                .changes
                .iter()
                .filter(|change| change.takes_away())
                .map(Change::target);
            let after = after.collect();
            let key = key.arn.clone();
            self.put_key_policy(PutKeyPolicy {
                key,
                policy: text,
                expected,
                access,
                withdraws: true,
                after,
            });
        }
        Ok(())
    }

    /// What an earlier change of this plan makes of a key's policy; none is made while there is a pause.
    fn put_before(&self, key: &KeyArn) -> Option<&str> {
        let mut puts = self.plan.changes.iter().filter_map(Change::puts_key_policy);
        puts.find(|put| put.key == *key && !self.desired.pause)
            .map(|put| put.policy.as_str())
    }

    /// Grants of service-linked roles are taken away: instances that Auto Scaling starts would go on using
    /// the key by them. Others belong to volumes that are in use, and go with them.
    fn revoke_grants(&mut self, key: &Key<'_>, gone: &BTreeSet<AccountId>) {
        let of = |grant: &Grant| {
            gone.iter()
                .find(|account| grant.grantee.contains(&format!("::{account}:")))
        };
        let mut kept: Vec<(AccountId, usize)> = Vec::new();
        for grant in self.observed.grants.get(key.arn).into_iter().flatten() {
            let Some(account) = of(grant) else { continue };
            if grant.grantee.contains(":role/aws-service-role/") {
                let (key, grant) = (key.arn.clone(), grant.clone());
                self.change(Change::RevokeGrant(RevokeGrant { key, grant }));
            } else {
                match kept.iter_mut().find(|(kept, _)| kept == account) {
                    Some((_, count)) => *count += 1,
                    None => kept.push((account.clone(), 1)),
                }
            }
        }
        for (account, grants) in kept {
            self.wait(&account.clone(), Waiting::GrantsInUse { account, grants });
        }
    }

    /// Tells of keys of ours that images went to and that no document names any more. It shows in the run
    /// that replaces the distribution configuration, which is all that knows them.
    pub(super) fn forgotten(&mut self) {
        let settings = self.desired.regions.values();
        let named =
            settings.flat_map(|settings| settings.kms_key.iter().chain(&settings.former_kms_keys));
        let named: BTreeSet<&KeyArn> = named.chain([&self.stack.key]).collect();
        let ours = self.observed.distributions.iter().filter(|standing| {
            is_owned(&standing.tags, &self.desired.environment)
                && !standing.tags.contains_key(COPIES_OF_TAG)
        });
        let regions = ours
            .filter_map(|standing| Some(&standing.content.as_ref()?.known.regions))
            .flatten();
        let forgotten: BTreeSet<(&Region, &KeyArn)> = regions
            .filter_map(|(region, written)| Some((region, written.kms_key.as_ref()?)))
            .filter(|(_, key)| !named.contains(key))
            .collect();
        for (region, key) in forgotten {
            self.wait(
                key,
                Waiting::ForgottenKey {
                    key: key.clone(),
                    region: region.clone(),
                },
            );
        }
    }

    /// Lets exactly the consumers read what is published, but for those in quarantine that do not yet.
    pub(super) fn readers(&mut self) {
        let mut readers = Readers::of(&self.desired.consumers, self.stack);
        let (standing, refused) = (reading(self.observed), &self.observed.quarantined);
        readers
            .accounts
            .retain(|account| standing.contains(account) || !refused.contains_key(account));
        let policy = BucketPolicy::parse(&self.observed.bucket_policy);
        match policy.and_then(|policy| policy.with(&readers)) {
            Ok(Some(policy)) => {
                let expected = self.observed.bucket_policy.clone();
                self.change(Change::PutBucketPolicy(PutBucketPolicy {
                    policy,
                    expected,
                }));
            }
            Ok(None) => {}
            Err(reason) => self.refuse("the output bucket", Refused::BucketPolicy(reason)),
        }
    }

    fn put_key_policy(&mut self, put: PutKeyPolicy) {
        self.change(Change::PutKeyPolicy(put));
    }

    /// Who is to use a key: the consumers, without those that KMS has lately refused for it.
    fn wanted(&self, key: &Key<'_>) -> Access {
        let today = admitted(key);
        let refused = self
            .observed
            .quarantined
            .keys()
            .filter(|account| !today.accounts.contains_key(*account));
        wanted(key, self.desired, self.observed, self.stack).excluding(&refused.cloned().collect())
    }
}
