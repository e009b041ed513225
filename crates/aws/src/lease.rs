//! A lease in the output bucket: `PutKeyPolicy` replaces the whole policy without a compare-and-swap,
//! so two writers would lose each other's statements.

use std::time::Duration;

use aws_sdk_s3::primitives::AggregatedBytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::fault::{CallError, Fault};

/// Where the lease on the key policy lies.
const KEY: &str = "leases/key-policy.json";
/// Longer than the longest run of a function that takes it (15 minutes is Lambda's limit), so that a
/// lease that is older belongs to a run that is dead.
const LIFETIME: Duration = Duration::from_mins(16);

#[derive(Serialize, Deserialize)]
struct Content {
    expires: Timestamp,
}

/// A lease that is held; give it back with [`Lease::release`].
pub(crate) struct Lease<'a> {
    aws: &'a Aws,
}

impl<'a> Lease<'a> {
    /// Takes the lease, also from a holder whose time is over.
    ///
    /// Errors: [`Fault::Conflict`] while another run holds it.
    pub(crate) async fn take(aws: &'a Aws) -> Result<Self, CallError> {
        match put(aws, None).await {
            Err(error) if error.fault == Fault::Conflict => {
                let expired = expired(aws).await?;
                put(aws, Some(expired)).await?;
            }
            other => other?,
        }
        Ok(Self { aws })
    }

    /// Gives the lease back. If that fails it expires by itself.
    pub(crate) async fn release(self) {
        let aws = self.aws;
        let call = aws.s3.delete_object().bucket(&aws.names.output_bucket).key(KEY);
        if let Err(error) = call.send().await {
            let error = CallError::new("s3:DeleteObject", &error);
            tracing::warn!(%error, "the lease on the key policy was not given back and will expire");
        }
    }
}

/// Writes the lease: only where there is none, or over the one with this `ETag`.
async fn put(aws: &Aws, over: Option<String>) -> Result<(), CallError> {
    let expires = Timestamp::now() + LIFETIME;
    let body = serde_json::to_vec(&Content { expires }).unwrap_or_default();
    let call = aws.s3.put_object().bucket(&aws.names.output_bucket).key(KEY).body(body.into());
    let call = match over {
        Some(etag) => call.if_match(etag),
        None => call.if_none_match("*"),
    };
    call.send().await.map(drop).map_err(|error| CallError::new("s3:PutObject", &error))
}

/// The `ETag` of a lease whose time is over.
async fn expired(aws: &Aws) -> Result<String, CallError> {
    let held = || CallError::local("lease", Fault::Conflict, "another run holds the lease on the key policy");
    let call = aws.s3.get_object().bucket(&aws.names.output_bucket).key(KEY).send().await;
    let object = call.map_err(|error| match CallError::new("s3:GetObject", &error) {
        // It was given back between the two calls: look again.
        gone if gone.fault == Fault::NotFound => held(),
        other => other,
    })?;
    let etag = object.e_tag().map(str::to_owned);
    let body = object.body.collect().await.map(AggregatedBytes::to_vec).unwrap_or_default();
    let over =
        serde_json::from_slice(&body).map_or(true, |content: Content| content.expires < Timestamp::now());
    if over { etag.ok_or_else(held) } else { Err(held()) }
}
