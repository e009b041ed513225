//! What changes for every recipe at once: what builds run on, where images go, and when.

use std::collections::BTreeMap;

use super::Difference;
use crate::difference::{Describe, Members, between, from_unknown};
use crate::names::Region;
use crate::observed::{Configuration, Observed};
use crate::plan::{Action, Configured, Plan};
use crate::resources::Distribution;

/// The members of the infrastructure configuration, the Regions, and the schedule.
pub(super) fn differences(observed: &Observed, plan: &Plan) -> Vec<Difference> {
    infrastructure(observed, plan)
        .into_iter()
        .chain(regions(observed, plan))
        .chain(schedule(observed, plan))
        .collect()
}

fn infrastructure(observed: &Observed, plan: &Plan) -> Vec<Difference> {
    let wanted = plan.changes.iter().find_map(|change| {
        if let Action::CreateInfrastructure(wanted) | Action::UpdateInfrastructure(wanted) =
            &change.action
        {
            return Some(wanted);
        }
        None
    });
    let Some(wanted) = wanted else {
        return Vec::new();
    };
    let standing = observed
        .infrastructure
        .iter()
        .find(|standing| standing.arn == wanted.arn);
    let after = wanted.content.members();
    match standing.map(|standing| &standing.content) {
        None => between(&Members::new(), &after),
        Some(Some(content)) => {
            let name = renamed("infrastructure", &content.known.name, &wanted.content.name);
            let others = between(&content.members(), &after);
            name.into_iter().chain(others).collect()
        }
        Some(None) => from_unknown(&after),
    }
}

/// Only the case of a name changes, or a `_` to a `-`: of any other name it is another resource.
fn renamed(what: &str, from: &str, to: &str) -> Option<Difference> {
    (from != to).then(|| Difference {
        what: format!("name of {what}"),
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
    })
}

/// Regions that come or go, and what is said of one, in any configuration that is replaced. A recipe's
/// first configuration says nothing new of the Regions beside others.
fn regions(observed: &Observed, plan: &Plan) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for change in &plan.changes {
        let Action::UpdateDistribution(wanted) = &change.action else {
            continue;
        };
        let standing = observed
            .distributions
            .iter()
            .find(|standing| standing.arn == wanted.arn);
        for difference in distribution(standing, wanted) {
            if !found.contains(&difference) {
                found.push(difference);
            }
        }
    }
    found
}

/// What differs in a distribution configuration, but for who gets access: that is told consumer by
/// consumer.
fn distribution(
    standing: Option<&Configuration<Distribution>>,
    wanted: &Configured<Distribution>,
) -> Vec<Difference> {
    let after = &wanted.content;
    let Some(content) = standing.and_then(|standing| standing.content.as_ref()) else {
        return from_unknown(&after.members());
    };
    let before = &content.known;
    let stays = |(what, _): &(String, String)| {
        let region = what.split(' ').next().unwrap_or_default();
        let of = |all: &Distribution| all.regions.keys().any(|known| known.as_str() == region);
        let is_told = ["key", "shared with"].map(|member| format!("{region} {member}"));
        of(before) == of(after) && !is_told.contains(what)
    };
    let told = |members: Members| -> Members { members.into_iter().filter(stays).collect() };
    renamed("distribution", &before.name, &after.name)
        .into_iter()
        .chain(between(&keys(before), &keys(after)))
        .chain(between(&told(content.members()), &told(after.members())))
        .collect()
}

fn keys(distribution: &Distribution) -> Members {
    let described: BTreeMap<&Region, String> = distribution
        .regions
        .iter()
        .map(|(region, entry)| {
            let key = entry
                .kms_key
                .as_ref()
                .map(|key| format!("encrypted with {key}"));
            (
                region,
                key.unwrap_or_else(|| "encrypted with the stack's key".to_owned()),
            )
        })
        .collect();
    described
        .into_iter()
        .map(|(region, key)| (format!("Region {region}"), key))
        .collect()
}

fn schedule(observed: &Observed, plan: &Plan) -> Option<Difference> {
    plan.changes.iter().find_map(|change| {
        let Action::PutRule(rule) = &change.action else {
            return None;
        };
        let (from, to) = (observed.rule.schedule.clone(), rule.schedule.clone());
        Some(Difference {
            what: "schedule".to_owned(),
            from,
            to,
        })
    })
}
