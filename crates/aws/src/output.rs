//! Reports in the output bucket. Never in the document bucket, whose writes trigger reconcile.

use aws_sdk_s3::primitives::ByteStreamError;
use aws_sdk_s3::types::Object;
use goldsmith_domain::report::{LATEST, Latest, RECONCILE_REPORTS, Report};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Aws;
use crate::body::{LARGEST_OUTPUT, beginning};
use crate::fault::{CallError, Fault};
use crate::memory::latest_time;
use crate::nonce::nonce;

/// Stores a run's report under `reports/<function>/<time>-<request id>.json`.
pub async fn put_report(
    aws: &Aws,
    function: &str,
    request: &str,
    report: &impl Serialize,
) -> Result<(), CallError> {
    let key = format!("reports/{function}/{}-{request}.json", now());
    let body = serde_json::to_vec_pretty(report).map_err(unserializable)?;
    put(aws, &key, body, Precondition::None).await.map(drop)
}

/// How many reports are read at most: more runs do not report while a person waits.
const MOST_REPORTS: usize = 100;

/// What runs of reconcile have reported since a time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reports {
    /// The newest reports, oldest first.
    pub newest: Vec<Report>,
    /// How many reports before them were not read.
    pub before: usize,
}

/// The reports of reconcile that were stored since `since`, a time as reports have it. All of their keys are
/// listed: `since` must not be [long ago](goldsmith_domain::report::is_long_ago).
///
/// What cannot be read as a report is left out.
pub async fn reports_since(aws: &Aws, since: &str) -> Result<Reports, CallError> {
    let keys = keys(
        aws,
        RECONCILE_REPORTS,
        &format!("{RECONCILE_REPORTS}{since}"),
    )
    .await?;
    let before = keys.len().saturating_sub(MOST_REPORTS);
    let mut newest = Vec::new();
    for key in &keys[before..] {
        let stored = get(aws, key).await?;
        newest.extend(stored.and_then(|(bytes, _)| serde_json::from_slice(&bytes).ok()));
    }
    Ok(Reports { newest, before })
}

/// The keys behind `after` that begin with `prefix`, in order.
pub(crate) async fn keys(aws: &Aws, prefix: &str, after: &str) -> Result<Vec<String>, CallError> {
    let all = objects(aws, prefix, after).await?;
    Ok(all.into_iter().map(|(key, _)| key).collect())
}

/// The same, each with its `ETag`.
pub(crate) async fn objects(
    aws: &Aws,
    prefix: &str,
    after: &str,
) -> Result<Vec<(String, String)>, CallError> {
    let all = listed(aws, prefix, after).await?.into_iter();
    let named = all.filter_map(|object| Some((object.key?, object.e_tag?)));
    Ok(named.collect())
}

