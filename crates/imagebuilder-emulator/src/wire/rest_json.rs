//! The rest-json protocol of Image Builder: from an HTTP request to an input, from an answer to an
//! HTTP response.

use bytes::Bytes;
use http::{Method, Response, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{common::error::ApiError, wire::outcome::Outcome};

/// The input of a request: JSON body, query string and label together.
pub(crate) fn input(parts: &http::request::Parts, body: &Bytes) -> Result<Value, ApiError> {
    let mut members = match parts.method {
        Method::PUT | Method::POST => object(body)?,
        _ => Map::new(),
    };
    if let Some(label) = parts.uri.path().strip_prefix("/tags/") {
        members.insert("resourceArn".to_owned(), decoded(label).into());
    }
    for pair in parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        add(&mut members, decoded(name), decoded(value));
    }
    Ok(Value::Object(members))
}

/// `tagKeys` is the one list in a query string.
fn add(members: &mut Map<String, Value>, name: String, value: String) {
    if name != "tagKeys" {
        members.insert(name, value.into());
        return;
    }
    let list = members
        .entry(name)
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(items) = list {
        items.push(value.into());
    }
}

fn object(body: &Bytes) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(body).map_err(|error| ApiError::serialization(error.to_string()))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The response to an outcome.
pub(crate) fn response(outcome: &Outcome) -> Response<Bytes> {
    let id = Uuid::new_v4().to_string();
    let body = match &outcome.result {
        Ok(body) => body.clone(),
        Err(error) => serde_json::json!({"message": error.message}).to_string(),
    };
    let builder = Response::builder()
        .status(outcome.status())
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-amzn-requestid", id);
    let builder = match &outcome.result {
        Ok(_) => builder,
        Err(error) => builder.header("x-amzn-errortype", error.code.as_ref()),
    };
    builder.body(Bytes::from(body)).unwrap_or_default()
}
