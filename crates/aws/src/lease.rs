//! A lease in the output bucket: `PutKeyPolicy` replaces the whole policy without a compare-and-swap,
//! so two writers would lose each other's statements.

use std::time::Duration;

use aws_sdk_s3::primitives::AggregatedBytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::nonce::nonce;

/// Where the lease on the key policy lies.
const KEY: &str = "leases/key-policy.json";
/// Longer than the function that takes it may run (five minutes by infra/template.yaml), so that a
/// lease that is older belongs to a run that is dead.
const LIFETIME: Duration = Duration::from_mins(6);

#[derive(Serialize, Deserialize, PartialEq)]
struct Content {
    expires: Timestamp,
    /// Tells holders apart; a lease without it is somebody else's.
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
}

/// A lease that is held; give it back with [`Lease::release`].
pub(crate) struct Lease<'a> {
    aws: &'a Aws,
}

impl<'a> Lease<'a> {
    /// Takes the lease, also from a holder whose time is over.
    ///
    /// Errors: [`Fault::Busy`] while another run holds it.
    pub(crate) async fn take(aws: &'a Aws) -> Result<Self, CallError> {
        let ours = Content::new();
        let mut over = None;
        // First where there is none, then over one whose time is over.
        for _ in 0..2 {
            match put(aws, &ours, over).await {
                Err(error) if error.fault == Fault::Conflict => {}
                other => return other.map(|()| Self { aws }),
            }
            let CurrentLease { etag, content } = standing(aws).await?;
            match content {
                // The answer to an attempt was lost, and the SDK's next one met what it had written.
                Some(content) if content == ours => return Ok(Self { aws }),
                Some(content) if content.expires >= Timestamp::now() => return Err(held()),
                Some(_) | None => over = Some(etag),
            }
        }
        Err(held())
    }

    /// Gives the lease back. If that fails it expires by itself.
    pub(crate) async fn release(self) {
        let aws = self.aws;
        let call = aws
            .s3
            .delete_object()
            .bucket(&aws.resources.output_bucket)
            .key(KEY);
        if let Err(error) = call.send().await {
            let error = CallError::new("s3:DeleteObject", &error);
            tracing::warn!(%error, "the lease on the key policy was not given back and will expire");
        }
    }
}

/// The lease that stands; without content if it is not one.
struct CurrentLease {
    etag: String,
    content: Option<Content>,
}

/// Writes the lease: only where there is none, or over the one with this `ETag`.
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
        .map_err(|error| CallError::new("s3:PutObject", &error))
}

async fn standing(aws: &Aws) -> Result<CurrentLease, CallError> {
    let call = aws
        .s3
        .get_object()
        .bucket(&aws.resources.output_bucket)
        .key(KEY)
        .send()
        .await;
    let object = call.map_err(|error| match CallError::new("s3:GetObject", &error) {
        // It was given back between the two calls: look again.
        gone if gone.fault == Fault::NotFound => held(),
        other => other,
    })?;
    let etag = object.e_tag().map(str::to_owned).ok_or_else(held)?;
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

fn held() -> CallError {
    CallError::local(
        "lease",
        Fault::Busy,
        "another run holds the lease on the key policy",
    )
}
