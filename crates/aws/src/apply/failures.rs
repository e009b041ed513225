//! Removes what failed builds have left.

use goldsmith_domain::plan::{CLEANED_UP_TAG, CleanUpImage};

use crate::Aws;
use crate::fault::CallError;
use crate::tagging::tag;

/// Deregisters the AMIs of a failed image, with their snapshots. If there is none, marks the image, so that no run
/// looks for them again.
pub(super) async fn clean_up(aws: &Aws, change: &CleanUpImage) -> Result<(), CallError> {
    for (region, ami) in &change.amis {
        aws.ec2_in(region).deregister(ami).await?;
    }
    if !change.amis.is_empty() {
        return Ok(());
    }
    let tags = [(CLEANED_UP_TAG.to_owned(), "yes".to_owned())].into();
    tag(aws, &change.image.to_string(), &tags).await
}
