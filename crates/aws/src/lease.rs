//! Leases, objects in the output bucket that one run holds at a time.
//!
//! - The lease on policies: `PutKeyPolicy` and `PutBucketPolicy` replace a whole policy without a condition, so
//!   that two writers would lose each other's statements.
//! - The lease on an upload: of the runs that the documents of one upload start, one does the work.
//!
//! Guarantee: two live runs never hold one together. Assumption: no run lives longer than a lease.

use std::time::Duration;

use aws_sdk_s3::primitives::AggregatedBytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::fault::{CallError, Fault, chain};
use crate::memory::{CLOCK_SKEW, is_plausible_end};
use crate::nonce::nonce;

/// The key of the lease on policies.
const POLICIES: &str = "leases/key-policy.json";
/// Longer than a function may run (five minutes by infra/template.yaml), so that the run of an older lease
/// has ended.
const LIFETIME: Duration = Duration::from_mins(6);

/// Why the lease is not ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LeaseError {
    /// Another run holds it.
    #[error("another run holds the lease on {0}")]
    Held(&'static str),
    /// S3 refused or failed.
    #[error("a lease was not taken")]
    Call(#[from] CallError),
}

impl From<LeaseError> for CallError {
    fn from(error: LeaseError) -> Self {
        let fault = match &error {
            LeaseError::Held(_) => Fault::Busy,
            LeaseError::Call(error) => error.fault,
        };
        Self::rejected("lease", fault, error)
    }
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Content {
    expires: Timestamp,
    /// Identifies the holder; a lease without it is another run's.
    #[serde(default)]
    holder: u64,
}

impl Content {
    fn of(holder: u64) -> Self {
        Self {
            expires: Timestamp::now() + LIFETIME,
            holder,
        }
    }

    /// Whether another run holds it. An end that no run can have written does not count.
    fn is_held(&self, aws: &Aws, key: &str) -> bool {
        if !is_plausible_end(self.expires, LIFETIME) {
            let Self { expires, .. } = self;
            aws.discard(
                key,
                &format!("it is a lease until {expires}, and a lease lives six minutes"),
            );
            return false;
        }
        self.expires >= Timestamp::now()
    }
}

/// A lease that we hold, until [`Lease::release`].
pub(crate) struct Lease<'a> {
    aws: &'a Aws,
    key: String,
}

impl<'a> Lease<'a> {
    /// Takes the lease on policies. See [`Lease::take`].
    pub(crate) async fn of_policies(aws: &'a Aws) -> Result<Self, LeaseError> {
        let what = "the key policy";
        Self::take(aws, POLICIES.to_owned(), what, nonce()).await
    }

    /// Takes the lease `key` on `what` as `holder`, also if the last holder's time is over, or if no run can have written
    /// what is there. The same holder takes it again.
    ///
    /// Errors: [`LeaseError::Held`] while another run holds it.
    pub(crate) async fn take(
        aws: &'a Aws,
        key: String,
        what: &'static str,
        holder: u64,
    ) -> Result<Self, LeaseError> {
        let ours = Content::of(holder);
        let mut over = None;
        // First as a new one, then in place of an expired one.
        for _ in 0..2 {
            match put(aws, &key, &ours, over).await {
                Err(error) if error.fault == Fault::Conflict => {}
                other => return Ok(other.map(|()| Self { aws, key })?),
            }
            let CurrentLease { etag, content } = current(aws, &key, what).await?;
            match content {
                // The answer to an attempt was lost, and the SDK's next one met what it had written. Or this
                // run is the second attempt of one that died.
                Some(content) if content.holder == holder => return Ok(Self { aws, key }),
                Some(content) if content.is_held(aws, &key) => return Err(LeaseError::Held(what)),
                Some(_) | None => over = Some(etag),
            }
        }
        Err(LeaseError::Held(what))
    }

    /// Releases the lease. If that fails, it expires by itself.
    pub(crate) async fn release(self) {
        let Self { aws, key } = self;
        let call = aws
            .s3
            .delete_object()
            .bucket(&aws.resources.output_bucket)
            .key(&key);
        if let Err(error) = call.send().await {
            let error = chain(&CallError::new("s3:DeleteObject", error));
            tracing::warn!(key, error, "a lease was not released and will expire");
        }
    }
}

/// The current lease; without content if it is none, which was reported.
struct CurrentLease {
    etag: String,
    content: Option<Content>,
}

/// Writes the lease, only as a new one or in place of the one with this `ETag`.
async fn put(
    aws: &Aws,
    key: &str,
    content: &Content,
    over: Option<String>,
) -> Result<(), CallError> {
    let body = serde_json::to_vec(content).unwrap_or_default();
    let call = aws
        .s3
        .put_object()
        .bucket(&aws.resources.output_bucket)
        .key(key)
        .body(body.into());
    let call = match over {
        Some(etag) => call.if_match(etag),
        None => call.if_none_match("*"),
    };
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("s3:PutObject", error))
}

async fn current(aws: &Aws, key: &str, what: &'static str) -> Result<CurrentLease, LeaseError> {
    let call = aws
        .s3
        .get_object()
        .bucket(&aws.resources.output_bucket)
        .key(key)
        .send()
        .await;
    let object = match call.map_err(|error| CallError::new("s3:GetObject", error)) {
        Ok(object) => object,
        // It was released between the two calls; the next run takes it.
        Err(gone) if gone.fault == Fault::NotFound => return Err(LeaseError::Held(what)),
        Err(error) if error.fault.is_temporary() => return Err(error.into()),
        Err(error) => return unreadable(aws, key, what, &error).await,
    };
    let etag = object
        .e_tag()
        .map(str::to_owned)
        .ok_or(LeaseError::Held(what))?;
    let body = object
        .body
        .collect()
        .await
        .map(AggregatedBytes::to_vec)
        .unwrap_or_default();
    let content = serde_json::from_slice(&body).ok();
    if content.is_none() {
        aws.discard(key, "it cannot be read as a lease");
    }
    Ok(CurrentLease { etag, content })
}

/// A lease that nobody may read, such as one under somebody else's key. S3 tells when it was written, and nobody
/// can forge that: it is another run's for as long as a lease lives, and garbage afterwards.
///
/// Errors: [`LeaseError::Held`] until then.
async fn unreadable(
    aws: &Aws,
    key: &str,
    what: &'static str,
    error: &CallError,
) -> Result<CurrentLease, LeaseError> {
    let call = aws
        .s3
        .list_objects_v2()
        .bucket(&aws.resources.output_bucket)
        .prefix(key)
        .send()
        .await;
    let page = call.map_err(|error| CallError::new("s3:ListObjectsV2", error))?;
    let mut objects = page.contents().iter();
    let written = objects
        .find(|object| object.key() == Some(key))
        .and_then(|object| {
            let seconds = object.last_modified()?.secs();
            let since = Timestamp::from_second(seconds).ok()?;
            Some((since, object.e_tag()?.to_owned()))
        });
    let (since, etag) = written.ok_or(LeaseError::Held(what))?;
    if since + LIFETIME + CLOCK_SKEW >= Timestamp::now() {
        return Err(LeaseError::Held(what));
    }
    let code = error.code().unwrap_or("an answer without a code");
    aws.discard(
        key,
        &format!("it cannot be read ({code}), and has been there for longer than a lease lives"),
    );
    Ok(CurrentLease {
        etag,
        content: None,
    })
}
