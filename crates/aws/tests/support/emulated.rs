//! The emulator's own view of a resource, past the SDK.

use bytes::Bytes;
use http::{Method, Request};
use imagebuilder_emulator::Emulator;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::ACCOUNT;

/// `GetImagePipeline` and its like: the member of the answer that holds the resource.
#[track_caller]
pub fn get(
    emulator: &Emulator,
    operation: &str,
    parameter: &str,
    arn: &str,
) -> impl Future<Output = Value> + use<> {
    let uri = format!(
        "/{operation}?{parameter}={}",
        utf8_percent_encode(arn, NON_ALPHANUMERIC)
    );
    let answer = send(emulator.clone(), Method::GET, uri, Value::Null);
    async move {
        let answer = answer.await;
        let members = answer.as_object().expect("an object");
        let resource = members.values().find(|value| value.is_object());
        resource
            .unwrap_or_else(|| panic!("no resource in {answer}"))
            .clone()
    }
}

/// A pipeline, as the emulator has it.
#[track_caller]
pub fn pipeline_at(emulator: &Emulator, arn: &str) -> impl Future<Output = Value> + use<> {
    get(emulator, "GetImagePipeline", "imagePipelineArn", arn)
}

/// The items of a list; everything fits on one page.
pub async fn list(emulator: &Emulator, operation: &str) -> Vec<Value> {
    list_in(emulator, ACCOUNT, operation).await
}

/// The items of a list of another account.
pub async fn list_in(emulator: &Emulator, account: &str, operation: &str) -> Vec<Value> {
    let input = json!({"maxResults": 100});
    let answer = send_as(
        account,
        emulator.clone(),
        Method::POST,
        format!("/{operation}"),
        input,
    )
    .await;
    assert!(
        answer.get("nextToken").is_none(),
        "more than a page: {answer}"
    );
    let lists = answer
        .as_object()
        .into_iter()
        .flat_map(|members| members.values());
    lists
        .filter_map(Value::as_array)
        .flatten()
        .cloned()
        .collect()
}

/// A change by hand, as in the console.
pub async fn by_hand(emulator: &Emulator, operation: &str, mut input: Value) -> Value {
    input["clientToken"] = format!("by hand {}", emulator.calls().len()).into();
    send(
        emulator.clone(),
        Method::PUT,
        format!("/{operation}"),
        input,
    )
    .await
}

/// Tags of a resource, set by hand.
pub async fn tag_by_hand(emulator: &Emulator, arn: &str, tags: Value) {
    let arn = arn.replace(':', "%3A").replace('/', "%2F");
    let input = serde_json::json!({ "tags": tags });
    send(
        emulator.clone(),
        Method::POST,
        format!("/tags/{arn}"),
        input,
    )
    .await;
}

/// An action of EC2, as XML.
pub async fn ec2(emulator: &Emulator, region: &str, form: &str) -> String {
    let request = request(
        ACCOUNT,
        Method::POST,
        "/",
        region,
        "ec2",
        format!("{form}&Version=2016-11-15"),
    );
    let response = emulator.handle(request).await;
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert!(response.status().is_success(), "{text}");
    text
}

async fn send(emulator: Emulator, method: Method, uri: String, input: Value) -> Value {
    send_as(ACCOUNT, emulator, method, uri, input).await
}

async fn send_as(
    account: &str,
    emulator: Emulator,
    method: Method,
    uri: String,
    input: Value,
) -> Value {
    let body = if input.is_null() {
        String::new()
    } else {
        input.to_string()
    };
    let response = emulator
        .handle(request(
            account,
            method,
            &uri,
            "us-east-1",
            "imagebuilder",
            body,
        ))
        .await;
    let text = String::from_utf8_lossy(response.body());
    assert!(response.status().is_success(), "{uri}: {text}");
    serde_json::from_str(&text).expect("JSON")
}

fn request(
    account: &str,
    method: Method,
    uri: &str,
    region: &str,
    service: &str,
    body: String,
) -> Request<Bytes> {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=00"
    );
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("authorization", authorization);
    request.body(Bytes::from(body)).expect("a request")
}
