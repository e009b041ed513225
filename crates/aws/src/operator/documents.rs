//! Uploads documents, each over exactly what was planned against.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use md5::{Digest as _, Md5};

use super::Operator;
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

/// Whether an object with this `ETag` surely has this content: of an object that was put in one piece
/// and not encrypted by KMS it is the MD5 of the content (S3 API reference, `Object`). Of another one
/// this is unknown, and the answer is no.
pub fn is_surely(etag: &str, content: &[u8]) -> bool {
    let mut hex = String::new();
    for byte in Md5::digest(content) {
        let _ = write!(hex, "{byte:02x}");
    }
    etag.trim_matches('"') == hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_that_is_no_md5_proves_nothing() {
        // RFC 1321, A.5: MD5 ("abc").
        assert!(is_surely("\"900150983cd24fb0d6963f7d28e17f72\"", b"abc"));
        assert!(!is_surely("\"900150983cd24fb0d6963f7d28e17f72\"", b"abd"));
        assert!(!is_surely("\"900150983cd24fb0d6963f7d28e17f72-1\"", b"abc"));
    }

    #[test]
    fn documents_are_json_or_yaml() {
        assert_eq!(content_type("ami-versions.json"), "application/json");
        assert_eq!(content_type("components/harden.yml"), "application/yaml");
    }
}
