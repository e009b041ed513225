//! Image Builder's resources, one file a kind: what is stored, and the operations on it.

pub(crate) mod component;
pub(crate) mod distribute;
pub(crate) mod distribution;
mod distribution_checks;
pub(crate) mod execution;
pub(crate) mod image;
pub(crate) mod image_lists;
mod image_view;
pub(crate) mod import;
pub(crate) mod infrastructure;
pub(crate) mod lifecycle_checks;
pub(crate) mod lifecycle_execution;
pub(crate) mod lifecycle_policy;
pub(crate) mod lifecycle_update;
pub(crate) mod managed;
pub(crate) mod managed_images;
pub(crate) mod managed_workflows;
pub(crate) mod pipeline;
pub(crate) mod recipe;
pub(crate) mod recipe_checks;
pub(crate) mod scan;
mod scan_aggregation;
pub(crate) mod start;
pub(crate) mod tags;
pub(crate) mod workflow;
pub(crate) mod workflow_lists;
pub(crate) mod workflow_use;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{
    arn::{Arn, Version},
    operations::Handlers,
    refusal::Refusal,
    state,
};

/// What the resources carry out between them.
pub(crate) const HANDLERS: &[Handlers] = &[
    component::OPERATIONS,
    distribute::OPERATIONS,
    distribution::OPERATIONS,
    execution::OPERATIONS,
    image::OPERATIONS,
    image_lists::OPERATIONS,
    import::OPERATIONS,
    infrastructure::OPERATIONS,
    lifecycle_execution::OPERATIONS,
    lifecycle_policy::OPERATIONS,
    lifecycle_update::OPERATIONS,
    pipeline::OPERATIONS,
    recipe::OPERATIONS,
    scan::OPERATIONS,
    scan_aggregation::OPERATIONS,
    start::OPERATIONS,
    tags::OPERATIONS,
    workflow::OPERATIONS,
    workflow_lists::OPERATIONS,
];

/// What a handler answers: the members of the response, without request id and client token.
pub(crate) type Answer = Result<Value, Refusal>;

/// A resource as answers show it. Members without a value are pruned later.
pub(crate) fn shown(resource: &impl Serialize) -> Value {
    serde_json::to_value(resource).unwrap_or_default()
}

/// Leaves out of a resource everything but the members that its summary has.
pub(crate) fn summary(resource: &impl Serialize, members: &[&str]) -> Value {
    let mut view = shown(resource);
    if let Some(all) = view.as_object_mut() {
        all.retain(|member, _| members.contains(&member.as_str()));
    }
    view
}

/// `latestVersionReferences`: the wildcard ARNs of a resource with a version.
pub(crate) fn latest_version_references(arn: &Arn) -> Value {
    let Some(version) = arn.version else {
        return Value::Null;
    };
    let at = |version: Version| arn.at(version).to_string();
    serde_json::json!({
        "latestVersionArn": at(Version::ANY),
        "latestMajorVersionArn": at(version.truncated(1)),
        "latestMinorVersionArn": at(version.truncated(2)),
        "latestPatchVersionArn": at(version),
    })
}

/// How many resources of the kind of `first` its account has in its Region.
pub(crate) fn count<T>(map: &BTreeMap<Arn, T>, first: &Arn) -> usize {
    let start = Arn {
        slug: String::new().into(),
        version: None,
        build: None,
        ..first.clone()
    };
    state::all(map, &start).count()
}

/// Refuses one more resource than the quota allows.
pub(crate) fn check_quota<T>(
    map: &BTreeMap<Arn, T>,
    arn: &Arn,
    (name, limit): (&str, usize),
) -> Result<(), Refusal> {
    if count(map, arn) < limit {
        Ok(())
    } else {
        Err(Refusal::quota(name, limit))
    }
}
