//! Reads which pipelines built images.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::{Depth, Observed};

use super::required;
use crate::fault::{CallError, chain};
use crate::{Aws, get_image};

/// Who built the images that would become current. One that cannot be read for good stays unknown: who
/// publishes asks again, and refuses it.
pub(super) async fn read(
    aws: &Aws,
    desired: &Desired,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let images = required(aws, desired, observed, depth).origins;
    let plain = required(aws, desired, observed, Depth::Digest).origins;
    aws.count_drift_calls(images.len() - plain.len());
    for image in images {
        match get_image(aws, &image).await {
            Err(error) if !error.fault.is_temporary() => {
                let error = chain(&error);
                tracing::warn!(error, "who built an image is not known");
            }
            // One that was deleted since it was listed is nobody's.
            found => {
                let origin = found?.map(|found| (image, found.pipeline));
                observed.origins.extend(origin);
            }
        }
    }
    Ok(())
}
