//! The documents that have to be uploaded, and their upload.

use std::collections::BTreeMap;

use goldsmith_aws::etag::is_surely;
use goldsmith_aws::operator::{Operator, Upload};
use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT};
use goldsmith_domain::review::DocumentEtags;

use super::Planned;
use super::error::ApplyError;
use crate::printer::Printer;

/// The documents that may differ from those in the bucket, in the order of their upload: each upload
/// triggers a run, so a document comes before those that name it.
pub fn pending<'f>(files: &'f [DocumentFile], current: &DocumentEtags) -> Vec<&'f DocumentFile> {
    let is_current = |file: &DocumentFile| {
        current
            .etags
            .get(&file.key)
            .is_some_and(|etag| is_surely(etag, &file.bytes))
    };
    let mut pending: Vec<&DocumentFile> = files.iter().filter(|file| !is_current(file)).collect();
    pending.sort_by_key(|file| (file.key == AMI_VERSIONS, file.key == ENVIRONMENT, &file.key));
    pending
}

/// Uploads documents one after the other. Each replaces only the version that the plan was made for.
///
/// Errors: [`ApplyError::Upload`] for the first document that was not uploaded.
pub async fn all(
    operator: &Operator,
    pending: &[&DocumentFile],
    planned: &Planned,
    metadata: &BTreeMap<String, String>,
    printer: Printer,
) -> Result<(), ApplyError> {
    let Planned {
        review, documents, ..
    } = planned;
    for (done, file) in pending.iter().enumerate() {
        let upload = Upload {
            bucket: &documents.bucket,
            owner: review.stack.account.as_str(),
            key: &file.key,
            content: &file.bytes,
            replaces: documents.etags.get(&file.key).map(String::as_str),
            metadata,
        };
        let uploaded = printer
            .with_progress(&format!("uploading {}", file.key), operator.upload(&upload))
            .await;
        let key = file.key.clone();
        uploaded.map_err(|source| ApplyError::Upload {
            key,
            done,
            of: pending.len(),
            source,
        })?;
        printer.stderr(&format!("uploaded {}", file.key));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(key: &str) -> DocumentFile {
        DocumentFile {
            key: key.to_owned(),
            version_id: String::new(),
            size: 3,
            bytes: b"abc".to_vec(),
        }
    }

    #[test]
    fn a_document_is_uploaded_before_those_that_name_it_and_only_if_it_differs() {
        let files = [
            ENVIRONMENT,
            AMI_VERSIONS,
            "components/b.yml",
            "components/a.yml",
        ]
        .map(file);
        // The MD5 of "abc", RFC 1321.
        let etags = [
            ("components/b.yml", "\"900150983cd24fb0d6963f7d28e17f72\""),
            (ENVIRONMENT, "\"of-kms\""),
        ];
        let etags = etags
            .map(|(key, etag)| (key.to_owned(), etag.to_owned()))
            .into();
        let current = DocumentEtags {
            bucket: "b".to_owned(),
            etags,
        };
        let keys: Vec<&str> = pending(&files, &current)
            .iter()
            .map(|file| file.key.as_str())
            .collect();
        assert_eq!(keys, ["components/a.yml", ENVIRONMENT, AMI_VERSIONS]);
    }
}
