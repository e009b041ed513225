//! Looks for what failed builds have left, by the tag of Image Builder and never by what the image says.

use std::collections::BTreeSet;

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::Region;
use goldsmith_domain::observed::{Depth, Leftover, Observed, Subject};
use goldsmith_domain::resources::Wanted;

use super::required;
use super::unread::{self, Read};
use crate::Aws;
use crate::at_once::read_each;
use crate::fault::CallError;

/// What failed builds have left. While one Region cannot be read for good, nothing is said of any of them: an image
/// counts as cleaned up only if it was looked for everywhere.
pub(super) async fn read(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let (images, regions) = required(wanted, observed, depth).leftovers;
    let found = read_each(regions, |region| in_region(aws, &images, region)).await?;
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    for read in found {
        all.extend(read.into(&mut unread));
    }
    if unread.is_empty() {
        let nothing = images.into_iter().map(|image| (image, Vec::new()));
        observed.leftovers = nothing.collect();
        for (image, leftover) in all {
            let of_image = observed.leftovers.entry(image).or_default();
            of_image.push(leftover);
        }
    }
    observed.unreadable.extend(unread);
    Ok(())
}

async fn in_region(
    aws: &Aws,
    images: &BTreeSet<ImageArn>,
    region: Region,
) -> Result<Read<Vec<(ImageArn, Leftover)>>, CallError> {
    let answer = match aws.ec2_in(&region).left_of(images).await {
        Err(error) if region != aws.stack.region && error.is_region_not_enabled() => Ok(Vec::new()),
        answer => answer,
    };
    let Read { value, unread } = unread::read(Subject::OwnAmis(region.clone()), answer)?;
    let leftover = |region: &Region, left: crate::ec2::LeftAmi| {
        let leftover = Leftover {
            region: region.clone(),
            ami: left.ami,
            created: left.created,
            expires: left.expires,
            size_gib: left.size_gib,
        };
        (left.image, leftover)
    };
    let value = value
        .into_iter()
        .map(|left| leftover(&region, left))
        .collect();
    Ok(Read { value, unread })
}
