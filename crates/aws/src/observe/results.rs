//! Judges the results of images that are to be published.

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{Depth, Observed};
use goldsmith_domain::resources::Wanted;

use super::required;
use crate::Aws;
use crate::fault::{CallError, chain};
use crate::results::objections_to;

/// What the results of images say against them. Of an image whose results cannot be read for good, that is said.
pub(super) async fn read(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    // One after the other: the files of one image may have 16 MiB.
    for image in required(wanted, observed, depth).results {
        let judged = judge(aws, wanted, observed, image).await?;
        observed.objections.extend(judged);
    }
    Ok(())
}

async fn judge(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &Observed,
    (arn, recipe): (ImageArn, RecipeName),
) -> Result<Option<(ImageArn, Vec<String>)>, CallError> {
    let mut images = observed.images.iter();
    let Some(image) = images.find(|image| image.arn == arn) else {
        return Ok(None);
    };
    let objections = match objections_to(aws, wanted.desired, &recipe, image).await {
        Err(error) if !error.fault.is_temporary() => {
            vec![format!("its results cannot be read: {}", chain(&error))]
        }
        found => found?,
    };
    Ok(Some((arn, objections)))
}
