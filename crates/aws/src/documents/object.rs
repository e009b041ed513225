//! One object of the document bucket.

use goldsmith_domain::document::{DocumentFile, LARGEST};

use crate::Aws;
use crate::body::beginning;
use crate::document_set::Object;
use crate::fault::CallError;

/// The user metadata of a document that says which commit it came from.
pub const COMMIT_METADATA: &str = "commit";
/// The user metadata of a document that has the page of the build which uploaded it.
const BUILD_METADATA: &str = "build-url";

/// An object of the document bucket.
pub(super) async fn get(
    aws: &Aws,
    key: &str,
    version: Option<&String>,
) -> Result<Object, CallError> {
    const OPERATION: &str = "s3:GetObject";
    let call = aws
        .s3
        .get_object()
        .bucket(&aws.resources.document_bucket)
        .key(key)
        .set_version_id(version.cloned());
    let object = call
        .send()
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    let said = |name: &str| object.metadata()?.get(name).cloned();
    let (commit, build_url) = (said(COMMIT_METADATA), said(BUILD_METADATA));
    let modified = object.last_modified.and_then(|time| time.to_millis().ok());
    let etag = object.e_tag.clone().unwrap_or_default();
    let bytes = beginning(object.body, LARGEST)
        .await
        .map_err(|error| CallError::interrupted(OPERATION, error))?;
    let length = object
        .content_length
        .and_then(|length| u64::try_from(length).ok());
    let file = DocumentFile {
        key: key.to_owned(),
        version_id: object.version_id.unwrap_or_default(),
        size: length.unwrap_or(bytes.len() as u64),
        bytes,
    };
    Ok(Object {
        file,
        etag,
        modified,
        commit,
        build_url,
    })
}
