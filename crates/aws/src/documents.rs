//! Reads the documents of the stack's bucket: what is there now, and what stays in force when that
//! is wrong.

mod history;
mod in_force;
mod object;

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{
    AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, WaiversKey, needed_keys, parse,
    workload_accounts_keys,
};
use goldsmith_domain::problem::{Place, Problem};
use history::{Pin, earlier};
pub use in_force::{AccessInForce, InForce, access_in_force, desired_in_force, in_force};
pub use object::COMMIT_METADATA;
use object::get;

use crate::Aws;
use crate::at_once::read_each;
pub use crate::document_set::Documents;
use crate::document_set::Object;
use crate::fault::{CallError, Fault};
use crate::kept::{Listing, Standing};

/// How many versions back the last good document is looked for, over all documents.
pub const MOST_STEPS: usize = 100;

/// How many documents are read. An account has at most 1,000 components of its own in a Region (Image Builder's
/// quotas), so no more documents than that can all be of use, and a bucket tells their names in one answer. Each
/// costs a call: 50,000 of them kept a function busy for most of a minute.
pub const MOST_DOCUMENTS: usize = 1000;

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
    if let Some(problem) = too_many("the request", given.len()) {
        documents.parsed = Parsed::Rejected(problem.into());
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
    documents.replaced = Some(documents.files.clone());
    documents
        .files
        .retain(|file| !given.contains_key(&file.key));
    documents
        .files
        .extend(given.iter().map(|(key, text)| given_file(key, text)));
    let needed = needed_keys(&documents.files);
    documents.parsed = if let Some(problem) = too_many(ENVIRONMENT, needed.len()) {
        Parsed::Rejected(problem.into())
    } else {
        let needed = needed.into_iter().collect();
        for object in objects(aws, needed, &BTreeMap::new()).await? {
            documents.add(object);
        }
        parse(&documents.files)
    };
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

/// Reads both main documents, then what they name; what is `pinned` instead of the newest. What the bucket says
/// is as it was when this process read it last is not read again.
async fn read(aws: &Aws, pinned: &BTreeMap<String, Pin>) -> Result<Documents, DocumentsError> {
    let listing = listed(aws).await?;
    let again = listing.as_ref().filter(|_| pinned.is_empty());
    if let Some(documents) = again.and_then(|listing| aws.kept.documents(listing)) {
        return Ok(documents);
    }
    let mut documents = read_listed(aws, listing.as_ref(), pinned).await?;
    let keys = listing.iter().flat_map(|listing| listing.keys());
    let waivers = keys.filter(|key| WaiversKey::of(key).is_some());
    documents.waivers = waivers.cloned().collect();
    if let Some(listing) = listing.filter(|_| pinned.is_empty()) {
        aws.kept.keep(listing, &documents);
    }
    Ok(documents)
}

async fn read_listed(
    aws: &Aws,
    listing: Option<&Listing>,
    pinned: &BTreeMap<String, Pin>,
) -> Result<Documents, DocumentsError> {
    let is_there = |key: &String| {
        pinned.contains_key(key) || listing.is_none_or(|listing| listing.contains_key(key))
    };
    let main = [ENVIRONMENT, AMI_VERSIONS].map(str::to_owned);
    let main = main.into_iter().filter(is_there).collect();
    let mut objects = objects(aws, main, pinned).await?;
    let files: Vec<_> = objects.iter().map(|object| object.file.clone()).collect();
    let needed: Vec<String> = needed_keys(&files).into_iter().filter(is_there).collect();
    if let Some(problem) = too_many(ENVIRONMENT, needed.len()) {
        return Ok(Documents {
            parsed: Parsed::Rejected(problem.into()),
            ..Documents::new(objects)
        });
    }
    objects.extend(self::objects(aws, needed, pinned).await?);
    Ok(Documents::new(objects))
}

/// Those of these documents that are there, in their order.
async fn objects(
    aws: &Aws,
    keys: Vec<String>,
    pinned: &BTreeMap<String, Pin>,
) -> Result<Vec<Object>, DocumentsError> {
    let get = |key: String| async move {
        match pinned.get(&key) {
            Some(None) => Ok(None),
            Some(Some(version)) => object(aws, &key, Some(version)).await,
            None => object(aws, &key, None).await,
        }
    };
    let found = read_each(keys, get).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether one of these documents has been uploaded again by now: the event of that upload starts a run. A
/// document that was deleted starts none.
pub async fn are_overtaken(aws: &Aws, documents: &Documents) -> Result<bool, DocumentsError> {
    let Some(listing) = listed(aws).await? else {
        return Ok(false);
    };
    let is_newer = |(key, etag): (&String, &String)| {
        let standing = listing.get(key);
        standing.is_some_and(|standing| standing.etag != *etag)
    };
    Ok(documents.etags.iter().any(is_newer))
}

/// What is wrong if `source` has or names more documents than are read. None of them is read then.
fn too_many(source: &str, documents: usize) -> Option<Problem> {
    let problem = Place::start_of(source).problem(
        format!("{documents} further documents"),
        format!("at most {MOST_DOCUMENTS}, as many components as an account may have"),
    );
    (documents > MOST_DOCUMENTS).then(|| problem.hint("list only components that recipes use"))
}

/// What is in the bucket, in one call: workload accounts have four names in each Region, and asking
/// for each would cost more. `None` if there are more than a page of them, so that a bucket which
/// holds a million other objects costs no thousand calls.
async fn listed(aws: &Aws) -> Result<Option<Listing>, DocumentsError> {
    let answer = aws
        .s3
        .list_objects_v2()
        .bucket(&aws.resources.document_bucket)
        .send()
        .await;
    let page =
        answer.map_err(|error| DocumentsError::List(CallError::new("s3:ListObjectsV2", error)))?;
    let standing = |object: &aws_sdk_s3::types::Object| {
        let modified = object
            .last_modified()
            .and_then(|time| time.to_millis().ok());
        let etag = object.e_tag().unwrap_or_default().to_owned();
        let standing = Standing {
            etag,
            modified: modified.unwrap_or_default(),
        };
        Some((object.key()?.to_owned(), standing))
    };
    let is_complete = page.is_truncated() != Some(true);
    Ok(is_complete.then(|| page.contents().iter().filter_map(standing).collect()))
}

/// One object of the document bucket, at most a little more than a document may have of it.
pub(crate) async fn file(aws: &Aws, key: &str) -> Result<DocumentFile, CallError> {
    Ok(get(aws, key, None).await?.file)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_documents_than_an_account_has_components_are_a_problem() {
        assert_eq!(too_many(ENVIRONMENT, MOST_DOCUMENTS), None);
        let problem = too_many(ENVIRONMENT, 50_000).expect("a problem");
        assert_eq!(
            problem.to_string(),
            "environment.json:1:1: found 50000 further documents, expected at most 1000, as many components as \
             an account may have\n  hint: list only components that recipes use"
        );
    }
}
