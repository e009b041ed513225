//! Which AMI an image was tested as.

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::AmiId;

use crate::Aws;
use crate::fault::CallError;

/// The AMI that an image was tested as, in the building Region; none if the build has not made it yet.
///
/// Image Builder often names no AMI of an image that failed. The tag that it puts on every AMI it makes finds it
/// then (user guide, "Tag resources").
pub async fn tested_ami(aws: &Aws, image: &ImageArn) -> Result<Option<AmiId>, CallError> {
    let tagged = aws.ec2.amis_of_image(&image.to_string()).await?;
    Ok(tagged.into_iter().next())
}
