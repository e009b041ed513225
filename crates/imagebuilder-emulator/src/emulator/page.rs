//! `GET /`, for people who open the emulator in a browser: what it is, and how to call it.

use bytes::Bytes;
use http::{Method, Response, header, request::Parts};

/// Whether nobody signed the request, and it names no operation of either protocol.
pub(super) fn is_asked_for(parts: &Parts) -> bool {
    let is_plain = parts.uri.path() == "/" && parts.uri.query().is_none();
    parts.method == Method::GET && is_plain && !parts.headers.contains_key(header::AUTHORIZATION)
}

/// The page, in plain text.
pub(super) fn answer(parts: &Parts) -> Response<Bytes> {
    let host = parts.headers.get(header::HOST);
    let host = host
        .and_then(|host| host.to_str().ok())
        .unwrap_or("127.0.0.1:4567");
    Response::builder()
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(Bytes::from(text(host)))
        .unwrap_or_default()
}

fn text(host: &str) -> String {
    format!(
        "imagebuilder-emulator {version}: EC2 Image Builder on a laptop, and the part of EC2 that it needs.

This is no AWS. Nothing is built, nothing costs anything, and any key is good. An access key id of
twelve digits is the account.

  export AWS_ACCESS_KEY_ID=111122223333 AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
  aws --endpoint-url http://{host} imagebuilder list-components --owner Amazon

  GET  http://{host}/_emulator/health   says that it is ready
  GET  http://{host}/_emulator/calls    the last calls
  POST http://{host}/_emulator/advance  moves the clock: {{\"seconds\": 60}}
  POST http://{host}/_emulator/reset    forgets everything

Its README has the other controls, and what differs from AWS.
",
        version = env!("CARGO_PKG_VERSION")
    )
}
