//! Who gains and who loses: from the consumers' statements of the key policy, and from the accounts
//! that distribution configurations share with.

use std::collections::{BTreeMap, BTreeSet};

use super::{AccessChange, Direction, KeyPolicyReview};
use crate::consumers::Roles;
use crate::desired::Desired;
use crate::key_policy::{KeyPolicy, LARGEST_POLICY};
use crate::names::{AccountId, Region};
use crate::observed::{Configuration, Observed, is_owned};
use crate::plan::{Change, Plan, PutKeyPolicy};
use crate::resources::{self, Distribution};
use crate::site::Site;

/// In which Regions images are shared with an account.
type Sharing = BTreeMap<AccountId, BTreeSet<Region>>;

/// Accounts whose access changes, those that lose first.
pub(super) fn changes(desired: &Desired, observed: &Observed, plan: &Plan, site: &Site) -> Vec<AccessChange> {
    let key_today = KeyPolicy::parse(&observed.key_policy).map(|policy| policy.access().clone());
    let key_today = key_today.unwrap_or_default();
    let key_after = put_key_policy(plan).map_or_else(|| key_today.clone(), |put| put.access.clone());
    let (before, after) = sharing(desired, observed, plan, site);
    let lost = less(&before, &after).into_iter().map(|(account, regions)| {
        let principals = key_today.get(&account).cloned().unwrap_or_default();
        lost(account, principals, regions)
    });
    let (regions, principals) = (less(&after, &before), less(&key_after, &key_today));
    let gaining: BTreeSet<&AccountId> = regions.keys().chain(principals.keys()).collect();
    let gained = gaining.into_iter().map(|account| {
        let regions = regions.get(account).cloned().unwrap_or_default();
        gained(desired, account, principals.get(account).cloned().unwrap_or_default(), regions)
    });
    lost.chain(gained).collect()
}

/// The key policy, if it changes.
pub(super) fn key_policy(plan: &Plan) -> Option<KeyPolicyReview> {
    let put = put_key_policy(plan)?;
    let statements =
        |text: &str| KeyPolicy::parse(text).map(|policy| policy.statements()).unwrap_or_default();
    Some(KeyPolicyReview {
        before: statements(&put.expected),
        after: statements(&put.policy),
        bytes: put.policy.len(),
        limit: LARGEST_POLICY,
    })
}

fn put_key_policy(plan: &Plan) -> Option<&PutKeyPolicy> {
    plan.changes
        .iter()
        .find_map(|change| if let Change::PutKeyPolicy(put) = change { Some(put) } else { None })
}

/// What is shared before and after, over the configurations that change. Where one of ours stays as it
/// is, the accounts that it shares with gain nothing: the documents share every recipe alike.
fn sharing(desired: &Desired, observed: &Observed, plan: &Plan, site: &Site) -> (Sharing, Sharing) {
    let (mut before, mut after) = (Sharing::new(), Sharing::new());
    let wanted: BTreeSet<String> =
        desired.recipes.iter().map(|entry| resources::distribution_arn(desired, site, &entry.name)).collect();
    let mut changed = BTreeSet::new();
    for change in plan.changes.iter().filter_map(Change::distributes) {
        changed.insert(&change.arn);
        add(&mut after, &change.content);
        if let Some(content) = content_of(&observed.distributions, &change.arn) {
            add(&mut before, content);
        }
    }
    let stays = observed.distributions.iter().any(|standing| {
        is_owned(&standing.tags, &desired.environment)
            && wanted.contains(&standing.arn)
            && !changed.contains(&standing.arn)
    });
    if stays {
        for (account, regions) in &after {
            before.entry(account.clone()).or_default().extend(regions.iter().cloned());
        }
    }
    (before, after)
}

fn content_of<'a>(all: &'a [Configuration<Distribution>], arn: &str) -> Option<&'a Distribution> {
    all.iter().find(|standing| standing.arn == arn)?.content.as_ref().map(|content| &content.known)
}

fn add(sharing: &mut Sharing, content: &Distribution) {
    for (region, entry) in &content.regions {
        for account in &entry.shared_with.accounts {
            sharing.entry(account.clone()).or_default().insert(region.clone());
        }
    }
}

/// What `left` has and `right` has not.
fn less<T: Ord + Clone>(
    left: &BTreeMap<AccountId, BTreeSet<T>>,
    right: &BTreeMap<AccountId, BTreeSet<T>>,
) -> BTreeMap<AccountId, BTreeSet<T>> {
    let remaining = left.iter().map(|(account, all)| {
        let kept = right.get(account);
        let missing = all.iter().filter(|item| kept.is_none_or(|kept| !kept.contains(item)));
        (account.clone(), missing.cloned().collect::<BTreeSet<T>>())
    });
    remaining.filter(|(_, missing)| !missing.is_empty()).collect()
}

fn lost(account: AccountId, principals: BTreeSet<String>, regions: BTreeSet<Region>) -> AccessChange {
    let key = if principals.is_empty() { "" } else { " and the use of the key" };
    let effect = format!(
        "images built from now on are not shared with account {account} in {}; it keeps the images that it was \
         given{key} until they are revoked",
        list(&regions)
    );
    AccessChange { account, direction: Direction::Loses, principals, regions, effect }
}

fn gained(
    desired: &Desired,
    account: &AccountId,
    principals: BTreeSet<String>,
    regions: BTreeSet<Region>,
) -> AccessChange {
    let shared = (!regions.is_empty())
        .then(|| format!("images built from now on are shared with account {account} in {}", list(&regions)));
    let everybody = desired.consumers.accounts.iter().any(|c| c.id == *account && c.roles == Roles::Any);
    let who = if everybody {
        "every principal of the account that its own policies let"
    } else {
        "the roles listed"
    };
    let key = (!principals.is_empty()).then(|| format!("{who} may use the key that encrypts them"));
    let effect = shared.into_iter().chain(key).collect::<Vec<_>>().join("; ");
    AccessChange { account: account.clone(), direction: Direction::Gains, principals, regions, effect }
}

fn list(regions: &BTreeSet<Region>) -> String {
    regions.iter().map(Region::as_str).collect::<Vec<_>>().join(", ")
}
