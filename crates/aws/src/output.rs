//! Reports in the output bucket. Never in the document bucket, whose writes trigger reconcile.

use aws_sdk_s3::primitives::{AggregatedBytes, ByteStreamError};
use goldsmith_domain::report::{LATEST, Latest};
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
    let key = format!("reports/{function}/{}-{request}.json", now());
    let body = serde_json::to_vec_pretty(report).map_err(|error| unserializable(&error))?;
    put(aws, &key, body, false).await
}

/// The time as reports have it.
pub fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

/// The last run's report with its `ETag`; none before the first.
///
/// One that this release cannot read counts as none: it was written by another release, and is
/// replaced.
pub async fn latest(aws: &Aws) -> Result<(Option<Latest>, Option<String>), CallError> {
    let call = aws.s3.get_object().bucket(&aws.names.output_bucket).key(LATEST).send().await;
    let object = match call.map_err(|error| CallError::new("s3:GetObject", &error)) {
        Err(error) if error.fault == Fault::NotFound => return Ok((None, None)),
        other => other?,
    };
    let etag = object.e_tag.clone();
    let interrupted =
        |error: ByteStreamError| CallError::local("s3:GetObject", Fault::Transient, error.to_string());
    let bytes = object.body.collect().await.map_err(interrupted)?.to_vec();
    Ok((serde_json::from_slice(&bytes).ok(), etag))
}

/// Replaces the last run's report if it is still the one with `etag`; its new `ETag`.
///
/// Errors: `Fault::Conflict` if another run was faster.
pub async fn put_latest(aws: &Aws, latest: &Latest, etag: Option<&str>) -> Result<Option<String>, CallError> {
    let body = serde_json::to_vec_pretty(latest).map_err(|error| unserializable(&error))?;
    let call = aws
        .s3
        .put_object()
        .bucket(&aws.names.output_bucket)
        .key(LATEST)
        .content_type("application/json")
        .set_if_match(etag.map(str::to_owned))
        .set_if_none_match(etag.is_none().then(|| "*".to_owned()))
        .body(body.into());
    let answer = call.send().await.map_err(|error| CallError::new("s3:PutObject", &error))?;
    Ok(answer.e_tag)
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
