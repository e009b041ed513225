//! Documents that a request names by `uri`. They are read from S3 before the request takes the
//! lock, because nothing may wait for the network under the lock.

use bytes::Bytes;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{
    api::imagebuilder::request::FetchedDocument,
    common::{caller::Caller, error::ApiError},
    document::MAX_BYTES,
    outbound::endpoint::{CallError, Endpoint, Signer},
};

/// The operations whose `uri` is a document.
const OPERATIONS: [&str; 3] = ["/CreateComponent", "/CreateWorkflow", "/ImportComponent"];

/// What stays as it is in the path of an object.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[derive(Deserialize)]
struct Named {
    uri: Option<String>,
}

/// Reads the document that a request names, if it names one. A body that cannot be read is left for
/// the protocol to refuse.
pub(crate) async fn fetch(
    endpoint: Option<&Endpoint>,
    caller: &Caller,
    parts: &Parts,
    body: &Bytes,
) -> Option<FetchedDocument> {
    if !OPERATIONS.contains(&parts.uri.path()) {
        return None;
    }
    let uri = serde_json::from_slice::<Named>(body).ok()?.uri?;
    Some(match endpoint {
        Some(endpoint) => object(endpoint, caller, &uri).await,
        None => Err(ApiError::not_emulated(
            "'uri' without --events-endpoint, whose S3 has the object,",
        )),
    })
}

async fn object(endpoint: &Endpoint, caller: &Caller, uri: &str) -> FetchedDocument {
    let location = uri
        .strip_prefix("s3://")
        .and_then(|location| location.split_once('/'));
    let Some((bucket, key)) =
        location.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
    else {
        return Err(ApiError::invalid(
            "uri",
            "It must be of the form s3://bucket/key.",
        ));
    };
    let signer = Signer {
        account: &caller.account,
        region: &caller.region,
        service: "s3",
    };
    let path = format!(
        "/{}/{}",
        utf8_percent_encode(bucket, PATH),
        utf8_percent_encode(key, PATH)
    );
    let text = endpoint
        .get(signer, &path)
        .await
        .map_err(|error| unreadable(uri, &error))?;
    if text.len() > MAX_BYTES {
        Err(ApiError::quota("Component size in bytes", MAX_BYTES))
    } else {
        Ok(text)
    }
}

/// What AWS answers is not known; an object that cannot be read is the caller's mistake.
fn unreadable(uri: &str, error: &CallError) -> ApiError {
    match error {
        CallError::Status {
            status: status @ 400..=499,
            ..
        } => ApiError::invalid("uri", &format!("S3 answered {status} for '{uri}'.")),
        CallError::Status { .. }
        | CallError::Request(_)
        | CallError::Sign(_)
        | CallError::Parameters(_)
        | CallError::Http(_)
        | CallError::Answer(_) => ApiError::new(
            503,
            "ServiceUnavailableException",
            format!("S3 cannot be reached: {error}"),
        ),
    }
}
