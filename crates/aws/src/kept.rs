//! What a warm process keeps from one run to the next: documents that the bucket says are the same, and what
//! it has reported last. It saves calls and never decides anything.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::document_set::Documents;

/// The most bytes of documents that are kept; a function has 256 MB, and the documents of 1,000 recipes have
/// a quarter of one.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What the bucket says of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) etag: String,
    /// When it was uploaded, in milliseconds since 1970: the same text uploaded again is another version.
    pub(crate) modified: i64,
}

/// What the bucket says of every object in it, by key.
pub(crate) type Listing = BTreeMap<String, Standing>;

/// What is kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    documents: Mutex<Option<(Listing, Documents)>>,
    reported: Mutex<Option<String>>,
}

impl Kept {
    /// The documents that were read when the bucket said exactly this.
    pub(crate) fn documents(&self, listing: &Listing) -> Option<Documents> {
        let kept = lock(&self.documents);
        let (seen, documents) = kept.as_ref()?;
        (seen == listing).then(|| documents.clone())
    }

    /// Keeps documents that were read just after the bucket said this, unless one of them is newer.
    pub(crate) fn keep(&self, listing: Listing, documents: &Documents) {
        let is_listed = |(key, etag): (&String, &String)| {
            listing
                .get(key)
                .is_some_and(|standing| standing.etag == *etag)
        };
        let size: usize = documents.files.iter().map(|file| file.bytes.len()).sum();
        let keep = size <= MOST_BYTES && documents.etags.iter().all(is_listed);
        *lock(&self.documents) = keep.then(|| (listing, documents.clone()));
    }

    /// Whether this process has already reported exactly this last; from now on it has.
    pub(crate) fn repeats(&self, report: String) -> bool {
        lock(&self.reported).replace(report.clone()) == Some(report)
    }

    /// What this process reported last is no longer known.
    pub(crate) fn forget_report(&self) {
        lock(&self.reported).take();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
