//! Reads the documents of the stack's bucket: what is there now, and what stays in force when that
//! is wrong.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{
    AMI_VERSIONS, DocumentFile, ENVIRONMENT, LARGEST, Parsed, needed_keys, parse,
    workload_accounts_keys,
};

use crate::Aws;
use crate::fault::{CallError, Fault};

/// How many versions back the last good document is looked for, over all documents.
pub const MOST_STEPS: usize = 100;

/// Why the documents cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    /// The bucket could not be listed.
    #[error("the document bucket was not listed")]
    List(#[source] CallError),
    /// One document could not be read.
    #[error("the document {key} was not read")]
    Read {
        /// Its key.
        key: String,
        /// Why.
        source: CallError,
    },
    /// The versions of one document could not be listed.
    #[error("the versions of the document {key} were not listed")]
    Versions {
        /// Its key.
        key: String,
        /// Why.
        source: CallError,
    },
    /// Every recent version is wrong.
    #[error("none of the last {MOST_STEPS} versions of the documents can be acted upon")]
    NoneUsable,
}

impl DocumentsError {
    /// The call that failed, if one did.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Self::List(source) | Self::Read { source, .. } | Self::Versions { source, .. } => {
                Some(source)
            }
            Self::NoneUsable => None,
        }
    }
}

/// The documents as they were read.
#[derive(Debug, Clone)]
pub struct Documents {
    /// The files.
    pub files: Vec<DocumentFile>,
    /// What they say.
    pub parsed: Parsed,
    /// The `ETag` of each object that was read, by key.
    pub etags: BTreeMap<String, String>,
    /// The commit that the upload of the newest document named.
    pub commit: Option<String>,
}

/// The user metadata of a document that says which commit it came from.
pub const COMMIT_METADATA: &str = "commit";

impl Documents {
    fn new(objects: Vec<Object>) -> Self {
        let etags = objects
            .iter()
            .map(|object| (object.file.key.clone(), object.etag.clone()))
            .collect();
        let newest = objects.iter().max_by_key(|object| object.modified);
        let commit = newest.and_then(|object| object.commit.clone());
        let files: Vec<_> = objects.into_iter().map(|object| object.file).collect();
        let parsed = parse(&files);
        Self {
            files,
            parsed,
            etags,
            commit,
        }
    }

    /// The S3 version of each document, by key.
    pub fn versions(&self) -> BTreeMap<String, String> {
        self.files
            .iter()
            .map(|file| (file.key.clone(), file.version_id.clone()))
            .collect()
    }

    /// The documents that something is wrong with, or that are not there.
    fn unusable(&self) -> BTreeSet<String> {
        match &self.parsed {
            Parsed::Desired(_) => BTreeSet::new(),
            Parsed::Absent(keys) => keys.iter().cloned().collect(),
            Parsed::Rejected(problems) => problems
                .first()
                .iter()
                .map(|problem| problem.file.clone())
                .collect(),
        }
    }
}

/// The documents as they are now.
pub async fn current(aws: &Aws) -> Result<Documents, DocumentsError> {
    read(aws, &BTreeMap::new()).await
}

/// The documents as they would be if those in `given`, texts by key, were uploaded now: the other
/// documents in the bucket stay, since several repositories may each bring some. The `ETag`s are those of
/// what is in the bucket today.
pub async fn with(
    aws: &Aws,
    given: &BTreeMap<String, String>,
) -> Result<Documents, DocumentsError> {
    let mut documents = current(aws).await?;
    if given.is_empty() {
        return Ok(documents);
    }
    for key in given.keys() {
        if !documents.etags.contains_key(key) {
            let object = object(aws, key, None).await?;
            documents
                .etags
                .extend(object.map(|object| (key.clone(), object.etag)));
        }
    }
    documents
        .files
        .retain(|file| !given.contains_key(&file.key));
    documents
        .files
        .extend(given.iter().map(|(key, text)| given_file(key, text)));
    for key in needed_keys(&documents.files) {
        if let Some(object) = object(aws, &key, None).await? {
            documents.etags.insert(key, object.etag);
            documents.files.push(object.file);
        }
    }
    documents.parsed = parse(&documents.files);
    // What was given comes from no commit that we know of.
    documents.commit = None;
    Ok(documents)
}