/// The same, as S3 lists them. A page has a thousand.
pub(crate) async fn listed(aws: &Aws, prefix: &str, after: &str) -> Result<Vec<Object>, CallError> {
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let call = aws
            .s3
            .list_objects_v2()
            .bucket(&aws.resources.output_bucket)
            .prefix(prefix)
            .start_after(after)
            .set_continuation_token(token);
        let page = call.send().await;
        let page = page.map_err(|error| CallError::new("s3:ListObjectsV2", error))?;
        all.extend(page.contents.into_iter().flatten());
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// The time as reports have it.
pub fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

/// The last run's report with its `ETag`; none before the first.
///
/// One that is damaged, from the future, or of another format counts as none and is replaced, so that every
/// alarm is sent once more.
pub async fn latest(aws: &Aws) -> Result<(Option<Latest>, Option<String>), CallError> {
    let Some((bytes, etag)) = get(aws, LATEST).await? else {
        return Ok((None, None));
    };
    let now = format!("{:.3}", latest_time());
    let latest =
        Latest::from_json(&bytes, &now).inspect_err(|why| aws.discard(LATEST, &why.to_string()));
    Ok((latest.ok(), Some(etag)))
}

/// Replaces the last run's report if it is still the one with `etag`; its new `ETag`.
///
/// Errors: `Fault::Conflict` if another run was faster.
pub async fn put_latest(
    aws: &Aws,
    latest: &Latest,
    etag: Option<&str>,
) -> Result<Option<String>, CallError> {
    let body = serde_json::to_vec_pretty(latest).map_err(unserializable)?;
    put(
        aws,
        LATEST,
        body,
        etag.map_or(Precondition::Absent, Precondition::Matches),
    )
    .await
}

/// Stores the mark that this run sends a notification; `false` if another run sent it before.
pub async fn put_once(aws: &Aws, key: &str, mut about: Value) -> Result<bool, CallError> {
    about["id"] = json!(nonce().to_string());
    let ours = about.to_string().into_bytes();
    match put(aws, key, ours.clone(), Precondition::Absent).await {
        Err(error) if error.fault == Fault::Conflict => Ok(get(aws, key)
            .await?
            .is_some_and(|(standing, _)| standing == ours)),
        other => other.map(|_| true),
    }
}

/// Deletes the mark of [`put_once`], so that the notification can be sent again.
pub async fn remove(aws: &Aws, key: &str) -> Result<(), CallError> {
    let call = aws
        .s3
        .delete_object()
        .bucket(&aws.resources.output_bucket)
        .key(key);
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("s3:DeleteObject", error))
}

/// An object and its `ETag`, if it is there.
pub(crate) async fn get(aws: &Aws, key: &str) -> Result<Option<(Vec<u8>, String)>, CallError> {
    get_at_most(aws, key, LARGEST_OUTPUT).await
}

/// The same, with this many bytes of the object.
pub(crate) async fn get_at_most(
    aws: &Aws,
    key: &str,
    most: usize,
) -> Result<Option<(Vec<u8>, String)>, CallError> {
    const OPERATION: &str = "s3:GetObject";
    let call = aws
        .s3
        .get_object()
        .bucket(&aws.resources.output_bucket)
        .key(key)
        .send()
        .await;
    let object = match call.map_err(|error| CallError::new(OPERATION, error)) {
        Err(error) if error.fault == Fault::NotFound => return Ok(None),
        other => other?,
    };
    let etag = object.e_tag.unwrap_or_default();
    let interrupted = |error: ByteStreamError| CallError::interrupted(OPERATION, error);
    Ok(Some((
        beginning(object.body, most).await.map_err(interrupted)?,
        etag,
    )))
}

/// How often a conditional write is tried: each lost race means that another run won it, and so many
/// runs do not end at once.
pub const MOST_RACES: usize = 10;

/// The error of a writer that lost every race for `key`.
pub fn overtaken(operation: &'static str, key: &str) -> CallError {
    let detail = format!("other runs wrote {key} {MOST_RACES} times in a row");
    CallError::rejected(operation, Fault::Conflict, detail)
}

/// The condition of a write.
pub(crate) enum Precondition<'a> {
    None,
    /// There is no such object.
    Absent,
    /// The object has this `ETag`.
    Matches(&'a str),
}

/// Writes an object; its `ETag`.
pub(crate) async fn put(
    aws: &Aws,
    key: &str,
    body: Vec<u8>,
    condition: Precondition<'_>,
) -> Result<Option<String>, CallError> {
    let bucket = &aws.resources.output_bucket;
    let call = aws
        .s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .content_type(content_type(key))
        .body(body.into());
    let call = match condition {
        Precondition::None => call,
        Precondition::Absent => call.if_none_match("*"),
        Precondition::Matches(etag) => call.if_match(etag),
    };
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new("s3:PutObject", error))?;
    Ok(answer.e_tag)
}

fn content_type(key: &str) -> &'static str {
    if key.starts_with("components/") {
        "application/yaml"
    } else {
        "application/json"
    }
}

pub(crate) fn unserializable(error: serde_json::Error) -> CallError {
    CallError::rejected("s3:PutObject", Fault::Permanent, error)
}
