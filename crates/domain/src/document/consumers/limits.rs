//! How many consumers Image Builder takes in a Region.

use std::collections::BTreeSet;

use super::organization::Organization;
use super::resolved::ResolvedConsumers;
use crate::consumers::DeliveryMode;
use crate::names::Region;
use crate::problem::{Place, Problem};

/// The most accounts of a launch permission, and of the targets of copies (Image Builder API reference,
/// `LaunchPermissionConfiguration` and `AmiDistributionConfiguration`).
const MOST_ACCOUNTS: usize = 1536;

/// The most organizations of a launch permission, and the most organizational units (Image Builder API
/// reference, `LaunchPermissionConfiguration`).
const MOST_ORGANIZATIONS: usize = 25;

/// Somebody who counts in the Regions where they are served.
struct Counted<'c> {
    regions: BTreeSet<Region>,
    place: &'c Place,
}

/// What is too much for a Region, told at the first that is beyond.
pub(super) fn problems(consumers: &ResolvedConsumers<'_>) -> Vec<Problem> {
    let organizations = &consumers.declared().organizations;
    let whole = organizations
        .iter()
        .filter(|one| one.arn.unit().is_none())
        .filter_map(organization);
    let units = organizations
        .iter()
        .filter(|one| one.arn.unit().is_some())
        .filter_map(organization);
    let mut problems = beyond(
        &accounts(consumers, DeliveryMode::Share),
        "accounts that share AMIs",
        MOST_ACCOUNTS,
    );
    problems.extend(beyond(
        &accounts(consumers, DeliveryMode::Copy),
        "accounts with copies",
        MOST_ACCOUNTS,
    ));
    let hint =
        "use `organization` or `organizational-unit` to share with all of its accounts at once";
    let mut problems: Vec<Problem> = problems
        .into_iter()
        .map(|problem| problem.hint(hint))
        .collect();
    problems.extend(beyond(
        &whole.collect::<Vec<_>>(),
        "organizations",
        MOST_ORGANIZATIONS,
    ));
    problems.extend(beyond(
        &units.collect::<Vec<_>>(),
        "organizational units",
        MOST_ORGANIZATIONS,
    ));
    problems
}

/// The accounts that are served in this way: those of the list, and the other workload accounts.
fn accounts<'e>(consumers: &ResolvedConsumers<'e>, serve: DeliveryMode) -> Vec<Counted<'e>> {
    let listed = consumers
        .declared()
        .accounts
        .iter()
        .filter(|listed| consumers.mode(listed) == serve);
    let listed = listed.filter_map(|listed| {
        Some(Counted {
            regions: consumers.regions(listed)?,
            place: &listed.place,
        })
    });
    let unlisted = consumers
        .unlisted()
        .filter(|_| consumers.workload_mode() == Some(serve));
    let unlisted = unlisted.filter_map(|id| {
        let (_, first) = consumers.launches(id).next()?;
        let regions = consumers
            .launches(id)
            .map(|(region, _)| region.clone())
            .collect();
        Some(Counted {
            regions,
            place: &first.place,
        })
    });
    listed.chain(unlisted).collect()
}

fn organization(listed: &Organization) -> Option<Counted<'_>> {
    Some(Counted {
        regions: listed.regions.clone()?,
        place: &listed.place,
    })
}

/// A problem for each Region that has more than `most` of them; one for Regions with the same ones.
fn beyond(all: &[Counted<'_>], what: &str, most: usize) -> Vec<Problem> {
    let regions: BTreeSet<&Region> = all.iter().flat_map(|one| &one.regions).collect();
    let in_region = |region: &Region| -> Vec<&Counted<'_>> {
        all.iter()
            .filter(|one| one.regions.contains(region))
            .collect()
    };
    let problem = |region: &Region| {
        let here = in_region(region);
        let found = format!("{} {what} in {region}", here.len());
        let expected = format!("at most {most}, Image Builder's limit for a Region");
        Some(here.get(most)?.place.problem(found, expected))
    };
    let mut problems: Vec<Problem> = regions.into_iter().filter_map(problem).collect();
    problems.dedup_by(|a, b| (&a.file, a.line, a.column) == (&b.file, b.line, b.column));
    problems
}
