//! One run for each upload. A merge uploads several documents at once, and each of them starts a run: three
//! runs that did the same work made 777 calls, where one makes 245.

use goldsmith_domain::digest::of_bytes;

use crate::Aws;
use crate::documents::{self, Documents, DocumentsError};
use crate::fault::CallError;
use crate::lease::{Lease, LeaseError};

/// Whether a run that an upload started does its work.
pub enum Turn<'a> {
    /// It does.
    Ours(Claim<'a>),
    /// Another run does it, for this reason.
    Theirs(&'static str),
}

/// The work on one upload, which is this run's until [`Claim::end`].
pub struct Claim<'a>(Lease<'a>);

impl Claim<'_> {
    /// Lets other runs work on this upload again. If that fails, they may within minutes.
    pub async fn end(self) {
        self.0.release().await;
    }
}

/// Why no turn could be taken.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The documents were not looked at again.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// The lease was not taken.
    #[error(transparent)]
    Lease(#[from] CallError),
}

/// Whether the run of the request `run` does the work on `documents`, just before its first change.
///
/// It does not if other documents have been uploaded since: their event starts a run. Nor if another run is at
/// work on the same documents: if that one dies, AWS Lambda tries its event again, which has the same request.
pub async fn turn<'a>(
    aws: &'a Aws,
    documents: &Documents,
    run: &str,
) -> Result<Turn<'a>, TurnError> {
    if documents::are_overtaken(aws, documents).await? {
        return Ok(Turn::Theirs(
            "another document was uploaded meanwhile, and its run does the work",
        ));
    }
    match Lease::take(aws, key(documents), "this upload", holder(run)).await {
        Ok(lease) => Ok(Turn::Ours(Claim(lease))),
        Err(LeaseError::Held(_)) => Ok(Turn::Theirs(
            "another run works on the same documents already",
        )),
        Err(LeaseError::Call(error)) => Err(error.into()),
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
