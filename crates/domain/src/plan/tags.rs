//! The tags by which resources tell what a plan has to know of them.

use crate::arn::{ImageArn, Version, VersionArn};
use crate::licence::Licence;
use crate::names::Digest;
use crate::observed::{Pipeline, Tags};
use crate::promotion::ImageVersion;
use crate::proof::LeftOut;
use crate::scan::ImageScan;
use crate::stack::DIGEST_TAG;

/// The pipeline's tag for the image that is published: it is read with the pipelines, so that
/// looking for missed publications costs no call.
pub const PUBLISHED_TAG: &str = "goldsmith:published";
/// The pipeline's tag for the image that was published before the one that is.
pub const PREVIOUS_TAG: &str = "goldsmith:previous";
/// The pipeline's tag for the manifest that is written: a digest of what it says, and the MD5 of the object. A list of
/// the bucket tells that, so that looking for damage costs no call.
pub const MANIFEST_TAG: &str = "goldsmith:manifest";
/// The pipeline's tag for an image that consumers were proved able to use before it was published, and for the accounts
/// that were left out.
pub const PROVED_TAG: &str = "goldsmith:proved";
/// The pipeline's tag for the licence of what it builds: `<recipe version>/<licence>`.
pub const LICENCE_TAG: &str = "goldsmith:licence";
/// The pipeline's tag for the copies that are published: a digest of
/// [`PublishCopies::copies`](super::PublishCopies::copies).
pub const PUBLISHED_COPIES_TAG: &str = "goldsmith:published-copies";
/// The pipeline's tag for the recipe version that its digest stands for: a pipeline that was
/// repointed by hand differs from it.
const RECIPE_TAG: &str = "goldsmith:recipe";

/// The pipeline's tag for the scan that it was brought to.
const SCAN_TAG: &str = "goldsmith:scan";

/// The pipeline's tag for a scheduled build that found no room: its cause, and nothing once it was started.
pub(super) const OWED_TAG: &str = "goldsmith:owed-build";
/// The value of such a tag once nothing is left of what it said; Image Builder keeps a tag until it is deleted.
const SETTLED: &str = "none";

/// The tags of a pipeline whose scheduled build, for `cause`, found no room among the builds that the account
/// may run at once.
pub fn owed_build(cause: &str) -> Tags {
    [(OWED_TAG.to_owned(), cause.to_owned())].into()
}

/// The tags of a pipeline whose owed build was started.
pub(super) fn settled_build() -> Tags {
    owed_build(SETTLED)
}

/// The image that a pipeline says is published.
pub fn published_tag(pipeline: &Pipeline) -> Option<ImageArn> {
    pipeline.tags.get(PUBLISHED_TAG)?.parse().ok()
}

/// The accounts that `image` was published without; nothing if the pipeline does not say that consumers were asked.
pub(super) fn proved_tag(pipeline: &Pipeline, image: &ImageArn) -> Option<LeftOut> {
    let tag = pipeline.tags.get(PROVED_TAG)?;
    LeftOut::from_tag(tag, &ImageVersion::from(image).to_string())
}

/// The cause of the scheduled build that a pipeline is owed.
pub(super) fn owed_cause(pipeline: &Pipeline) -> Option<&str> {
    let cause = pipeline.tags.get(OWED_TAG)?;
    Some(cause.as_str()).filter(|cause| *cause != SETTLED)
}

/// The tag of a failed image of which nothing is left but itself.
pub const CLEANED_UP_TAG: &str = "goldsmith:cleaned-up";
/// The tag of an image whose AMIs and snapshots have their labels: what the documents say of them.
pub const LABELLED_TAG: &str = "goldsmith:labelled";
/// The tag of an AMI and its snapshots for the version that people give it, as users of the image framework have it.
pub(super) const VERSION_TAG: &str = "version";
/// The tag for the page of the build that uploaded the documents.
pub(super) const BUILD_URL_TAG: &str = "build_url";
/// The tag for the day on which the AMI expires.
pub const EXPIRY_TAG: &str = "expiry_date";
/// The tag for the commit of the documents.
pub(super) const COMMIT_TAG: &str = "goldsmith:commit";
/// The tag of an image that is built instead of one that failed: that one's ARN.
pub(super) const INSTEAD_OF_TAG: &str = "goldsmith:instead-of";
/// The tag of an image that counts its retries.
pub const RETRIES_TAG: &str = "goldsmith:retries";
/// The tag of an image that was made to copy another one: that one's ARN.
pub const COPIES_OF_TAG: &str = "goldsmith:copies-of";
/// The tag of an image that copies another one: for whom, a word or an account.
pub(super) const COPIES_FOR_TAG: &str = "goldsmith:copies-for";
/// The tag of an image that copies another one: the distribution configuration that it was made with.
pub(super) const DISTRIBUTION_TAG: &str = "goldsmith:distribution";

