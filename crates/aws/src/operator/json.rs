//! Calls of SQS and CloudWatch, in AWS's JSON protocol 1.0: few operations do not need an SDK.

use aws_config::SdkConfig;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fault::{CallError, Fault};
use crate::signed::Service;

/// A service that speaks the protocol.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonService {
    pub(super) service: Service,
    /// What stands before an operation in the header `X-Amz-Target`.
    pub(super) target: &'static str,
}

/// Calls `name`, such as `sqs:GetQueueUrl`; the answer, and `null` if there is none.
pub(super) async fn call<T: DeserializeOwned>(
    config: &SdkConfig,
    service: JsonService,
    name: &'static str,
    input: &Value,
) -> Result<T, CallError> {
    let text = operation(config, service, name)
        .invoke(input.to_string())
        .await
        .map_err(|error: SdkError<_, _>| CallError::new(name, error))?;
    let text = if text.trim().is_empty() {
        "null"
    } else {
        &text
    };
    serde_json::from_str(text).map_err(|error| CallError::rejected(name, Fault::Permanent, error))
}

fn operation(
    config: &SdkConfig,
    service: JsonService,
    name: &'static str,
) -> Operation<String, String, JsonError> {
    let JsonService { service, target } = service;
    let action = name.split(':').next_back().unwrap_or(name);
    let retries = config.retry_config().cloned();
    let timeouts = config.timeout_config().cloned();
    let operation = Operation::builder()
        .service_name(service.id)
        .operation_name(action)
        .behavior_version(aws_config::BehaviorVersion::latest())
        .endpoint_url(&service.endpoint(config))
        .standard_retry(&retries.unwrap_or_else(RetryConfig::standard))
        .retry_classifier(TransientErrorClassifier::<JsonError>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(timeouts.unwrap_or_else(|| TimeoutConfig::builder().build()))
        .runtime_plugin(service.plugin(config))
        .serializer(move |body: String| request(&format!("{target}.{action}"), body))
        .deserializer(response);
    match config.sleep_impl() {
        Some(sleep) => operation.sleep_impl(sleep).build(),
        None => operation.build(),
    }
}

fn request(target: &str, body: String) -> Result<HttpRequest, BoxError> {
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("content-length", body.len())
        .header("x-amz-target", target)
        .body(SdkBody::from(body))?;
    Ok(HttpRequest::try_from(request)?)
}

fn response(response: &HttpResponse) -> Result<String, OrchestratorError<JsonError>> {
    let text = response
        .body()
        .bytes()
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default();
    if response.status().is_success() {
        return Ok(text.to_owned());
    }
    Err(OrchestratorError::operation(JsonError(metadata(text))))
}

/// What an error answer says: its code is the part of its type behind `#` (Smithy, AWS JSON 1.0).
fn metadata(text: &str) -> ErrorMetadata {
    let Ok(document) = serde_json::from_str::<ErrorDocument>(text) else {
        return ErrorMetadata::default();
    };
    let code = document.code.rsplit('#').next().unwrap_or_default();
    ErrorMetadata::builder()
        .code(code)
        .message(document.message)
        .build()
}

/// An error answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct JsonError(ErrorMetadata);

impl ProvideErrorMetadata for JsonError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

#[derive(Debug, Deserialize)]
struct ErrorDocument {
    #[serde(rename = "__type")]
    code: String,
    #[serde(default, alias = "Message")]
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_error_is_behind_its_name_space() {
        let text = r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}"#;
        let metadata = metadata(text);
        assert_eq!(
            (metadata.code(), metadata.message()),
            (Some("QueueDoesNotExist"), Some("no"))
        );
        assert_eq!(super::metadata("<html>").code(), None);
    }
}
