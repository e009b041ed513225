//! Uploads documents, each over exactly what was planned against.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;

use super::Operator;
use crate::Aws;
use crate::fault::CallError;

/// One document to upload.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// The bucket of the documents.
    pub bucket: &'a str,
    /// The account that owns the bucket: another account's bucket of that name is not written to.
    pub owner: &'a str,
    /// The document's key.
    pub key: &'a str,
    /// Its content.
    pub content: &'a [u8],
    /// The `ETag` of the object that it replaces; none for a new one.
    pub replaces: Option<&'a str>,
    /// What is remembered with the object: the commit, the build.
    pub metadata: &'a BTreeMap<String, String>,
}

impl Operator {
    /// Uploads a document, unless another one than `replaces` is there by now.
    ///
    /// Errors: [`Fault::Conflict`](crate::fault::Fault::Conflict) if so. An attempt whose answer was
    /// lost is made again, and then meets what it wrote itself: the caller looks again in any case.
    pub async fn upload(&self, upload: &Upload<'_>) -> Result<(), CallError> {
        let call = self
            .s3
            .put_object()
            .bucket(upload.bucket)
            .expected_bucket_owner(upload.owner)
            .key(upload.key)
            .content_type(content_type(upload.key))
            .set_metadata(Some(upload.metadata.clone().into_iter().collect()))
            .body(upload.content.to_vec().into());
        let call = match upload.replaces {
            Some(etag) => call.if_match(etag),
            None => call.if_none_match("*"),
        };
        call.send()
            .await
            .map(drop)
            .map_err(|error| CallError::new("s3:PutObject", error))
    }
}

/// A version of a document in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// The document.
    pub key: String,
    /// Its version.
    pub version: String,
    /// When it was stored, RFC 3339 in UTC with milliseconds, as reports have it.
    pub time: String,
    /// Whether it is a deletion.
    pub is_deletion: bool,
    /// What the upload says of itself: commit, build, uploader. Whoever may upload can write anything there.
    pub metadata: BTreeMap<String, String>,
}

/// What was uploaded last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uploads {
    /// The newest versions of all documents, newest first.
    pub newest: Vec<Uploaded>,
    /// Whether there were more pages than are read, so that newer versions may be missing.
    pub is_cut: bool,
}

/// How many pages of versions are read at most: one more for each thousand versions, and for each document that
/// has many.
const MOST_PAGES: usize = 20;

/// The newest versions of all documents, at most `most`.
///
/// S3 lists keys in order, and the versions of each from the newest on (S3 API reference, `ListObjectVersions`).
/// Once a document has shown `most` versions, the rest of it is passed over.
pub async fn uploads(aws: &Aws, most: usize) -> Result<Uploads, CallError> {
    let bucket = &aws.resources.document_bucket;
    let mut all = Vec::new();
    let mut next = Some(Marker::default());
    for _ in 0..MOST_PAGES {
        let Some(Marker { key, version }) = next.take() else {
            break;
        };
        let call = aws.s3.list_object_versions().bucket(bucket);
        let call = call.set_key_marker(key).set_version_id_marker(version);
        let page = call.send().await;
        let page = page.map_err(|error| CallError::new("s3:ListObjectVersions", error))?;
        all.extend(versions(&page));
        next = Marker::after(&page, &all, most);
    }
    all.sort_by(|one, other| (&other.time, &one.key).cmp(&(&one.time, &other.key)));
    all.truncate(most);
    for one in all.iter_mut().filter(|one| !one.is_deletion) {
        let call = aws.s3.head_object().bucket(bucket);
        let head = call.key(&one.key).version_id(&one.version).send().await;
        let head = head.map_err(|error| CallError::new("s3:HeadObject", error))?;
        one.metadata = head
            .metadata()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .collect();
    }
    Ok(Uploads {
        newest: all,
        is_cut: next.is_some(),
    })
}

/// Where a page of versions begins: behind this version, or behind all of the key's.
#[derive(Default)]
struct Marker {
    key: Option<String>,
    version: Option<String>,
}

impl Marker {
    /// Where the page behind `page` begins that can still add to the answer; none if there is none.
    fn after(page: &ListObjectVersionsOutput, all: &[Uploaded], most: usize) -> Option<Self> {
        let key = page
            .next_key_marker()
            .filter(|_| page.is_truncated() == Some(true))?;
        let shown = all.iter().filter(|one| one.key == key).count();
        let version = page.next_version_id_marker().filter(|_| shown < most);
        Some(Self {
            key: Some(key.to_owned()),
            version: version.map(str::to_owned),
        })
    }
}

/// The versions on a page, deletions among them.
fn versions(page: &ListObjectVersionsOutput) -> impl Iterator<Item = Uploaded> {
    let stored = page.versions().iter().map(|version| {
        let time = version.last_modified();
        uploaded(version.key(), version.version_id(), time, false)
    });
    let deleted = page.delete_markers().iter().map(|marker| {
        let time = marker.last_modified();
        uploaded(marker.key(), marker.version_id(), time, true)
    });
    stored.chain(deleted).flatten()
}

fn uploaded(
    key: Option<&str>,
    version: Option<&str>,
    time: Option<&aws_sdk_s3::primitives::DateTime>,
    is_deletion: bool,
) -> Option<Uploaded> {
    let time = jiff::Timestamp::from_second(time?.secs()).ok()?;
    Some(Uploaded {
        key: key?.to_owned(),
        version: version?.to_owned(),
        time: format!("{time:.3}"),
        is_deletion,
        metadata: BTreeMap::new(),
    })
}

fn content_type(key: &str) -> &'static str {
    if std::path::Path::new(key)
        .extension()
        .is_some_and(|ending| ending == "json")
    {
        "application/json"
    } else {
        "application/yaml"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_json_or_yaml() {
        assert_eq!(content_type("ami-versions.json"), "application/json");
        assert_eq!(content_type("components/harden.yml"), "application/yaml");
    }
}
