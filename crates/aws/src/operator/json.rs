//! Calls of SQS and CloudWatch, in AWS's JSON protocol 1.0: few operations do not need an SDK.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fault::{CallError, Fault};
use crate::signed::{Protocol, Service, TextOperation};

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

fn operation(config: &SdkConfig, service: JsonService, name: &'static str) -> TextOperation {
    let JsonService { service, target } = service;
    let action = name.split(':').next_back().unwrap_or(name);
    let request = move |body: String| (vec![("x-amz-target", format!("{target}.{action}"))], body);
    let protocol = Protocol {
        content_type: "application/x-amz-json-1.0",
        request,
        error: metadata,
    };
    service.operation(config, action, None, protocol)
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