fn given_file(key: &str, text: &str) -> DocumentFile {
    let (bytes, version_id) = (text.as_bytes().to_vec(), "given".to_owned());
    DocumentFile {
        key: key.to_owned(),
        version_id,
        size: bytes.len() as u64,
        bytes,
    }
}

/// What stays in force: what the documents say, and the S3 version of each.
pub type InForce = (Box<Desired>, BTreeMap<String, String>);

/// The newest documents that can be acted upon: where `current` is wrong or not there, the version
/// before it, and so on; `None` if there never was a good one. `refused` names the documents that may
/// not be acted upon although they parsed.
///
/// Errors: [`DocumentsError::NoneUsable`] if the last [`MOST_STEPS`] versions are all wrong.
pub async fn in_force(
    aws: &Aws,
    current: &Documents,
    refused: impl Fn(&Desired) -> BTreeSet<String>,
) -> Result<Option<InForce>, DocumentsError> {
    let mut documents = current.clone();
    let mut histories = Histories::default();
    for _ in 0..MOST_STEPS {
        let unusable = match &documents.parsed {
            Parsed::Desired(desired) => refused(desired),
            Parsed::Absent(_) | Parsed::Rejected(_) => documents.unusable(),
        };
        match documents.parsed {
            Parsed::Desired(ref desired) if unusable.is_empty() => {
                return Ok(Some((desired.clone(), documents.versions())));
            }
            Parsed::Desired(_) | Parsed::Absent(_) | Parsed::Rejected(_) => {}
        }
        if !histories.step_back(aws, &documents, unusable).await? {
            return Ok(None);
        }
        documents = read(aws, &histories.pinned).await?;
    }
    Err(DocumentsError::NoneUsable)
}

/// The workload accounts documents that were deleted: S3 has versions of them, and they are not among those
/// that are `present`. The accounts in them have not left; an empty document, `{}`, says that they have.
///
/// Costs a call for each name of a Region's document, so it is only asked before something is taken away.
pub(crate) async fn deleted(
    aws: &Aws,
    desired: &Desired,
    present: &BTreeSet<String>,
) -> Result<BTreeSet<String>, CallError> {
    let mut deleted = BTreeSet::new();
    for keys in desired.regions.keys().map(workload_accounts_keys) {
        if keys.iter().any(|key| present.contains(key)) {
            continue;
        }
        for key in keys {
            if !earlier(aws, &key, None).await?.is_empty() {
                deleted.insert(key);
            }
        }
    }
    Ok(deleted)
}

/// What the documents in force ask for, including `pause`: a bad upload after a pause does not end it.
pub async fn desired_in_force(aws: &Aws) -> Result<Option<Box<Desired>>, DocumentsError> {
    let in_force = in_force(aws, &current(aws).await?, |_| BTreeSet::new()).await?;
    Ok(in_force.map(|(desired, _)| desired))
}

/// How far back each document has been looked for.
#[derive(Default)]
struct Histories {
    /// Versions that were not tried yet, the newest last.
    earlier: BTreeMap<String, Vec<String>>,
    /// The versions to read instead of the newest.
    pinned: BTreeMap<String, String>,
}

