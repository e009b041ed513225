//! Publishes an image: objects by conditional write, then the parameter, the manifest, the image's tag, the news, and
//! the pipeline's tags.
//!
//! No call writes two objects, so a run can be cut off between them. The manifest is the last one: until then it is
//! the whole of the version before, and its checksums do not fit a file that is ahead of it.
//!
//! Several publishers may run at once, in any order. The objects decide: each one names its image, and a write
//! replaces only the object that the publisher has read. The tag comes last, so that the next reconcile
//! repeats an interrupted publication.

pub(crate) mod copies;
mod signature;

use aws_sdk_s3::primitives::ByteStreamError;
use goldsmith_domain::announcement::{Announcement, News};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::{AmiId, PipelineArn, RecipeName};
use goldsmith_domain::observed::{Damage, ImageState, Origin};
use goldsmith_domain::plan::Publish;
use goldsmith_domain::promotion::{ImageVersion, PROMOTED_TAG, is_rejected};
use goldsmith_domain::publication::{
    IMAGE_METADATA, PublishedFile, SIGNATURE_METADATA, files, image_key, parameter_name,
    published_ami, replaces,
};
use jiff::Timestamp;

use crate::announce::announce_promoted;
use crate::at_once::read_each;
use crate::body::{LARGEST_OUTPUT, beginning};
use crate::etag::md5;
use crate::fault::{CallError, Fault, chain};
use crate::imagebuilder::{ImageDetail, get_image};
use crate::output::{MOST_RACES, overtaken};
use crate::tagging::tag;
use crate::{Aws, sbom, ssm};

/// What came of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The image is what consumers read now.
    Published,
    /// A newer build is published already.
    Superseded,
}

/// A published object.
pub(crate) struct CurrentObject {
    etag: String,
    /// The image that it came from.
    pub image: Option<ImageArn>,
    /// Its signature, in base64.
    signature: Option<String>,
    /// The object itself.
    pub content: Vec<u8>,
}

/// Publishes `change.image`, unless a newer build of the same recipe version is published.
///
/// Assumption: the caller knows that the recipe version is the pipeline's current one.
///
/// Errors: `Fault::Permanent` if another than the pipeline built the image.
pub async fn publish(aws: &Aws, change: &Publish) -> Result<Outcome, CallError> {
    let built = check_origin(aws, &change.image, &change.pipeline).await?;
    let manifest = change.manifest.file(&built.parents);
    let written = put_all(aws, change, &manifest).await;
    if written.map_err(|error| in_part(&error, &change.image))? == Outcome::Superseded {
        return Ok(Outcome::Superseded);
    }
    if change.previous.as_ref() != Some(&change.image) {
        mark_promoted(aws, change).await?;
        announce_promoted(aws, &promoted(aws, change)).await?;
        note_duration(aws, built.image.created);
    }
    let tags = change.tags(&md5(manifest.content.as_bytes()));
    tag(aws, change.pipeline.as_str(), &tags).await?;
    // Last, because nothing may wait for it.
    if change.previous.as_ref() != Some(&change.image) {
        sbom::keep(aws, change, built.os, built.image.created).await;
    }
    Ok(Outcome::Published)
}

/// Writes everything that consumers read, the manifest last.
async fn put_all(
    aws: &Aws,
    change: &Publish,
    manifest: &PublishedFile,
) -> Result<Outcome, CallError> {
    let files = files(&change.recipename, &change.amis);
    let written = read_each(&files, |file| put_newer(aws, file, &change.image)).await?;
    if written.contains(&Outcome::Superseded) {
        return Ok(Outcome::Superseded);
    }
    let published = put_parameter(aws, change).await?;
    if published.as_ref() != Some(&change.image) {
        return Ok(Outcome::Superseded);
    }
    put_newer(aws, manifest, &change.image).await
}

/// The error of a publication that was cut off: some of it may be written. The pipeline's tag is not, so that the next
/// run does it again.
fn in_part(error: &CallError, image: &ImageArn) -> CallError {
    let version = ImageVersion::from(image);
    let why = format!(
        "{}; a part of {version} may be published, and the next run writes the rest",
        error.source
    );
    CallError::rejected(error.operation, error.fault, why)
}

fn note_duration(aws: &Aws, began: Option<Timestamp>) {
    let seconds = began.map(|began| Timestamp::now().duration_since(began).as_secs());
    if let Some(Ok(seconds)) = seconds.map(u32::try_from) {
        aws.note_promotion(seconds);
    }
}

