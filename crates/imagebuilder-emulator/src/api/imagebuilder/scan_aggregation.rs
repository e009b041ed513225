//! ListImageScanFindingAggregations: findings counted by account, image, pipeline or vulnerability.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::imagebuilder::{
        request::{Answer, Handlers, Request},
        scan::{Finding, findings},
    },
    common::error::ApiError,
    engine::scan::counts,
    wire::paging::{self, Filtered},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[("ListImageScanFindingAggregations", list)];

/// What findings can be grouped by: the filter, the aggregation's member, and the member in it.
const GROUPS: [(&str, &str); 3] = [
    ("imageBuildVersionArn", "imageAggregation"),
    ("imagePipelineArn", "imagePipelineAggregation"),
    ("vulnerabilityId", "vulnerabilityIdAggregation"),
];

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    name: String,
    #[serde(default)]
    values: Vec<String>,
}

/// Without a filter it is the account that is counted. A group without findings is left out.
fn list(request: &mut Request<'_>) -> Answer {
    let account = request.caller().account.clone();
    let Some(filter) = request.member::<Filter>("filter")? else {
        let grouped = groups(&findings(request), |_| vec![account.clone()]);
        return answered(request, ("accountId", "accountAggregation"), &grouped);
    };
    let known = GROUPS.into_iter().find(|(name, _)| *name == filter.name);
    let group = known.ok_or_else(|| {
        let names = GROUPS.map(|(name, _)| name).join(", ");
        ApiError::invalid(
            "filter",
            &format!("'{}' must be one of [{names}]", filter.name),
        )
    })?;
    let grouped = groups(&findings(request), |finding| {
        let fields = finding
            .field(group.0)
            .into_iter()
            .map(std::borrow::Cow::into_owned);
        fields
            .filter(|field| filter.values.contains(field))
            .collect()
    });
    answered(request, group, &grouped)
}

/// The counts of each group, by its key.
fn groups(
    findings: &[Finding<'_>],
    keys: impl Fn(&Finding<'_>) -> Vec<String>,
) -> Vec<(String, Value)> {
    let mut groups: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for finding in findings {
        for key in keys(finding) {
            groups.entry(key).or_default().push(finding.seed());
        }
    }
    groups
        .into_iter()
        .map(|(key, seeds)| (key, counts(seeds.into_iter())))
        .collect()
}

fn answered(
    request: &Request<'_>,
    (key, member): (&str, &str),
    groups: &[(String, Value)],
) -> Answer {
    let mut answer = paging::page(
        request,
        "responses",
        groups,
        |(value, counts)| json!({member: {key: value, "severityCounts": counts}}),
    )?;
    answer["aggregationType"] = key.into();
    Ok(answer)
}