/// The tag of everything in an account that was made to build an image of ours again: that one's ARN.
pub const REBUILD_OF_TAG: &str = "goldsmith:rebuild-of";
/// The tag beside it that tells which attempt it was made for.
pub const REBUILD_ATTEMPT_TAG: &str = "goldsmith:rebuild-attempt";
/// The pipeline's tag for what accounts have built again: a digest of what is published of it.
pub const REBUILT_TAG: &str = "goldsmith:rebuilt";
/// The pipeline's tag for the places in which something is left of such builds, as `<account>:<Region>`.
pub const REBUILDING_TAG: &str = "goldsmith:rebuilding";

/// The tags that say which content a pipeline has been brought to. They are set after it was: a run
/// that is cut off leaves a pipeline that is looked into again.
pub(super) fn satisfaction_tags(recipe: &VersionArn, digest: &Digest) -> Tags {
    [
        (DIGEST_TAG, digest.to_string()),
        (RECIPE_TAG, recipe.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// Whether a run had brought the pipeline to this content: somebody else changed what differs now.
pub(super) fn is_satisfied(pipeline: &Pipeline, recipe: &VersionArn, digest: &Digest) -> bool {
    satisfaction_tags(recipe, digest)
        .iter()
        .all(|(key, value)| pipeline.tags.get(key) == Some(value))
}

/// The recipe version of a pipeline, if its tags say that it has the content with this digest.
pub(super) fn current_version_of(pipeline: &Pipeline, digest: &Digest) -> Option<VersionArn> {
    let recipe = pipeline.recipe.clone()?;
    is_satisfied(pipeline, &recipe, digest).then_some(recipe)
}

/// The tag that says how a pipeline was made to scan its images, as a digest. A pipeline that never scanned has none,
/// so that documents without a scan change nothing.
pub(super) fn scan_tag(pipeline: Option<&Pipeline>, scan: Option<ImageScan>) -> Tags {
    let has_tag = pipeline.is_some_and(|pipeline| pipeline.tags.contains_key(SCAN_TAG));
    let none = has_tag.then(|| SETTLED.to_owned());
    let value = scan.map(|scan| scan.digest().to_string()).or(none);
    let tag = value.map(|value| (SCAN_TAG.to_owned(), value));
    tag.into_iter().collect()
}

/// Whether a run had made the pipeline scan like this: somebody else changed what differs now.
pub(super) fn is_scanned_as(pipeline: &Pipeline, scan: Option<ImageScan>) -> bool {
    let tagged = pipeline.tags.get(SCAN_TAG);
    let tagged = tagged.filter(|digest| *digest != SETTLED);
    tagged.cloned() == scan.map(|scan| scan.digest().to_string())
}

/// The tag for the licence of a recipe version's images; none if the licence is not known.
pub(super) fn licence_tag(version: Version, licence: &Licence) -> Tags {
    let value = licence
        .to_tag()
        .map(|licence| format!("{version}/{licence}"));
    value
        .map(|value| (LICENCE_TAG.to_owned(), value))
        .into_iter()
        .collect()
}

/// The licence that a pipeline's tag gives for the images of this version.
pub(super) fn tagged_licence(pipeline: &Pipeline, version: Version) -> Option<Licence> {
    let (of, licence) = pipeline.tags.get(LICENCE_TAG)?.split_once('/')?;
    Licence::from_tag(licence).filter(|_| of == version.to_string())
}