/// Notes on the image that it was published, and on the one before it, which an earlier release may not have noted:
/// both are what people go back to. Somebody may have started a build by hand, without our tags: then the role may
/// not tag its image, which is published all the same.
async fn mark_promoted(aws: &Aws, change: &Publish) -> Result<(), CallError> {
    let tags = [(PROMOTED_TAG.to_owned(), "yes".to_owned())].into();
    for image in change.previous.iter().chain([&change.image]) {
        match tag(aws, &image.to_string(), &tags).await {
            Err(error) if matches!(error.fault, Fault::Denied | Fault::NotFound) => {
                let error = chain(&error);
                tracing::warn!(error, image.arn = %image, "the image is not marked as published");
            }
            answer => answer?,
        }
    }
    Ok(())
}

fn promoted(aws: &Aws, change: &Publish) -> Announcement {
    Announcement {
        environment: aws.stack.environment.clone(),
        recipe: change.recipename.clone(),
        image: change.image.clone(),
        news: News::Promoted {
            amis: change.amis.clone(),
            previous: change.previous.clone(),
        },
        is_for_people: change.notifies_people,
    }
}

/// The image, if the pipeline built it.
///
/// Whoever may call `CreateImage` with a recipe of ours makes an image under our name, on an instance and with
/// a distribution of their own. Only what the pipeline itself built is published.
async fn check_origin(
    aws: &Aws,
    image: &ImageArn,
    pipeline: &PipelineArn,
) -> Result<ImageDetail, CallError> {
    let found = get_image(aws, image).await?;
    let built = found.filter(|found| found.origin == Origin::Pipeline(pipeline.clone()));
    if let Some(built) = built {
        return Ok(built);
    }
    let why = format!("{image} was not built by {pipeline}; find out who made it, and delete it");
    Err(CallError::rejected(
        "imagebuilder:GetImage",
        Fault::Permanent,
        why,
    ))
}

/// Writes `file`, unless it is there already, or a newer build's is.
async fn put_newer(
    aws: &Aws,
    file: &PublishedFile,
    image: &ImageArn,
) -> Result<Outcome, CallError> {
    for _ in 0..MOST_RACES {
        let current = current_object(aws, &file.key).await?;
        let published = current.as_ref().and_then(|object| object.image.as_ref());
        let ours = published == Some(image);
        if let Some(current) = &current
            && damage(aws, current, file, image).await?.is_none()
        {
            return Ok(Outcome::Published);
        }
        if let Some(newer) = published.filter(|newer| !ours && !replaces(image, Some(newer)))
            && may_stay(aws, newer).await?
        {
            return Ok(Outcome::Superseded);
        }
        match replace_object(aws, file, image, current).await {
            Err(error) if error.fault == Fault::Conflict => {}
            other => return other.map(|()| Outcome::Published),
        }
    }
    Err(overtaken("s3:PutObject", &file.key))
}

/// What is wrong with an object, if it has to be this file of this image.
pub(crate) async fn damage(
    aws: &Aws,
    object: &CurrentObject,
    file: &PublishedFile,
    image: &ImageArn,
) -> Result<Option<Damage>, CallError> {
    if object.content != file.content.as_bytes() {
        return Ok(Some(Damage::Content));
    }
    if object.image.as_ref() != Some(image) {
        return Ok(Some(Damage::Image));
    }
    let is_signed = is_signed(aws, object, file, image).await?;
    Ok((!is_signed).then_some(Damage::Signature))
}

/// Whether an object carries our signature as this file of this image.
pub(crate) async fn is_signed(
    aws: &Aws,
    object: &CurrentObject,
    file: &PublishedFile,
    image: &ImageArn,
) -> Result<bool, CallError> {
    signature::is_valid(aws, file, image, object.signature.as_deref()).await
}

/// Whether Image Builder has this image, ready to be launched, and nobody has rejected it. An object may name any
/// image: whoever can write it could otherwise end all publications with a build number that no build will reach.
async fn may_stay(aws: &Aws, image: &ImageArn) -> Result<bool, CallError> {
    let found = match get_image(aws, image).await {
        // An ARN of another account or Region, say.
        Err(error) if !error.fault.is_temporary() => None,
        found => found?.map(|found| found.image),
    };
    Ok(
        found
            .is_some_and(|image| image.state == ImageState::Available && !is_rejected(&image.tags)),
    )
}

