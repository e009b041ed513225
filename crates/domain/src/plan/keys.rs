//! Access to the keys: joining consumers get it before anything is shared with them.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, PutKeyPolicy, Resource};
use super::record::Plan;
use super::view::{Key, View, granted_access};
use crate::key_policy::{Access, KeyPolicy, KeyPolicyError};
use crate::names::{AccountId, KeyArn, Region};
use crate::observed::Subject;

/// What the keys are once the plan has granted access.
#[derive(Default)]
pub(super) struct KeyAccess {
    /// The accounts that each key keeps from making copies. A key whose policy we may not read is
    /// somebody else's to keep: there AWS decides.
    closed: BTreeMap<KeyArn, Closed>,
    /// The policies that the plan stores.
    policies: BTreeMap<KeyArn, String>,
}

/// The accounts that a key keeps from making copies: today, and after what the plan does to it.
struct Closed {
    today: BTreeSet<AccountId>,
    next: BTreeSet<AccountId>,
}

/// Lets joining consumers use the keys; no consumer loses access by it.
pub(super) fn grant_key_access(view: View<'_>, plan: &mut Plan) -> KeyAccess {
    let mut keys = KeyAccess::default();
    for key in view.keys() {
        let granted = match grant(view, &key) {
            Ok(granted) => granted,
            Err(reason) => {
                plan.refuse(key.arn, reason.into());
                None
            }
        };
        let today = granted_access(&key);
        let next = granted.as_ref().map_or(&today, |put| &put.access);
        let makers = Access::of_makers(&view.desired.consumers, view.stack, key.region);
        let closed = |access: &Access| makers.difference(access).accounts.into_keys().collect();
        let closed = Closed {
            today: closed(&today),
            next: closed(next),
        };
        keys.closed.insert(key.arn.clone(), closed);
        if let Some(put) = granted {
            keys.policies.insert(key.arn.clone(), put.policy.clone());
            plan.change(Action::GrantKeyAccess(put));
        }
    }
    keys
}

/// The policy that gives joining consumers access to a key; none if it gives it already.
fn grant(view: View<'_>, key: &Key<'_>) -> Result<Option<PutKeyPolicy>, KeyPolicyError> {
    // An unread policy is reported, and lets nobody in: nothing is copied under this key.
    if view
        .check_read(&Subject::KeyPolicy(key.arn.clone()))
        .is_err()
    {
        return Ok(None);
    }
    let policy = KeyPolicy::parse(key.policy)?.owned_by(&view.stack.account);
    let access = policy.access().union(&view.grantable_access(key));
    let put = policy.with(&access)?.map(|text| PutKeyPolicy {
        key: key.arn.clone(),
        policy: text,
        expected: key.policy.to_owned(),
        access,
    });
    Ok(put)
}

impl KeyAccess {
    /// The key of ours that a copy for an account in `region` takes, and that does not let it be made.
    /// Image Builder would fail, and each failure counts.
    pub(super) fn closed_to(
        &self,
        view: View<'_>,
        account: &AccountId,
        region: &Region,
    ) -> Option<KeyArn> {
        let is_closed = |key: &&KeyArn| {
            self.closed
                .get(key)
                .is_some_and(|closed| closed.next.contains(account))
        };
        keys_needed(view, region).find(is_closed).cloned()
    }

    /// The access on keys that this plan grants for such a copy.
    pub(super) fn granted_for(
        &self,
        view: View<'_>,
        account: &AccountId,
        region: &Region,
    ) -> BTreeSet<Resource> {
        let is_granted = |key: &&KeyArn| {
            self.closed
                .get(key)
                .is_some_and(|closed| closed.today.contains(account))
        };
        keys_needed(view, region)
            .filter(is_granted)
            .map(|key| Resource::KeyAccess(key.clone()))
            .collect()
    }

    /// The policy that this plan stores for a key before access is revoked.
    pub(super) fn policy(&self, key: &KeyArn) -> Option<&str> {
        self.policies.get(key).map(String::as_str)
    }
}

/// The keys of ours that a copy for an account in `region` takes.
fn keys_needed<'a>(view: View<'a>, region: &Region) -> impl Iterator<Item = &'a KeyArn> + use<'a> {
    let regions: BTreeSet<&Region> = [&view.stack.region, region].into();
    let keys: Vec<&KeyArn> = regions
        .into_iter()
        .filter_map(|region| view.our_key(region))
        .collect();
    keys.into_iter()
}
