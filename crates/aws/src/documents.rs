//! Reads the documents of the stack's bucket: what is there now, and what stays in force when that
//! is wrong.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{
    AMI_VERSIONS, DocumentFile, ENVIRONMENT, LARGEST, Parsed, needed_keys, parse,
};

use crate::Aws;
use crate::fault::{CallError, Fault};

/// How many versions back the last good document is looked for, over all documents.
const MOST_STEPS: usize = 20;

/// The documents as they were read.
#[derive(Debug, Clone)]
pub struct Documents {
    /// The files.
    pub files: Vec<DocumentFile>,
    /// What they say.
    pub parsed: Parsed,
}

impl Documents {
    fn new(files: Vec<DocumentFile>) -> Self {
        let parsed = parse(&files);
        Self { files, parsed }
    }

    /// The S3 version of each document, by key.
    pub fn versions(&self) -> BTreeMap<String, String> {
        self.files.iter().map(|file| (file.key.clone(), file.version_id.clone())).collect()
    }

    /// The documents that something is wrong with, or that are not there.
    fn unusable(&self) -> BTreeSet<String> {
        match &self.parsed {
            Parsed::Desired(_) => BTreeSet::new(),
            Parsed::Absent(keys) => keys.iter().cloned().collect(),
            Parsed::Rejected(problems) => {
                problems.first().iter().map(|problem| problem.file.clone()).collect()
            }
        }
    }
}

/// The documents as they are now.
pub async fn current(aws: &Aws) -> Result<Documents, CallError> {
    read(aws, &BTreeMap::new()).await
}

/// The newest documents that can be acted upon: where `current` is wrong or not there, the version
/// before it, and so on; `None` if there never was a good one.
pub async fn in_force(
    aws: &Aws,
    current: &Documents,
) -> Result<Option<(Box<Desired>, BTreeMap<String, String>)>, CallError> {
    let mut documents = current.clone();
    let mut histories: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut pinned = BTreeMap::new();
    for _ in 0..MOST_STEPS {
        if let Parsed::Desired(desired) = &documents.parsed {
            return Ok(Some((desired.clone(), documents.versions())));
        }
        for key in documents.unusable() {
            if !histories.contains_key(&key) {
                let current = documents.versions().remove(&key);
                histories.insert(key.clone(), earlier(aws, &key, current.as_deref()).await?);
            }
            let Some(version) = histories.get_mut(&key).and_then(Vec::pop) else { return Ok(None) };
            pinned.insert(key, version);
        }
        documents = read(aws, &pinned).await?;
    }
    Ok(None)
}

/// Reads both main documents, then what they name; `pinned` versions instead of the newest.
async fn read(aws: &Aws, pinned: &BTreeMap<String, String>) -> Result<Documents, CallError> {
    let get = |key: String| async move { object(aws, &key, pinned.get(&key)).await };
    let (environment, ami_versions) =
        tokio::try_join!(get(ENVIRONMENT.to_owned()), get(AMI_VERSIONS.to_owned()))?;
    let mut files: Vec<DocumentFile> = environment.into_iter().chain(ami_versions).collect();
    for key in needed_keys(&files) {
        files.extend(get(key).await?);
    }
    Ok(Documents::new(files))
}

/// One document, or none if it is not there.
async fn object(aws: &Aws, key: &str, version: Option<&String>) -> Result<Option<DocumentFile>, CallError> {
    const OPERATION: &str = "s3:GetObject";
    let call =
        aws.s3.get_object().bucket(&aws.names.document_bucket).key(key).set_version_id(version.cloned());
    let object = match call.send().await.map_err(|error| CallError::new(OPERATION, &error)) {
        Err(error) if error.fault == Fault::NotFound => return Ok(None),
        other => other?,
    };
    let interrupted =
        |error: ByteStreamError| CallError::local(OPERATION, Fault::Transient, error.to_string());
    let bytes = beginning(object.body).await.map_err(interrupted)?;
    let told = object.content_length.and_then(|length| u64::try_from(length).ok());
    let size = told.unwrap_or(bytes.len() as u64);
    let version_id = object.version_id.unwrap_or_default();
    Ok(Some(DocumentFile { key: key.to_owned(), version_id, size, bytes }))
}

/// The content of an object, or as much of it as shows that it is too large: whoever uploads 100 MB
/// must not make us hold them.
async fn beginning(mut body: ByteStream) -> Result<Vec<u8>, ByteStreamError> {
    let mut bytes = Vec::new();
    while bytes.len() <= LARGEST
        && let Some(chunk) = body.next().await
    {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}

/// The versions of a document before `current`, oldest first; all of them if it has none now.
async fn earlier(aws: &Aws, key: &str, current: Option<&str>) -> Result<Vec<String>, CallError> {
    let call = aws.s3.list_object_versions().bucket(&aws.names.document_bucket).prefix(key).send().await;
    let answer = call.map_err(|error| CallError::new("s3:ListObjectVersions", &error))?;
    let of_key = answer.versions().iter().filter(|version| version.key() == Some(key));
    let ids = of_key.filter_map(|version| version.version_id().map(str::to_owned));
    let mut earlier: Vec<String> = ids.filter(|id| Some(id.as_str()) != current).collect();
    earlier.reverse();
    Ok(earlier)
}
