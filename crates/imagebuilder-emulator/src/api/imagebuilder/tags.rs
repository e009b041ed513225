//! TagResource, UntagResource and ListTagsForResource.

use serde_json::json;

use crate::{
    api::imagebuilder::request::{Answer, Handlers, Request},
    common::{arn::Arn, error::ApiError, tags::Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("TagResource", tag),
    ("UntagResource", untag),
    ("ListTagsForResource", list),
];

/// The most tags a resource can have.
const MAX_TAGS: usize = 50;

/// TagResource
pub(crate) fn tag(request: &mut Request<'_>) -> Answer {
    let added = request.tags()?;
    let tags = tags(request)?;
    let total = tags.len() + added.keys().filter(|key| !tags.contains_key(*key)).count();
    if total > MAX_TAGS {
        let rule = format!("A resource can have at most {MAX_TAGS} tags.");
        return Err(ApiError::invalid("tags", &rule));
    }
    tags.extend(added);
    Ok(json!({}))
}

/// UntagResource
pub(crate) fn untag(request: &mut Request<'_>) -> Answer {
    let keys: Vec<String> = request.member("tagKeys")?.unwrap_or_default();
    tags(request)?.retain(|key, _| !keys.iter().any(|gone| key == gone));
    Ok(json!({}))
}

/// ListTagsForResource
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let tags = tags(request)?;
    Ok(json!({"tags": tags}))
}

fn tags<'r>(request: &'r mut Request<'_>) -> Result<&'r mut Tags, ApiError> {
    let arn: Arn = request.arn("resourceArn")?;
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    let tags = request.state.tags(&arn).filter(|_| ours);
    tags.ok_or_else(|| ApiError::not_found(&arn))
}
