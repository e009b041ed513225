//! Who may launch the images: the environment's consumers and the workload accounts, one entry an
//! account.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::Keys;
use super::reader::At;
use super::repeated::repeated;
use crate::desired::Consumer;
use crate::names::{AccountId, Region, RoleArn};
use crate::problem::Place;

/// A consumer as `environment.json` lists it: in every Region of the document.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    account: AccountId,
    roles: BTreeSet<RoleArn>,
    place: Place,
}

/// The keys of a consumer.
pub(super) const KEYS: &[&str] = &["account-id", "roles"];
/// Keys of a consumer whose effect is not built.
pub(super) const PLANNED: &[&str] =
    &["serve", "organization", "organizations", "organizational-units", "copy"];

/// The list of consumers.
pub(super) fn grants(at: At<'_>) -> Option<Vec<Grant>> {
    let grants = at.list(grant)?;
    for (first, again) in repeated(&grants, |grant| &grant.account) {
        let hint = format!("line {} lists it too: put all of its roles there", first.place.line);
        at.record(again.place.problem(again.account.as_str(), "each account once").hint(hint));
    }
    Some(grants)
}

fn grant(at: At<'_>) -> Option<Grant> {
    let fields = at.object(Keys::NotYet { known: KEYS, planned: PLANNED })?;
    let account = fields.required("account-id", |at| Some((at.parsed()?, at.place())));
    let owner = account.as_ref().map(|(account, _)| account);
    // An empty list would read as "no role", and mean "every principal of the account".
    let read = |at: At<'_>| at.some("role, or no key `roles`", |at| role(owner, at));
    let roles = fields.optional("roles", read).unwrap_or_default().into_iter().collect();
    let (account, place) = account?;
    Some(Grant { account, roles, place })
}

/// A role of the account; any role, if the account itself could not be read.
fn role(owner: Option<&AccountId>, at: At<'_>) -> Option<RoleArn> {
    let role: RoleArn = at.parsed()?;
    match owner {
        Some(account) if role.account().as_ref() != Some(account) => {
            at.expected(format!("a role of account {account}"))
        }
        _ => Some(role),
    }
}

/// Every account that may launch the images, with the Regions it gets them in.
pub(super) fn merge(
    regions: &BTreeSet<Region>,
    grants: Vec<Grant>,
    workloads: BTreeMap<Region, BTreeSet<AccountId>>,
) -> Vec<Consumer> {
    let everywhere = |grant: Grant| {
        let consumer = Consumer { account: grant.account, roles: grant.roles, regions: regions.clone() };
        (consumer.account.clone(), consumer)
    };
    let mut consumers: BTreeMap<AccountId, Consumer> = grants.into_iter().map(everywhere).collect();
    for (region, accounts) in workloads {
        for account in accounts {
            let nowhere =
                || Consumer { account: account.clone(), roles: BTreeSet::new(), regions: BTreeSet::new() };
            let consumer = consumers.entry(account.clone()).or_insert_with(nowhere);
            consumer.regions.insert(region.clone());
        }
    }
    consumers.into_values().collect()
}
