//! Who may launch the images: the environment's consumers and the workload accounts, one entry an
//! account.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::Keys;
use super::reader::At;
use super::repeated::repeated;
use crate::consumers::{Account, Consumers, Roles, Serve};
use crate::names::{AccountId, Region, RolePattern};
use crate::problem::Place;

/// A consumer as `environment.json` lists it: in every Region of the document.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    account: AccountId,
    roles: BTreeSet<RolePattern>,
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
fn role(owner: Option<&AccountId>, at: At<'_>) -> Option<RolePattern> {
    let role: RolePattern = at.parsed()?;
    match owner {
        Some(account) if role.account().as_ref() != Some(account) => {
            at.expected(format!("a role of account {account}"))
        }
        _ => Some(role),
    }
}

/// Everybody who may launch the images, with the Regions they get them in.
pub(super) fn merge(
    regions: &BTreeSet<Region>,
    grants: Vec<Grant>,
    workloads: BTreeMap<Region, BTreeSet<AccountId>>,
) -> Consumers {
    let mut accounts: BTreeMap<AccountId, Account> = BTreeMap::new();
    for grant in grants {
        let roles = if grant.roles.is_empty() { Roles::Any } else { Roles::Named(grant.roles) };
        let account = Account { regions: regions.clone(), roles, ..nowhere(&grant.account) };
        accounts.insert(grant.account, account);
    }
    for (region, workloads) in workloads {
        for id in workloads {
            let account = accounts.entry(id.clone()).or_insert_with(|| nowhere(&id));
            account.regions.insert(region.clone());
        }
    }
    Consumers { accounts: accounts.into_values().collect(), organizations: Vec::new() }
}

fn nowhere(id: &AccountId) -> Account {
    Account {
        id: id.clone(),
        roles: Roles::Any,
        regions: BTreeSet::new(),
        serve: Serve::Share,
        keys: BTreeMap::new(),
        grant_admin: None,
        parameter_role: None,
        places: BTreeMap::new(),
    }
}
