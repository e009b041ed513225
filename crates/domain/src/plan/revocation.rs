//! Revocation of access: launch permissions and grants first, access to the keys last.
//!
//! If a run is interrupted, no consumer has an image that it cannot decrypt.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change, PutKeyPolicy, Resource, RevokeGrant};
use super::keys::KeyAccess;
use super::reason::{Refused, Waiting};
use super::recipes::Recipes;
use super::record::Plan;
use super::sharing::{own_amis, permissions, wanted_sharing};
use super::view::{Key, View};
use crate::key_policy::{Access, KeyPolicy, KeyPolicyError};
use crate::names::AccountId;
use crate::observed::Grant;

/// Takes from consumers that left what they may launch, then the use of the keys.
pub(super) fn revoke_access(
    view: View<'_>,
    keys: &KeyAccess,
    recipes: &Recipes<'_>,
    plan: &mut Plan,
) {
    let mut taken = recipes.updated_distributions.clone();
    taken.extend(withdraw(view, plan));
    for key in view.keys() {
        report_grants_of_strangers(view, &key, plan);
        let leaving = view.leaving(&key);
        if leaving.is_empty() {
            continue;
        }
        if view.observed.amis.is_none() {
            for account in leaving.accounts.keys() {
                plan.wait(account, Waiting::Revocation(account.clone()));
            }
            continue;
        }
        taken.extend(revoke_grants(view, &key, &leaving, plan));
        match key_policy(view, keys, &key, &leaving) {
            Ok(put) => plan.changes.extend(put.map(|put| {
                let revoke = Action::RevokeKeyAccess(put);
                Change::from(revoke).needing(taken.iter().cloned())
            })),
            Err(reason) => plan.refuse(key.arn, reason.into()),
        }
    }
}

/// Takes every launch permission away that the documents do not give, on all AMIs of the environment: a
/// changed distribution configuration un-shares nothing (user guide, "Distribution settings"). An
/// account that changes over to copies keeps what it has until they are there.
fn withdraw(view: View<'_>, plan: &mut Plan) -> Vec<Resource> {
    let mut withdrawn = Vec::new();
    for ami in own_amis(view) {
        let mut surplus = ami.shared.difference(&wanted_sharing(view, ami));
        surplus
            .accounts
            .retain(|account| !view.is_consumer_in_transition(account, &ami.region));
        let surplus = surplus.without(|id| view.is_in_doubt(id));
        if !surplus.is_empty() {
            let change = Change::from(Action::Withdraw(permissions(ami, surplus)));
            withdrawn.extend(change.provides.clone());
            plan.change(change);
        }
    }
    withdrawn
}

/// The policy that takes the use of a key from consumers that left; none if it does so already.
fn key_policy(
    view: View<'_>,
    keys: &KeyAccess,
    key: &Key<'_>,
    leaving: &Access,
) -> Result<Option<PutKeyPolicy>, KeyPolicyError> {
    // A pause stores no policy that gives access, and gives none here.
    let granted = keys.policy(key.arn).filter(|_| !view.desired.pause);
    let expected = granted.unwrap_or(key.policy).to_owned();
    let policy = KeyPolicy::parse(&expected)?.owned_by(&view.stack.account);
    let access = if view.desired.pause {
        policy.access().difference(leaving)
    } else {
        view.grantable_access(key)
    };
    let put = policy.with(&access)?.map(|policy| PutKeyPolicy {
        key: key.arn.clone(),
        policy,
        expected,
        access,
    });
    Ok(put)
}

/// Names the grants of accounts that are in no document and that the key's policy does not name. They are not
/// revoked: volumes of an account that left hold grants as long as its instances run.
fn report_grants_of_strangers(view: View<'_>, key: &Key<'_>, plan: &mut Plan) {
    let known = view.known_accounts(key);
    for grant in view.grants_on(key.arn) {
        if let Some(account) = grant.account().filter(|account| !known.contains(account)) {
            let grant = grant.id.clone();
            plan.refuse(key.arn, Refused::StrangersGrant { account, grant });
        }
    }
}

/// Revokes the grants of service-linked roles of accounts that left: instances that Auto Scaling starts
/// would go on using the key by them. Others belong to volumes that are in use, and go with them.
fn revoke_grants(
    view: View<'_>,
    key: &Key<'_>,
    leaving: &Access,
    plan: &mut Plan,
) -> Vec<Resource> {
    let gone = gone(leaving, &view.grantable_access(key));
    let account_of = |grant: &Grant| {
        gone.iter()
            .find(|account| grant.grantee.contains(&format!("::{account}:")))
    };
    let mut revoked = Vec::new();
    let mut in_use: BTreeMap<&AccountId, usize> = BTreeMap::new();
    for grant in view.observed.grants.get(key.arn).into_iter().flatten() {
        let Some(account) = account_of(grant) else {
            continue;
        };
        if grant.grantee.contains(":role/aws-service-role/") {
            let (key, grant) = (key.arn.clone(), grant.clone());
            let change = Change::from(Action::RevokeGrant(RevokeGrant { key, grant }));
            revoked.extend(change.provides.clone());
            plan.change(change);
        } else {
            *in_use.entry(account).or_default() += 1;
        }
    }
    for (account, grants) in in_use {
        let waiting = Waiting::GrantsInUse {
            account: account.clone(),
            grants,
        };
        plan.wait(account, waiting);
    }
    revoked
}

/// The accounts that have no access left.
fn gone(leaving: &Access, wanted: &Access) -> BTreeSet<AccountId> {
    leaving
        .accounts
        .keys()
        .filter(|account| !wanted.accounts.contains_key(*account))
        .cloned()
        .collect()
}
