//! The operations on one image. What happens during its build is in [`crate::engine::build`].

use serde_json::json;

use crate::{
    api::imagebuilder::{
        answer::latest_version_references,
        request::{Answer, Handlers, Request},
    },
    common::{arn::Arn, error::ApiError},
    engine::build::{self, retry, start},
    records::image::Image,
    state::images::newest_available,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("GetImage", get),
    ("CancelImageCreation", cancel),
    ("RetryImage", retry),
    ("DeleteImage", delete),
];

/// GetImage: a build, or the newest AVAILABLE build of a version or wildcard.
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(json!({
        "image": image.view(),
        "latestVersionReferences": latest_version_references(&image.arn),
    }))
}

/// The image that the caller can refer to by this ARN: its own or Amazon's.
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Image> {
    let caller = request.caller();
    let reachable = arn.account == caller.account || arn.account == "aws";
    let found = newest_available(&request.state.images, arn);
    found.filter(|_| reachable && arn.region == caller.region)
}

/// The caller's own image with exactly this ARN.
fn own<'r>(request: &'r Request<'_>, arn: &Arn) -> Result<&'r Image, ApiError> {
    let found = find(request, arn).filter(|image| image.arn.account == request.caller().account);
    found.ok_or_else(|| ApiError::not_found(arn))
}

/// CancelImageCreation: takes effect a little later, and removes nothing that was made.
pub(crate) fn cancel(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = own(request, &arn)?;
    if !image.status.is_running() {
        let rule = format!(
            "The image is in state {} and cannot be cancelled.",
            image.status
        );
        return Err(ApiError::invalid("imageBuildVersionArn", &rule));
    }
    let now = request.now();
    let options = request.options();
    build::cancel(request.state, options, &arn, now);
    Ok(json!({"imageBuildVersionArn": arn}))
}

/// RetryImage: of an image whose test or distribution failed or was cancelled. Which code AWS
/// answers for others is not known.
pub(crate) fn retry(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let status = own(request, &arn)?.status;
    start::check_running(request.state, request.options(), request.caller())?;
    let (options, now) = (request.options(), request.now());
    if !retry::retry(request.state, options, &arn, now) {
        let message =
            format!("The image '{arn}' is in state {status} and cannot be retried from there.");
        return Err(ApiError::new(400, "InvalidRequestException", message));
    }
    Ok(json!({"imageBuildVersionArn": arn}))
}

/// DeleteImage: the resource only; AMIs and snapshots stay.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = own(request, &arn)?;
    if image.status.is_running() {
        return Err(ApiError::depended_on(&arn));
    }
    request.state.images.remove(&arn);
    Ok(json!({"imageBuildVersionArn": arn}))
}
