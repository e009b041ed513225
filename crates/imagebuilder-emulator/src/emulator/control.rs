//! Control over HTTP: `/_emulator/`.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    common::date::Date,
    emulator::Emulator,
    engine::seed::Seed,
    fault::{Fault, members::FaultError},
    snapshot::SnapshotError,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

#[derive(Debug, thiserror::Error)]
enum ControlError {
    #[error(
        "no such control, expected GET health, POST reset, advance or seed, GET or PUT state, GET, POST or DELETE \
         faults, or GET or DELETE calls"
    )]
    Unknown,
    #[error("the body is not what this control expects: {0}")]
    Body(#[from] serde_json::Error),
    #[error(transparent)]
    Fault(#[from] FaultError),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("{0} is not a number of seconds to advance by")]
    Seconds(f64),
}

/// Answers a request to a control; `path` is what follows `/_emulator/`.
pub(crate) fn answer(
    emulator: &Emulator,
    method: &Method,
    path: &str,
    body: &Bytes,
) -> Response<Bytes> {
    match controlled(emulator, method, path, body) {
        Ok(value) => json_response(StatusCode::OK, &value),
        Err(error @ ControlError::Unknown) => failed(StatusCode::NOT_FOUND, &error),
        Err(error) => failed(StatusCode::BAD_REQUEST, &error),
    }
}

fn controlled(
    emulator: &Emulator,
    method: &Method,
    path: &str,
    body: &Bytes,
) -> Result<Value, ControlError> {
    match (method.as_str(), path) {
        ("POST", "reset") => emulator.reset(),
        ("POST", "advance") => emulator.advance(duration(&read(body)?)?),
        ("POST", "seed") => emulator.seed(&read::<Seed>(body)?),
        ("POST", "faults") => emulator.add_faults(Fault::read_all(&read(body)?)?),
        ("GET", "faults") => return Ok(json!({"faults": emulator.faults()})),
        ("DELETE", "faults") => emulator.clear_faults(),
        ("GET", "state") => return Ok(serde_json::from_str(&emulator.state()?)?),
        ("PUT", "state") => emulator.restore(body)?,
        ("GET", "health") => return Ok(health(emulator)),
        ("GET", "calls") => return Ok(json!({"calls": emulator.calls()})),
        ("DELETE", "calls") => emulator.clear_calls(),
        _ => return Err(ControlError::Unknown),
    }
    Ok(json!({}))
}

/// Whoever gets this may call: nothing is prepared later.
fn health(emulator: &Emulator) -> Value {
    json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "time": Date(emulator.time()),
    })
}

fn duration(advance: &Advance) -> Result<Duration, ControlError> {
    let seconds = advance.seconds;
    Duration::try_from_secs_f64(seconds).map_err(|_| ControlError::Seconds(seconds))
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, ControlError> {
    Ok(serde_json::from_slice(body)?)
}

fn failed(status: StatusCode, error: &ControlError) -> Response<Bytes> {
    json_response(status, &json!({"message": error.to_string()}))
}

fn json_response(status: StatusCode, value: &Value) -> Response<Bytes> {
    let builder = Response::builder().status(status);
    let builder = builder.header(header::CONTENT_TYPE, "application/json");
    builder
        .body(Bytes::from(value.to_string()))
        .unwrap_or_default()
}