impl Histories {
    /// Goes to the version before for each of `keys`; whether all of them have one.
    async fn step_back(
        &mut self,
        aws: &Aws,
        documents: &Documents,
        keys: BTreeSet<String>,
    ) -> Result<bool, DocumentsError> {
        for key in keys {
            if !self.earlier.contains_key(&key) {
                let current = documents.versions().remove(&key);
                let versions = earlier(aws, &key, current.as_deref()).await;
                let versions = versions.map_err(|source| DocumentsError::Versions {
                    key: key.clone(),
                    source,
                })?;
                self.earlier.insert(key.clone(), versions);
            }
            let Some(version) = self.earlier.get_mut(&key).and_then(Vec::pop) else {
                return Ok(false);
            };
            self.pinned.insert(key, version);
        }
        Ok(true)
    }
}

/// Reads both main documents, then what they name; `pinned` versions instead of the newest.
async fn read(aws: &Aws, pinned: &BTreeMap<String, String>) -> Result<Documents, DocumentsError> {
    let get = |key: String| async move { object(aws, &key, pinned.get(&key)).await };
    let (environment, ami_versions, listed) = tokio::try_join!(
        get(ENVIRONMENT.to_owned()),
        get(AMI_VERSIONS.to_owned()),
        listed(aws)
    )?;
    let mut objects: Vec<Object> = environment.into_iter().chain(ami_versions).collect();
    let files: Vec<_> = objects.iter().map(|object| object.file.clone()).collect();
    let is_there = |key: &String| {
        pinned.contains_key(key) || listed.as_ref().is_none_or(|listed| listed.contains(key))
    };
    for key in needed_keys(&files).into_iter().filter(is_there) {
        objects.extend(get(key).await?);
    }
    Ok(Documents::new(objects))
}

/// The keys in the bucket, in one call: workload accounts have four names in each Region, and asking
/// for each would cost more. `None` if there are more than a page of them, so that a bucket which
/// holds a million other objects costs no thousand calls.
async fn listed(aws: &Aws) -> Result<Option<BTreeSet<String>>, DocumentsError> {
    let answer = aws
        .s3
        .list_objects_v2()
        .bucket(&aws.resources.document_bucket)
        .send()
        .await;
    let page =
        answer.map_err(|error| DocumentsError::List(CallError::new("s3:ListObjectsV2", error)))?;
    let keys = page
        .contents()
        .iter()
        .filter_map(|object| object.key().map(str::to_owned));
    Ok((page.is_truncated() != Some(true)).then(|| keys.collect()))
}

/// A document, with what its bucket says of it.
struct Object {
    file: DocumentFile,
    etag: String,
    /// When it was uploaded, in milliseconds since 1970.
    modified: Option<i64>,
    commit: Option<String>,
}

/// One document, or none if it is not there.
async fn object(
    aws: &Aws,
    key: &str,
    version: Option<&String>,
) -> Result<Option<Object>, DocumentsError> {
    match get(aws, key, version).await {
        Err(error) if error.fault == Fault::NotFound => Ok(None),
        Err(source) => Err(DocumentsError::Read {
            key: key.to_owned(),
            source,
        }),
        Ok(object) => Ok(Some(object)),
    }
}

async fn get(aws: &Aws, key: &str, version: Option<&String>) -> Result<Object, CallError> {
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
    let commit = object
        .metadata()
        .and_then(|metadata| metadata.get(COMMIT_METADATA).cloned());
    let modified = object.last_modified.and_then(|time| time.to_millis().ok());
    let etag = object.e_tag.clone().unwrap_or_default();
    let bytes = beginning(object.body)
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
    })
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
    let call = aws
        .s3
        .list_object_versions()
        .bucket(&aws.resources.document_bucket)
        .prefix(key)
        .send()
        .await;
    let answer = call.map_err(|error| CallError::new("s3:ListObjectVersions", error))?;
    let of_key = answer
        .versions()
        .iter()
        .filter(|version| version.key() == Some(key));
    let ids = of_key.filter_map(|version| version.version_id().map(str::to_owned));
    let mut earlier: Vec<String> = ids.filter(|id| Some(id.as_str()) != current).collect();
    earlier.reverse();
    Ok(earlier)
}
