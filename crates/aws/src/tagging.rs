//! Tags of Image Builder resources: what several steps of a run write.

use std::collections::HashMap;

use goldsmith_domain::names::PipelineArn;
use goldsmith_domain::observed::Tags;
use goldsmith_domain::plan::owed_build;

use crate::Aws;
use crate::fault::CallError;

/// Adds tags to a resource; the others stay.
pub(crate) async fn tag(aws: &Aws, arn: &str, tags: &Tags) -> Result<(), CallError> {
    let call = aws
        .imagebuilder
        .tag_resource()
        .resource_arn(arn)
        .set_tags(Some(map(tags)));
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("imagebuilder:TagResource", error))
}

/// Marks a pipeline whose scheduled build, for `cause`, found no room among the builds that the account may run
/// at once. Marking it again for the same cause changes nothing.
pub async fn owe_build(aws: &Aws, pipeline: &PipelineArn, cause: &str) -> Result<(), CallError> {
    tag(aws, pipeline.as_str(), &owed_build(cause)).await
}

/// Tags as the SDK takes them.
pub(crate) fn map(tags: &Tags) -> HashMap<String, String> {
    tags.iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
