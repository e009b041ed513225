//! Reports in the output bucket. Never in the document bucket, whose writes trigger reconcile.

use aws_sdk_s3::primitives::AggregatedBytes;
use jiff::Timestamp;
use serde::Serialize;

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::nonce::nonce;

/// Stores a run's report under `reports/<function>/<time>-<request id>.json`.
pub async fn put_report(
    aws: &Aws,
    function: &str,
    request: &str,
    report: &impl Serialize,
) -> Result<(), CallError> {
    let key = format!("reports/{function}/{:.3}-{request}.json", Timestamp::now());
    let body = serde_json::to_vec_pretty(report).map_err(|error| unserializable(&error))?;
    put(aws, &key, body, false).await
}

/// Stores the mark that something is told by this run; `false` if another run told it before.
pub async fn put_once(aws: &Aws, key: &str) -> Result<bool, CallError> {
    let ours = nonce().to_string().into_bytes();
    match put(aws, key, ours.clone(), true).await {
        Err(error) if error.fault == Fault::Conflict => Ok(get(aws, key).await? == ours),
        other => other.map(|()| true),
    }
}

/// Takes back what [`put_once`] stored, so that it can be told again.
pub async fn remove(aws: &Aws, key: &str) -> Result<(), CallError> {
    let call = aws.s3.delete_object().bucket(&aws.names.output_bucket).key(key);
    call.send().await.map(drop).map_err(|error| CallError::new("s3:DeleteObject", &error))
}

async fn get(aws: &Aws, key: &str) -> Result<Vec<u8>, CallError> {
    let call = aws.s3.get_object().bucket(&aws.names.output_bucket).key(key).send().await;
    let object = call.map_err(|error| CallError::new("s3:GetObject", &error))?;
    Ok(object.body.collect().await.map(AggregatedBytes::to_vec).unwrap_or_default())
}

async fn put(aws: &Aws, key: &str, body: Vec<u8>, once: bool) -> Result<(), CallError> {
    let call = aws
        .s3
        .put_object()
        .bucket(&aws.names.output_bucket)
        .key(key)
        .content_type("application/json")
        .set_if_none_match(once.then(|| "*".to_owned()))
        .body(body.into());
    call.send().await.map(drop).map_err(|error| CallError::new("s3:PutObject", &error))
}

fn unserializable(error: &serde_json::Error) -> CallError {
    CallError::local("s3:PutObject", Fault::Permanent, error.to_string())
}
