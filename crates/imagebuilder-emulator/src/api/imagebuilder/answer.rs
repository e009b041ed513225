//! What the answers of several operations have in common.

use serde::Serialize;
use serde_json::Value;

use crate::common::{arn::Arn, json::to_json, version::Version};

/// Leaves out of a resource everything but the members that its summary has.
pub(crate) fn summary(resource: &impl Serialize, members: &[&str]) -> Value {
    let mut view = to_json(resource);
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
