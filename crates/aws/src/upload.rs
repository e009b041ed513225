//! One run for each upload. A merge uploads several documents at once, and each of them starts a run: three
//! runs that did the same work made 777 calls, where one makes 245.
//!
//! This only saves work. Where it cannot be settled which run is to do it, several do: each change is safe twice.

use goldsmith_domain::digest::of_bytes;

use crate::Aws;
use crate::documents::{self, Documents};
use crate::fault::chain;
use crate::lease::{Lease, LeaseError};

/// Whether a run that an upload started does its work.
pub enum Turn<'a> {
    /// It does.
    Ours(Claim<'a>),
    /// Another run does it, for this reason.
    Theirs(&'static str),
}

/// The work on one upload, which is this run's until [`Claim::end`]; without a lease if none could be taken.
pub struct Claim<'a>(Option<Lease<'a>>);

impl Claim<'_> {
    /// Lets other runs work on this upload again. If that fails, they may within minutes.
    pub async fn end(self) {
        if let Some(lease) = self.0 {
            lease.release().await;
        }
    }
}

/// Whether the run of the request `run` does the work on `documents`, just before its first change.
///
/// It does not if other documents have been uploaded since: their event starts a run. Nor if another run is at
/// work on the same documents: if that one dies, AWS Lambda tries its event again, which has the same request.
pub async fn turn<'a>(aws: &'a Aws, documents: &Documents, run: &str) -> Turn<'a> {
    match documents::are_overtaken(aws, documents).await {
        Ok(true) => {
            return Turn::Theirs(
                "another document was uploaded meanwhile, and its run does the work",
            );
        }
        Ok(false) => {}
        Err(error) => tracing::warn!(
            error = chain(&error),
            "the documents were not looked at again"
        ),
    }
    match Lease::take(aws, key(documents), "this upload", holder(run)).await {
        Ok(lease) => Turn::Ours(Claim(Some(lease))),
        Err(LeaseError::Held(_)) => Turn::Theirs("another run works on the same documents already"),
        Err(error @ LeaseError::Call(_)) => {
            tracing::warn!(error = chain(&error), "other runs may do the same work");
            Turn::Ours(Claim(None))
        }
    }
}

fn key(documents: &Documents) -> String {
    let versions = documents.versions().into_iter();
    let lines: Vec<String> = versions
        .map(|(key, version)| format!("{key} {version}"))
        .collect();
    let digest = of_bytes(lines.join("\n").as_bytes());
    format!("leases/upload-{digest}.json")
}

/// The same for each attempt of Lambda to run one event.
fn holder(run: &str) -> u64 {
    let digest = of_bytes(run.as_bytes());
    u64::from_str_radix(&digest.as_str()[..16], 16).unwrap_or_default()
}
