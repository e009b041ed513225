//! The documents that have to be uploaded, and their upload.

use std::collections::BTreeMap;

use goldsmith_aws::operator::{Operator, Upload, is_surely};
use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT};
use goldsmith_domain::review::DocumentEtags;

use super::Planned;
use crate::failure::Failure;
use crate::voice::Voice;

/// The documents that do not surely stand in the bucket as they are, in the order in which they go
/// there: each upload triggers a run, so what is named comes before what names it.
pub fn pending<'f>(files: &'f [DocumentFile], standing: &DocumentEtags) -> Vec<&'f DocumentFile> {
    let stands = |file: &DocumentFile| {
        standing
            .etags
            .get(&file.key)
            .is_some_and(|etag| is_surely(etag, &file.bytes))
    };
    let mut pending: Vec<&DocumentFile> = files.iter().filter(|file| !stands(file)).collect();
    pending.sort_by_key(|file| (file.key == AMI_VERSIONS, file.key == ENVIRONMENT, &file.key));
    pending
}

/// Uploads them one after the other, each over exactly what was planned against.
///
/// Errors: [`Failure::Upload`] with the first that was not uploaded.
pub async fn all(
    operator: &Operator,
    pending: &[&DocumentFile],
    planned: &Planned,
    metadata: &BTreeMap<String, String>,
    voice: Voice,
) -> Result<(), Failure> {
    let Planned { review, standing } = planned;
    for (done, file) in pending.iter().enumerate() {
        let upload = Upload {
            bucket: &standing.bucket,
            owner: review.stack.account.as_str(),
            key: &file.key,
            content: &file.bytes,
            replaces: standing.etags.get(&file.key).map(String::as_str),
            metadata,
        };
        let uploaded = voice
            .during(&format!("uploading {}", file.key), operator.upload(&upload))
            .await;
        let key = file.key.clone();
        uploaded.map_err(|source| Failure::Upload {
            key,
            done,
            of: pending.len(),
            source,
        })?;
        voice.say(&format!("uploaded {}", file.key));
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
    fn what_is_named_goes_before_what_names_it_and_what_stands_stays() {
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
        let standing = DocumentEtags {
            bucket: "b".to_owned(),
            etags,
        };
        let keys: Vec<&str> = pending(&files, &standing)
            .iter()
            .map(|file| file.key.as_str())
            .collect();
        assert_eq!(keys, ["components/a.yml", ENVIRONMENT, AMI_VERSIONS]);
    }
}
