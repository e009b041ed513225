//! Calls in AWS's Query protocol: forms, and answers in XML.
//!
//! The SDK's crates for EC2 and IAM compile for minutes each, and a few operations of them are needed.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ErrorMetadata;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::calls::CallCounter;
use crate::fault::{CallError, Fault};
use crate::signed::{Protocol, Service, TextOperation};

/// A service that speaks this protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryService {
    /// Where it is, and how it is signed for.
    pub(crate) service: Service,
    /// The version of its API, from its API reference.
    pub(crate) version: &'static str,
}

/// A client of one service.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    service: QueryService,
    config: SdkConfig,
    counter: CallCounter,
}

impl Query {
    /// A client of `service` as `config` says.
    pub(crate) fn new(service: QueryService, config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            service,
            config: config.clone(),
            counter: counter.clone(),
        }
    }

    /// Calls `name`, such as `ec2:DescribeImages`, with the parameters of `body`; the answer.
    pub(crate) async fn answer<T: DeserializeOwned>(
        &self,
        name: &'static str,
        body: String,
    ) -> Result<T, CallError> {
        let text = self.call(name, body).await?;
        let malformed =
            |error: quick_xml::DeError| CallError::rejected(name, Fault::Permanent, error);
        quick_xml::de::from_str(&text).map_err(malformed)
    }

    /// Calls `name`, and does not look into the answer.
    pub(crate) async fn call(&self, name: &'static str, body: String) -> Result<String, CallError> {
        self.invoke(name, action(name), body).await
    }

    /// Calls `name` for a dry run, which `body` asks for: it counts as `counted`, because it changes nothing.
    pub(crate) async fn dry_run(
        &self,
        name: &'static str,
        counted: &'static str,
        body: String,
    ) -> Result<String, CallError> {
        self.invoke(name, counted, body).await
    }

    async fn invoke(
        &self,
        name: &'static str,
        counted: &'static str,
        body: String,
    ) -> Result<String, CallError> {
        let text = self.operation(action(name), counted).invoke(body).await;
        text.map_err(|error: SdkError<_, _>| CallError::new(name, error))
    }

    fn operation(&self, name: &'static str, counted: &'static str) -> TextOperation {
        let QueryService { service, version } = self.service;
        let form = move |body: String| {
            let form = format!("Action={name}&Version={version}{body}");
            (Vec::new(), form)
        };
        let protocol = Protocol {
            method: "POST",
            path: "/".to_owned(),
            content_type: "application/x-www-form-urlencoded",
            request: form,
            error,
        };
        service.operation(&self.config, counted, Some(&self.counter), protocol)
    }
}

/// The name of an operation without its service.
fn action(name: &'static str) -> &'static str {
    name.split_once(':').map_or(name, |(_, action)| action)
}

/// A value as a form holds it.
pub(crate) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// What an error answer says.
fn error(text: &str) -> ErrorMetadata {
    let Ok(document) = quick_xml::de::from_str::<ErrorDocument>(text) else {
        return ErrorMetadata::default();
    };
    let within = document.errors.map(|errors| errors.error);
    let error = document.error.or(within).unwrap_or_default();
    ErrorMetadata::builder()
        .code(error.code)
        .message(error.message)
        .build()
}

/// `Response` of EC2, which has a list of one error, or `ErrorResponse` of IAM.
#[derive(Debug, Deserialize)]
struct ErrorDocument {
    #[serde(rename = "Errors")]
    errors: Option<Errors>,
    #[serde(rename = "Error")]
    error: Option<ErrorItem>,
}

#[derive(Debug, Deserialize)]
struct Errors {
    #[serde(rename = "Error")]
    error: ErrorItem,
}

#[derive(Debug, Default, Deserialize)]
struct ErrorItem {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}
