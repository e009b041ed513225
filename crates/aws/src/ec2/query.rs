//! How a call of EC2's Query protocol is made: over the same orchestrator, signer, retries and HTTP
//! client as those of the SDK's own clients.

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID as SIGV4, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Client;
use crate::calls::CallCounter;
use crate::fault::{CallError, Fault};

/// EC2's query API version.
const API_VERSION: &str = "2016-11-15";

/// An operation whose input is the body after the action, and whose answer is XML.
type Query = Operation<String, String, Ec2Error>;

impl Client {
    /// Calls `name`, such as `ec2:DescribeImages`, with the parameters of `body`; the answer.
    pub(super) async fn answer<T: DeserializeOwned>(
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
    pub(super) async fn call(&self, name: &'static str, body: String) -> Result<String, CallError> {
        let action = name.strip_prefix("ec2:").unwrap_or(name);
        let text = query(&self.config, &self.counter, action)
            .invoke(body)
            .await;
        text.map_err(|error: SdkError<_, _>| CallError::new(name, error))
    }
}

/// A value as a form holds it.
pub(super) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn query(config: &SdkConfig, counter: &CallCounter, name: &'static str) -> Query {
    let operation = Operation::builder()
        .service_name("EC2")
        .operation_name(name)
        .behavior_version(aws_config::BehaviorVersion::latest())
        .endpoint_url(&endpoint(config))
        .interceptor(counter.clone())
        .standard_retry(
            &config
                .retry_config()
                .cloned()
                .unwrap_or_else(RetryConfig::standard),
        )
        .retry_classifier(TransientErrorClassifier::<Ec2Error>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(
            config
                .timeout_config()
                .cloned()
                .unwrap_or_else(|| TimeoutConfig::builder().build()),
        )
        .runtime_plugin(plugin(config))
        .serializer(move |body: String| request(name, &body))
        .deserializer(response);
    match config.sleep_impl() {
        Some(sleep) => operation.sleep_impl(sleep).build(),
        None => operation.build(),
    }
}

/// `AWS_ENDPOINT_URL_EC2`, else the common endpoint, else the Region's.
fn endpoint(config: &SdkConfig) -> String {
    let key = ServiceConfigKey::builder()
        .service_id("EC2")
        .profile("endpoint_url")
        .env("AWS_ENDPOINT_URL")
        .build()
        .ok();
    let specific = key.and_then(|key| config.service_config()?.load_config(key));
    let region = config.region().map_or("us-east-1", AsRef::as_ref);
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    specific
        .or_else(|| config.endpoint_url().map(str::to_owned))
        .unwrap_or_else(|| format!("https://ec2.{region}.{suffix}"))
}

/// Signing, identity and HTTP, as every SDK client has them.
fn plugin(config: &SdkConfig) -> StaticRuntimePlugin {
    let mut components = RuntimeComponentsBuilder::new("ec2")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SIGV4])))
        .with_identity_cache(Some(
            config
                .identity_cache()
                .unwrap_or_else(|| IdentityCache::lazy().build()),
        ));
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SIGV4, credentials);
    }
    if let Some(time) = config.time_source() {
        components.set_time_source(Some(time));
    }
    if let Some(client) = config.http_client() {
        components.set_http_client(Some(client));
    }
    StaticRuntimePlugin::new()
        .with_config(signing(config).freeze())
        .with_runtime_components(components)
}

fn signing(config: &SdkConfig) -> Layer {
    let mut layer = Layer::new("ec2");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: config.region().cloned().map(SigningRegion::from),
        name: Some(SigningName::from_static("ec2")),
        signing_options: SigningOptions::default(),
        ..SigV4OperationSigningConfig::default()
    });
    layer
}

fn request(action: &str, body: &str) -> Result<HttpRequest, BoxError> {
    let body = format!("Action={action}&Version={API_VERSION}{body}");
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", body.len())
        .body(SdkBody::from(body))?;
    Ok(HttpRequest::try_from(request)?)
}

fn response(response: &HttpResponse) -> Result<String, OrchestratorError<Ec2Error>> {
    let text = response
        .body()
        .bytes()
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default();
    if response.status().is_success() {
        return Ok(text.to_owned());
    }
    let metadata = quick_xml::de::from_str::<ErrorDocument>(text).map(|document| {
        let error = document.errors.error;
        ErrorMetadata::builder()
            .code(error.code)
            .message(error.message)
            .build()
    });
    Err(OrchestratorError::operation(Ec2Error(
        metadata.unwrap_or_default(),
    )))
}

/// An error answer of EC2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ec2Error(ErrorMetadata);

impl ProvideErrorMetadata for Ec2Error {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

#[derive(Debug, Deserialize)]
struct ErrorDocument {
    #[serde(rename = "Errors")]
    errors: Errors,
}

#[derive(Debug, Deserialize)]
struct Errors {
    #[serde(rename = "Error")]
    error: ErrorItem,
}

#[derive(Debug, Deserialize)]
struct ErrorItem {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}
