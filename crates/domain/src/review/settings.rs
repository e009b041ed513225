//! What changes for every recipe at once: what builds run on, where images go, and when.

use std::collections::BTreeMap;

use super::Difference;
use crate::difference::{Describe, Members, between};
use crate::names::Region;
use crate::observed::Observed;
use crate::plan::{Action, Plan};
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
    match standing.map(|standing| &standing.content) {
        None => between(&Members::new(), &wanted.content.members()),
        Some(Some(content)) => between(&content.members(), &wanted.content.members()),
        Some(None) => {
            let from = Some("not observed".to_owned());
            vec![Difference {
                what: "infrastructure".to_owned(),
                from,
                to: Some("as the documents say".to_owned()),
            }]
        }
    }
}

/// Regions that come or go, or get another key, in any configuration that is replaced. A recipe's first
/// configuration says nothing new of the Regions beside others.
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
        let Some(content) = standing.and_then(|standing| standing.content.as_ref()) else {
            continue;
        };
        for difference in between(&keys(&content.known), &keys(&wanted.content)) {
            if !found.contains(&difference) {
                found.push(difference);
            }
        }
    }
    found
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
