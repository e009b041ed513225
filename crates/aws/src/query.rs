//! How a call of AWS's Query protocol is made: over the same orchestrator, signer, retries and HTTP
//! client as those of the SDK's own clients.
//!
//! The SDK's crates for EC2 and IAM compile for minutes each, and a few operations of them are needed.

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
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::calls::CallCounter;
use crate::fault::{CallError, Fault};
use crate::signed::Service;

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

/// An operation whose input is the body after the action, and whose answer is XML.
type QueryOperation = Operation<String, String, QueryError>;

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
        let action = name.split_once(':').map_or(name, |(_, action)| action);
        let text = self.operation(action).invoke(body).await;
        text.map_err(|error: SdkError<_, _>| CallError::new(name, error))
    }

    fn operation(&self, name: &'static str) -> QueryOperation {
        let (QueryService { service, version }, config) = (self.service, &self.config);
        let retries = config.retry_config().cloned();
        let timeouts = config.timeout_config().cloned();
        let operation = Operation::builder()
            .service_name(service.id)
            .operation_name(name)
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&service.endpoint(config))
            .interceptor(self.counter.clone())
            .standard_retry(&retries.unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<QueryError>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .timeout_config(timeouts.unwrap_or_else(|| TimeoutConfig::builder().build()))
            .runtime_plugin(service.plugin(config))
            .serializer(move |body: String| request(version, name, &body))
            .deserializer(response);
        match config.sleep_impl() {
            Some(sleep) => operation.sleep_impl(sleep).build(),
            None => operation.build(),
        }
    }
}

/// A value as a form holds it.
pub(crate) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn request(version: &str, action: &str, body: &str) -> Result<HttpRequest, BoxError> {
    let body = format!("Action={action}&Version={version}{body}");
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", body.len())
        .body(SdkBody::from(body))?;
    Ok(HttpRequest::try_from(request)?)
}

fn response(response: &HttpResponse) -> Result<String, OrchestratorError<QueryError>> {
    let text = response
        .body()
        .bytes()
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default();
    if response.status().is_success() {
        return Ok(text.to_owned());
    }
    let metadata = quick_xml::de::from_str::<ErrorDocument>(text).map(|document| {
        let within = document.errors.map(|errors| errors.error);
        let error = document.error.or(within).unwrap_or_default();
        ErrorMetadata::builder()
            .code(error.code)
            .message(error.message)
            .build()
    });
    Err(OrchestratorError::operation(QueryError(
        metadata.unwrap_or_default(),
    )))
}

/// An error answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct QueryError(ErrorMetadata);

impl ProvideErrorMetadata for QueryError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
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
