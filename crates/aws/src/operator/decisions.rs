//! A person's decision about an image, kept in its tags.

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::promotion::Decision;

use crate::Aws;
use crate::fault::CallError;
use crate::tagging::tag;

/// Writes a decision onto an image; an earlier one is replaced.
///
/// Errors: what `TagResource` answers; nothing is written then.
pub async fn decide(aws: &Aws, image: &ImageArn, decision: &Decision) -> Result<(), CallError> {
    tag(aws, &image.to_string(), &decision.tags()).await
}
