//! The lease on policies, an object in the output bucket. `PutKeyPolicy` and `PutBucketPolicy` replace a whole
//! policy without a condition, so that two writers would lose each other's statements.
//!
//! Guarantee: two live runs never hold it together. Assumption: no run lives longer than the lease.

use std::time::Duration;

use aws_sdk_s3::primitives::AggregatedBytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::fault::{CallError, Fault, chain};
use crate::memory::is_plausible_end;
use crate::nonce::nonce;

const KEY: &str = "leases/key-policy.json";
/// Longer than a function may run (five minutes by infra/template.yaml), so that the run of an older lease
/// has ended.
const LIFETIME: Duration = Duration::from_mins(6);

/// Why the lease is not ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LeaseError {
    /// Another run holds it.
    #[error("another run holds the lease on the key policy")]
    Held,
    /// S3 refused or failed.
    #[error("the lease on the key policy was not taken")]
    Call(#[from] CallError),
}

impl From<LeaseError> for CallError {
    fn from(error: LeaseError) -> Self {
        let fault = match &error {
            LeaseError::Held => Fault::Busy,
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
    fn new() -> Self {
        Self {
            expires: Timestamp::now() + LIFETIME,
            holder: nonce(),
        }
    }

    /// Whether another run holds it. An end that no run can have written does not count.
    fn is_held(&self, aws: &Aws) -> bool {
        if !is_plausible_end(self.expires, LIFETIME) {
            let Self { expires, .. } = self;
            aws.discard(
                KEY,
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
}

impl<'a> Lease<'a> {
    /// Takes the lease, also if the last holder's time is over, or if no run can have written what is there.
    ///
    /// Errors: [`LeaseError::Held`] while another run holds it.
    pub(crate) async fn take(aws: &'a Aws) -> Result<Self, LeaseError> {
        let ours = Content::new();
        let mut over = None;
        // First as a new one, then in place of an expired one.
        for _ in 0..2 {
            match put(aws, &ours, over).await {
                Err(error) if error.fault == Fault::Conflict => {}
                other => return Ok(other.map(|()| Self { aws })?),
            }
            let CurrentLease { etag, content } = current(aws).await?;
            match content {
                // The answer to an attempt was lost, and the SDK's next one met what it had written.
                Some(content) if content == ours => return Ok(Self { aws }),
                Some(content) if content.is_held(aws) => return Err(LeaseError::Held),
                Some(_) => over = Some(etag),
                None => {
                    aws.discard(KEY, "it cannot be read as a lease");
                    over = Some(etag);
                }
            }
        }
        Err(LeaseError::Held)
    }

    /// Releases the lease. If that fails, it expires by itself.
    pub(crate) async fn release(self) {
        let aws = self.aws;
        let call = aws
            .s3
            .delete_object()
            .bucket(&aws.resources.output_bucket)
            .key(KEY);
        if let Err(error) = call.send().await {
            let error = chain(&CallError::new("s3:DeleteObject", error));
            tracing::warn!(
                error,
                "the lease on the key policy was not released and will expire"
            );
        }
    }
}

/// The current lease; without content if it cannot be read.
struct CurrentLease {
    etag: String,
    content: Option<Content>,
}

/// Writes the lease, only as a new one or in place of the one with this `ETag`.
async fn put(aws: &Aws, content: &Content, over: Option<String>) -> Result<(), CallError> {
    let body = serde_json::to_vec(content).unwrap_or_default();
    let call = aws
        .s3
        .put_object()
        .bucket(&aws.resources.output_bucket)
        .key(KEY)
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

async fn current(aws: &Aws) -> Result<CurrentLease, LeaseError> {
    let call = aws
        .s3
        .get_object()
        .bucket(&aws.resources.output_bucket)
        .key(KEY)
        .send()
        .await;
    let object = call.map_err(|error| match CallError::new("s3:GetObject", error) {
        // It was released between the two calls; the next run takes it.
        gone if gone.fault == Fault::NotFound => LeaseError::Held,
        other => other.into(),
    })?;
    let etag = object.e_tag().map(str::to_owned).ok_or(LeaseError::Held)?;
    let body = object
        .body
        .collect()
        .await
        .map(AggregatedBytes::to_vec)
        .unwrap_or_default();
    Ok(CurrentLease {
        etag,
        content: serde_json::from_slice(&body).ok(),
    })
}
