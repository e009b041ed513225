//! The documents of a stack, as they were read together.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::desired::DocumentSource;
use goldsmith_domain::document::{DocumentFile, Parsed, parse};
use jiff::Timestamp;

/// A document, with what its bucket says of it.
pub(crate) struct Object {
    pub(crate) file: DocumentFile,
    pub(crate) etag: String,
    /// When it was uploaded, in milliseconds since 1970.
    pub(crate) modified: Option<i64>,
    pub(crate) commit: Option<String>,
    pub(crate) build_url: Option<String>,
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
    /// When the newest document was uploaded.
    pub uploaded: Option<Timestamp>,
    /// The keys of the waivers documents in the bucket, which no plan depends on.
    pub waivers: Vec<String>,
    /// The files in the bucket, if others were given.
    pub replaced: Option<Vec<DocumentFile>>,
}

impl Documents {
    pub(crate) fn new(objects: Vec<Object>) -> Self {
        let etags = objects
            .iter()
            .map(|object| (object.file.key.clone(), object.etag.clone()))
            .collect();
        let newest = objects.iter().max_by_key(|object| object.modified);
        let commit = newest.and_then(|object| object.commit.clone());
        let uploaded = newest.and_then(|object| object.modified);
        let build_url = newest.and_then(|object| object.build_url.clone());
        let files: Vec<_> = objects.into_iter().map(|object| object.file).collect();
        let mut parsed = parse(&files);
        if let Parsed::Desired(desired) = &mut parsed {
            desired.source = DocumentSource::new(commit.as_deref(), build_url.as_deref());
        }
        Self {
            files,
            parsed,
            etags,
            commit,
            uploaded: uploaded.and_then(|millis| Timestamp::from_millisecond(millis).ok()),
            waivers: Vec::new(),
            replaced: None,
        }
    }

    /// What the documents in the bucket say.
    pub fn in_bucket(&self) -> Parsed {
        let replaced = self.replaced.as_deref();
        replaced.map_or_else(|| self.parsed.clone(), parse)
    }

    /// Adds a document.
    pub(crate) fn add(&mut self, object: Object) {
        self.etags.insert(object.file.key.clone(), object.etag);
        self.files.push(object.file);
    }

    /// The S3 version of each document, by key.
    pub fn versions(&self) -> BTreeMap<String, String> {
        self.files
            .iter()
            .map(|file| (file.key.clone(), file.version_id.clone()))
            .collect()
    }

    /// The documents that something is wrong with, or that are not there.
    pub(crate) fn unusable(&self) -> BTreeSet<String> {
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
