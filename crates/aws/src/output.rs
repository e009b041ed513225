//! Reports in the output bucket. Never in the document bucket, whose writes trigger reconcile.

use jiff::Timestamp;
use serde::Serialize;

use crate::Aws;
use crate::fault::{CallError, Fault};

/// Stores a run's report under `reports/<function>/<time>-<request id>.json`.
pub async fn put_report(
    aws: &Aws,
    function: &str,
    request: &str,
    report: &impl Serialize,
) -> Result<(), CallError> {
    let key = format!("reports/{function}/{:.3}-{request}.json", Timestamp::now());
    put(aws, &key, report, false).await
}

/// Stores what must be told once; `false` if it was stored before.
pub async fn put_once(aws: &Aws, key: &str, content: &impl Serialize) -> Result<bool, CallError> {
    match put(aws, key, content, true).await {
        Err(error) if error.fault == Fault::Conflict => Ok(false),
        other => other.map(|()| true),
    }
}

/// Takes back what [`put_once`] stored, so that it can be told again.
pub async fn remove(aws: &Aws, key: &str) -> Result<(), CallError> {
    let call = aws.s3.delete_object().bucket(&aws.names.output_bucket).key(key);
    call.send().await.map(drop).map_err(|error| CallError::new("s3:DeleteObject", &error))
}

async fn put(aws: &Aws, key: &str, content: &impl Serialize, once: bool) -> Result<(), CallError> {
    let body = serde_json::to_vec_pretty(content)
        .map_err(|error| CallError::local("s3:PutObject", Fault::Permanent, error.to_string()))?;
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
