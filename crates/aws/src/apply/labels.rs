//! Writes labels on AMIs and their snapshots.

use std::collections::BTreeSet;

use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::plan::{EXPIRY_TAG, LABELLED_TAG, LabelImage};

use crate::Aws;
use crate::at_once::read_each;
use crate::fault::{CallError, Fault};
use crate::tagging::tag;

/// Labels the AMIs of an image in every Region, and then marks the image: a run that is cut off does it again.
pub(super) async fn label(aws: &Aws, change: &LabelImage) -> Result<(), CallError> {
    let amis = change.amis.iter();
    let label = |(region, ami)| async move {
        match in_region(aws, change, region, ami).await {
            // Somebody has removed the AMI: that is reported elsewhere, and it needs no label.
            Err(error) if error.fault == Fault::NotFound => Ok(()),
            labelled => labelled,
        }
    };
    read_each(amis, label).await?;
    let Some(mark) = &change.mark else {
        return Ok(());
    };
    let mark = (LABELLED_TAG.to_owned(), mark.clone());
    // The image has the day as well, so that a list of images tells it.
    let expiry = change.tags.get_key_value(EXPIRY_TAG);
    let expiry = expiry.map(|(key, day)| (key.clone(), day.clone()));
    let tags = expiry.into_iter().chain([mark]).collect();
    tag(aws, &change.image.to_string(), &tags).await
}

async fn in_region(
    aws: &Aws,
    change: &LabelImage,
    region: &Region,
    ami: &AmiId,
) -> Result<(), CallError> {
    let ec2 = aws.ec2_in(region);
    let snapshots = ec2.snapshots_of(&BTreeSet::from([ami.clone()])).await?;
    // Not together with the AMI: AWS refuses a whole call if it refuses one of its resources.
    ec2.create_tags([ami.as_str()], &change.tags).await?;
    if !snapshots.is_empty() {
        let snapshots = snapshots.iter().map(String::as_str);
        ec2.create_tags(snapshots, &change.tags).await?;
    }
    match change.deprecated_at {
        Some(at) => ec2.deprecate(ami, at).await,
        None => Ok(()),
    }
}
