//! Calls in AWS's JSON protocols 1.0 and 1.1: a few operations do not need an SDK, which a function would load
//! at each cold start.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::calls::CallCounter;
use crate::fault::{CallError, Fault};
use crate::signed::{Protocol, Service, TextOperation};

/// A service that speaks one of the protocols.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonService {
    pub(crate) service: Service,
    /// What stands before an operation in the header `X-Amz-Target`.
    pub(crate) target: &'static str,
    /// The content type, which names the protocol's version.
    pub(crate) content_type: &'static str,
}

/// The content type of version 1.0.
#[cfg(feature = "operator")]
pub(crate) const JSON_1_0: &str = "application/x-amz-json-1.0";
/// The content type of version 1.1.
pub(crate) const JSON_1_1: &str = "application/x-amz-json-1.1";

/// Calls `name`, such as `sqs:GetQueueUrl`, which `counter` counts if there is one; the answer, and `null` if
/// there is none.
pub(crate) async fn call<T: DeserializeOwned>(
    config: &SdkConfig,
    service: JsonService,
    counter: Option<&CallCounter>,
    name: &'static str,
    input: &Value,
) -> Result<T, CallError> {
    let text = operation(config, service, counter, name)
        .invoke(input.to_string())
        .await
        .map_err(|error: SdkError<_, _>| CallError::new(name, error))?;
    parsed(name, &text)
}

/// What an answer says, and `null` if it is empty.
pub(crate) fn parsed<T: DeserializeOwned>(name: &'static str, text: &str) -> Result<T, CallError> {
    let text = if text.trim().is_empty() { "null" } else { text };
    serde_json::from_str(text).map_err(|error| CallError::rejected(name, Fault::Permanent, error))
}

fn operation(
    config: &SdkConfig,
    service: JsonService,
    counter: Option<&CallCounter>,
    name: &'static str,
) -> TextOperation {
    let JsonService {
        service,
        target,
        content_type,
    } = service;
    let action = name.split(':').next_back().unwrap_or(name);
    let request = move |body: String| (vec![("x-amz-target", format!("{target}.{action}"))], body);
    let protocol = Protocol {
        method: "POST",
        path: "/".to_owned(),
        content_type,
        request,
        error: metadata,
    };
    service.operation(config, action, counter, protocol)
}

/// What an error answer says: its code is the part of its type behind `#` (Smithy, AWS JSON 1.0).
pub(crate) fn metadata(text: &str) -> ErrorMetadata {
    let Ok(document) = serde_json::from_str::<ErrorDocument>(text) else {
        return ErrorMetadata::default();
    };
    let builder = ErrorMetadata::builder().message(document.message);
    match document.code {
        Some(code) => builder.code(code.rsplit('#').next().unwrap_or_default()),
        None => builder,
    }
    .build()
}

#[derive(Debug, Deserialize)]
struct ErrorDocument {
    #[serde(rename = "__type")]
    code: Option<String>,
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