/// The error of a publisher whose image a newer one has replaced.
pub(crate) fn superseded() -> CallError {
    let why = "a newer image of the recipe is published";
    CallError::rejected("s3:PutObject", Fault::Busy, why)
}

pub(crate) async fn current_object(
    aws: &Aws,
    key: &str,
) -> Result<Option<CurrentObject>, CallError> {
    const OPERATION: &str = "s3:GetObject";
    let answer = aws
        .s3
        .get_object()
        .bucket(&aws.resources.output_bucket)
        .key(key)
        .send()
        .await;
    let object = match answer.map_err(|error| CallError::new(OPERATION, error)) {
        Err(error) if error.fault == Fault::NotFound => return Ok(None),
        other => other?,
    };
    let metadata = |name| object.metadata()?.get(name);
    let image = metadata(IMAGE_METADATA).and_then(|image| image.parse().ok());
    let signature = metadata(SIGNATURE_METADATA).cloned();
    let etag = object.e_tag.unwrap_or_default();
    let interrupted = |error: ByteStreamError| CallError::interrupted(OPERATION, error);
    let content = beginning(object.body, LARGEST_OUTPUT)
        .await
        .map_err(interrupted)?;
    Ok(Some(CurrentObject {
        etag,
        image,
        signature,
        content,
    }))
}

/// Replaces exactly the object that was read.
async fn replace_object(
    aws: &Aws,
    file: &PublishedFile,
    image: &ImageArn,
    current: Option<CurrentObject>,
) -> Result<(), CallError> {
    let signature = signature::sign(aws, file, image).await?;
    let call = aws
        .s3
        .put_object()
        .bucket(&aws.resources.output_bucket)
        .key(&file.key)
        .content_type("application/json")
        .metadata(IMAGE_METADATA, image.to_string())
        .metadata(SIGNATURE_METADATA, signature)
        .body(file.content.clone().into_bytes().into());
    let call = match current {
        Some(object) => call.if_match(object.etag),
        None => call.if_none_match("*"),
    };
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("s3:PutObject", error))
}

/// A parameter that says what an object says.
struct Parameter<'a> {
    /// The account and the Region that it is in.
    ssm: &'a ssm::Client,
    /// The recipe that it is called after.
    recipe: &'a RecipeName,
    /// The object.
    key: String,
    /// Finds the AMI in the object's content.
    ami: fn(&Aws, &[u8]) -> Option<AmiId>,
}

/// Sets the parameter to what `image.json` says; the image that is published then.
async fn put_parameter(aws: &Aws, change: &Publish) -> Result<Option<ImageArn>, CallError> {
    let key = image_key(&change.recipename);
    let ami = |aws: &Aws, content: &[u8]| published_ami(content, &aws.stack.region);
    sync_parameter(
        aws,
        &Parameter {
            ssm: &aws.ssm,
            recipe: &change.recipename,
            key,
            ami,
        },
    )
    .await
}

/// Sets a parameter to what its object says, and again if that changed meanwhile; the image that the
/// object is of in the end. Parameters know no conditional write, so every publisher writes what the
/// object says and not what it came with: whoever writes last writes the newest.
async fn sync_parameter(
    aws: &Aws,
    parameter: &Parameter<'_>,
) -> Result<Option<ImageArn>, CallError> {
    let mut written = current_object(aws, &parameter.key).await?;
    for _ in 0..MOST_RACES {
        let Some(current) = &written else {
            return Ok(None);
        };
        if let Some(ami) = (parameter.ami)(aws, &current.content) {
            put_ami(aws, parameter, &ami).await?;
        }
        let now = current_object(aws, &parameter.key).await?;
        if now.as_ref().map(|now| &now.etag) == Some(&current.etag) {
            return Ok(now.and_then(|now| now.image));
        }
        written = now;
    }
    Err(overtaken("ssm:PutParameter", &parameter.key))
}

async fn put_ami(aws: &Aws, parameter: &Parameter<'_>, ami: &AmiId) -> Result<(), CallError> {
    let name = parameter_name(&aws.stack.environment, parameter.recipe);
    let description = format!("The newest AMI of {}", parameter.recipe);
    parameter.ssm.put_parameter(&name, &description, ami).await
}
