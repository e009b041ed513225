//! Publishes an image: objects by conditional write, then the parameter, then the pipeline's tag.
//!
//! Several publishers may run at once and in any order of events. The objects are the judge: each
//! carries the image it came from, and a write replaces only what it has seen. The tag comes last,
//! so that a publication that was cut off is made again by the next reconcile.

use aws_sdk_ssm::types::ParameterType;
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::plan::{PUBLISHED_TAG, Publish};
use goldsmith_domain::publication::{IMAGE_METADATA, PublishedFile, files, parameter_name, replaces};

use crate::Aws;
use crate::apply::tag;
use crate::fault::{CallError, Fault};

/// How often a publisher that lost a race looks again: each loss means that another one won.
const MOST_RACES: usize = 5;

/// What came of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The image is what consumers read now.
    Published,
    /// A newer build was there already.
    Superseded,
}

/// What stands under a key.
struct Standing {
    etag: String,
    image: Option<ImageArn>,
}

/// Publishes `change.image`, unless a newer build of the same recipe version is published.
///
/// Assumption: the caller knows that the recipe version is the pipeline's current one.
pub async fn publish(aws: &Aws, change: &Publish) -> Result<Outcome, CallError> {
    for file in files(&change.recipename, &change.amis) {
        if put_newer(aws, &file, &change.image).await? == Outcome::Superseded {
            return Ok(Outcome::Superseded);
        }
    }
    put_parameter(aws, change).await?;
    let tags = [(PUBLISHED_TAG.to_owned(), change.image.to_string())].into();
    tag(aws, change.pipeline.as_str(), &tags).await?;
    Ok(Outcome::Published)
}

/// Writes `file` unless it stands there already or a newer build's does.
async fn put_newer(aws: &Aws, file: &PublishedFile, image: &ImageArn) -> Result<Outcome, CallError> {
    for _ in 0..MOST_RACES {
        let standing = standing(aws, &file.key).await?;
        let published = standing.as_ref().and_then(|standing| standing.image.as_ref());
        if published == Some(image) {
            return Ok(Outcome::Published);
        }
        if !replaces(image, published) {
            return Ok(Outcome::Superseded);
        }
        match put_over(aws, file, image, standing).await {
            Err(error) if error.fault == Fault::Conflict => {}
            other => return other.map(|()| Outcome::Published),
        }
    }
    let detail = format!("{} was written by others {MOST_RACES} times in a row", file.key);
    Err(CallError::local("s3:PutObject", Fault::Conflict, detail))
}

async fn standing(aws: &Aws, key: &str) -> Result<Option<Standing>, CallError> {
    let answer = aws.s3.head_object().bucket(&aws.names.output_bucket).key(key).send().await;
    let object = match answer.map_err(|error| CallError::new("s3:HeadObject", &error)) {
        Err(error) if error.fault == Fault::NotFound => return Ok(None),
        other => other?,
    };
    let image = object.metadata().and_then(|metadata| metadata.get(IMAGE_METADATA)?.parse().ok());
    Ok(Some(Standing { etag: object.e_tag.unwrap_or_default(), image }))
}

/// Writes over exactly what was seen.
async fn put_over(
    aws: &Aws,
    file: &PublishedFile,
    image: &ImageArn,
    standing: Option<Standing>,
) -> Result<(), CallError> {
    let call = aws
        .s3
        .put_object()
        .bucket(&aws.names.output_bucket)
        .key(&file.key)
        .content_type("application/json")
        .metadata(IMAGE_METADATA, image.to_string())
        .body(file.content.clone().into_bytes().into());
    let call = match standing {
        Some(standing) => call.if_match(standing.etag),
        None => call.if_none_match("*"),
    };
    call.send().await.map(drop).map_err(|error| CallError::new("s3:PutObject", &error))
}

/// Sets the parameter to the AMI of the building Region. Parameters know no conditional write: the
/// objects have decided who may, and a publisher that was overtaken leaves the tag to the winner.
async fn put_parameter(aws: &Aws, change: &Publish) -> Result<(), CallError> {
    let Some(ami) = change.amis.get(&aws.site.region) else { return Ok(()) };
    let call = aws
        .ssm
        .put_parameter()
        .name(parameter_name(&aws.site.environment, &change.recipename))
        .value(ami.as_str())
        .description(format!("The newest AMI of {}", change.image))
        .r#type(ParameterType::String)
        .overwrite(true);
    call.send().await.map_err(|error| CallError::new("ssm:PutParameter", &error))?;
    still_ours(aws, change).await
}

/// Fails with a conflict if a newer build was published while the parameter was written.
async fn still_ours(aws: &Aws, change: &Publish) -> Result<(), CallError> {
    let key = goldsmith_domain::publication::image_key(&change.recipename);
    match standing(aws, &key).await? {
        Some(Standing { image: Some(image), .. }) if image != change.image => {
            let detail = format!("{image} was published meanwhile");
            Err(CallError::local("ssm:PutParameter", Fault::Conflict, detail))
        }
        Some(_) | None => Ok(()),
    }
}
