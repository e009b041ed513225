//! Reads who made images.

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::{Depth, Observed, Origin};
use goldsmith_domain::resources::Wanted;

use super::required;
use crate::at_once::read_each;
use crate::fault::{CallError, chain};
use crate::{Aws, get_image};

/// Who made the images that would become current, and copies that would be published. One that cannot be read for good stays unknown: who
/// publishes asks again, and refuses it.
pub(super) async fn read(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let images = required(wanted, observed, depth).origins;
    let plain = required(wanted, observed, Depth::Digest).origins;
    aws.count_drift_calls(images.len() - plain.len());
    let origins = read_each(images, |image| origin(aws, image)).await?;
    observed.origins.extend(origins.into_iter().flatten());
    Ok(())
}

/// Who made an image. One that was deleted since it was listed is nobody's.
async fn origin(aws: &Aws, image: ImageArn) -> Result<Option<(ImageArn, Origin)>, CallError> {
    match get_image(aws, &image).await {
        Err(error) if !error.fault.is_temporary() => {
            let error = chain(&error);
            tracing::warn!(error, "who made an image is not known");
            Ok(None)
        }
        found => Ok(found?.map(|found| (image, found.origin))),
    }
}
