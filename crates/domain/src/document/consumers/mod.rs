//! Who may launch the images: the environment's `consumers`, and the workload accounts beside them.

pub(super) mod account;
mod limits;
pub(super) mod organization;
mod resolved;

use self::account::Account;
pub(super) use self::account::serve;
use self::organization::Organization;
pub(super) use self::resolved::{ResolvedConsumers, Workloads};
use super::fields::Keys;
use super::reader::Cursor;
use super::region_names::RegionNames;
use super::repeated::repeated;
use crate::problem::Place;

/// The consumers of `environment.json`, in its order; what had a problem is left out.
#[derive(Debug, Default)]
pub(super) struct DeclaredConsumers {
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
pub(super) fn read(at: Cursor<'_>, regions: &RegionNames) -> Option<DeclaredConsumers> {
    let mut declared = DeclaredConsumers::default();
    for entry in at.list(Some)? {
        match who(entry) {
            Some("account-id") => declared.accounts.extend(account::read(entry, regions)),
            Some("organization") => declared
                .organizations
                .extend(organization::read(entry, regions)),
            Some(_) => declared
                .organizations
                .extend(organization::read_unit(entry, regions)),
            None => {}
        }
    }
    record_repeated(at, &declared);
    Some(declared)
}

/// The one key of [`WHO`] that a consumer has.
fn who(at: Cursor<'_>) -> Option<&'static str> {
    let present = at.object(Keys::AmongOthers)?;
    let found: Vec<&str> = WHO.into_iter().filter(|key| present.has(key)).collect();
    match found.as_slice() {
        [one] => return Some(one),
        [] => {
            at.object(Keys::Only(ALL_KEYS));
            let found = "an object without `account-id`, `organization` or `organizational-unit`";
            at.record(at.place().problem(found, "exactly one of these keys"));
        }
        several => {
            let found = format!("a consumer with `{}`", several.join("` and `"));
            let problem = at.place().problem(found, "exactly one of these keys");
            at.record(problem.hint("write a separate entry for each"));
        }
    }
    None
}

/// Records the accounts and the organizations that are listed twice.
fn record_repeated(at: Cursor<'_>, declared: &DeclaredConsumers) {
    let hint = |first: &Place, what: &str| {
        format!("line {} lists it already: put {what} there", first.line)
    };
    for (first, again) in repeated(&declared.accounts, |account| &account.id) {
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
    for (first, again) in repeated(&declared.organizations, id) {
        let problem = again.place.problem(
            again.arn.as_str(),
            "each organization and organizational unit once",
        );
        at.record(problem.hint(hint(&first.place, "all of its Regions")));
    }
}
