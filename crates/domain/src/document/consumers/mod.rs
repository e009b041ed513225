//! Who may launch the images: the environment's `consumers`, and the workload accounts beside them.

pub(super) mod account;
mod everybody;
pub(super) mod organization;

use self::account::Account;
pub(super) use self::account::serve;
pub(super) use self::everybody::{Everybody, Workloads};
use self::organization::Organization;
use super::fields::Keys;
use super::reader::At;
use super::region_names::RegionNames;
use super::repeated::repeated;
use crate::problem::Place;

/// The consumers of `environment.json`, in its order; what had a problem is left out.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) accounts: Vec<Account>,
    pub(super) organizations: Vec<Organization>,
}

/// The keys that say who a consumer is; each has exactly one.
const WHO: [&str; 3] = ["account-id", "organization", "organizational-unit"];

/// Every key that a consumer may have.
const ALL_KEYS: &[&str] = &[
    "account-id",
    "organization",
    "organizational-unit",
    "path",
    "roles",
    "serve",
    "regions",
    "kms-keys",
    "grant-admin",
    "parameter-role",
    "rebuild",
];

/// The list of consumers.
pub(super) fn read(at: At<'_>, regions: &RegionNames) -> Option<Listing> {
    let mut listing = Listing::default();
    for entry in at.list(Some)? {
        match who(entry) {
            Some("account-id") => listing.accounts.extend(account::read(entry, regions)),
            Some("organization") => listing
                .organizations
                .extend(organization::read(entry, regions)),
            Some(_) => listing
                .organizations
                .extend(organization::read_unit(entry, regions)),
            None => {}
        }
    }
    record_repeated(at, &listing);
    Some(listing)
}

/// The one key of [`WHO`] that a consumer has.
fn who(at: At<'_>) -> Option<&'static str> {
    let present = at.object(Keys::AmongOthers)?;
    let found: Vec<&str> = WHO.into_iter().filter(|key| present.has(key)).collect();
    match found.as_slice() {
        [one] => return Some(one),
        [] => {
            at.object(Keys::Only(ALL_KEYS));
            let found = "an object without `account-id`, `organization` or `organizational-unit`";
            at.record(at.place().problem(found, "one of these keys"));
        }
        several => {
            let found = format!("a consumer with `{}`", several.join("` and `"));
            let problem = at.place().problem(found, "one of these keys");
            at.record(problem.hint("make each an entry of its own"));
        }
    }
    None
}

/// Records the accounts and the organizations that stand in the list twice.
fn record_repeated(at: At<'_>, listing: &Listing) {
    let hint =
        |first: &Place, what: &str| format!("line {} lists it too: put {what} there", first.line);
    for (first, again) in repeated(&listing.accounts, |account| &account.id) {
        let problem = again.place.problem(again.id.as_str(), "each account once");
        at.record(problem.hint(hint(&first.place, "all of its roles and Regions")));
    }
    // An organization has one id, whichever account of it the ARN names.
    let id = |listed: &Organization| {
        listed
            .arn
            .unit()
            .unwrap_or(listed.arn.organization())
            .to_owned()
    };
    for (first, again) in repeated(&listing.organizations, id) {
        let problem = again.place.problem(
            again.arn.as_str(),
            "each organization and organizational unit once",
        );
        at.record(problem.hint(hint(&first.place, "all of its Regions")));
    }
}
