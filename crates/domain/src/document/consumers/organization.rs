//! An organization or organizational unit among the consumers.

use std::collections::BTreeSet;

use crate::document::fields::Keys;
use crate::document::reader::Cursor;
use crate::document::region_names::RegionNames;
use crate::names::{OrganizationArn, OrganizationPath, Region};
use crate::problem::Place;

/// The keys of an organization.
pub(in crate::document) const KEYS: &[&str] = &["organization", "regions"];
/// The keys of an organizational unit.
pub(in crate::document) const UNIT_KEYS: &[&str] = &["organizational-unit", "path", "regions"];
/// Keys that only an account has.
const OF_ACCOUNTS: &[&str] = &[
    "roles",
    "serve",
    "kms-keys",
    "grant-admin",
    "parameter-role",
    "rebuild",
];
/// What is said of those.
const SHARED: &str = "no such key for an organization or unit, whose accounts share our AMIs: one with \
    roles or copies of its own needs an entry by `account-id`";

/// An organization or unit as `environment.json` lists it.
#[derive(Debug)]
pub(in crate::document) struct Organization {
    pub(super) arn: OrganizationArn,
    /// Where the ARN stands.
    pub(super) place: Place,
    /// None if it has a problem.
    pub(super) path: Option<OrganizationPath>,
    /// None if they have a problem.
    pub(super) regions: Option<BTreeSet<Region>>,
}

/// All of an organization.
pub(super) fn read(at: Cursor<'_>, regions: &RegionNames) -> Option<Organization> {
    let fields = at.object(Keys::Apart {
        known: KEYS,
        elsewhere: OF_ACCOUNTS,
        expected: SHARED,
    })?;
    let arn = fields.required("organization", |at| {
        let arn: OrganizationArn = regions.arn(at)?;
        if arn.unit().is_some() {
            let problem = at.problem("the ARN of an organization");
            at.record(problem.hint("use `organizational-unit` for a unit, with its `path`"));
            return None;
        }
        Some((arn, at.place()))
    });
    let served_in = regions.chosen(&fields);
    let (arn, place) = arn?;
    let path = Some(OrganizationPath::whole(&arn));
    Some(Organization {
        arn,
        place,
        path,
        regions: served_in,
    })
}

/// An organizational unit, whose path cannot be told from its ARN.
pub(super) fn read_unit(at: Cursor<'_>, regions: &RegionNames) -> Option<Organization> {
    let fields = at.object(Keys::Apart {
        known: UNIT_KEYS,
        elsewhere: OF_ACCOUNTS,
        expected: SHARED,
    })?;
    let arn = fields.required("organizational-unit", |at| {
        let arn: OrganizationArn = regions.arn(at)?;
        if arn.unit().is_none() {
            let problem = at.problem("the ARN of an organizational unit");
            at.record(problem.hint("use `organization` for a whole organization"));
            return None;
        }
        Some((arn, at.place()))
    });
    if !fields.has("path") {
        fields.record_missing(
            "path",
            "the key `path`: the ARN of a unit does not contain it",
            HOW_TO_FIND_IT,
        );
    }
    let path = fields.optional("path", |at| path(arn.as_ref().map(|(arn, _)| arn), at));
    let served_in = regions.chosen(&fields);
    let (arn, place) = arn?;
    Some(Organization {
        arn,
        place,
        path,
        regions: served_in,
    })
}

/// How the path of a unit is found.
const HOW_TO_FIND_IT: &str = "`aws organizations list-parents --child-id ou-...` names what is above a unit, \
    up to the root: `o-.../r-.../ou-.../*`";

/// The path of a unit: of the same organization, and down to the unit itself.
fn path(arn: Option<&OrganizationArn>, at: Cursor<'_>) -> Option<OrganizationPath> {
    let path: OrganizationPath = at.parsed()?;
    match arn.and_then(|arn| misfit(arn, &path)) {
        None => Some(path),
        Some(expected) => {
            at.record(at.problem(expected).hint(HOW_TO_FIND_IT));
            None
        }
    }
}

/// What was expected of a path that is not that of the unit.
fn misfit(arn: &OrganizationArn, path: &OrganizationPath) -> Option<String> {
    if path.organization() != arn.organization() {
        return Some(format!(
            "a path that starts with `{}/`, the organization of the unit",
            arn.organization()
        ));
    }
    let unit = arn.unit().filter(|unit| path.unit() != Some(unit))?;
    Some(format!("a path that ends in `/{unit}/*`, the unit itself"))
}
