//! How a call of AWS's Query protocol is made: over the same orchestrator, signer, retries and HTTP
//! client as those of the SDK's own clients.
//!
//! The SDK's crates for EC2 and IAM compile for minutes each, and a few operations of them are needed.

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

use crate::calls::CallCounter;
use crate::fault::{CallError, Fault};

/// A service that speaks this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Amazon EC2, of a Region.
    Ec2,
    /// IAM, which a partition has once.
    Iam,
}

/// A client of one service.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    service: Service,
    config: SdkConfig,
    counter: CallCounter,
}

/// An operation whose input is the body after the action, and whose answer is XML.
type QueryOperation = Operation<String, String, QueryError>;

impl Service {
    /// Its name as the SDK has it, and as a configuration names its endpoint.
    fn id(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::Iam => "IAM",
        }
    }

    /// The name that a signature has, which is the prefix of its actions, too.
    fn signing_name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Iam => "iam",
        }
    }

    /// The version of its API, from its API reference.
    fn version(self) -> &'static str {
        match self {
            Self::Ec2 => "2016-11-15",
            Self::Iam => "2010-05-08",
        }
    }

    /// Where it is, and the Region of its signatures (AWS general reference, "Service endpoints").
    fn place(self, region: &str) -> (String, String) {
        match self {
            Self::Ec2 => {
                let suffix = if region.starts_with("cn-") {
                    "amazonaws.com.cn"
                } else {
                    "amazonaws.com"
                };
                (format!("https://ec2.{region}.{suffix}"), region.to_owned())
            }
            Self::Iam => {
                let (host, signs) = match region {
                    cn if cn.starts_with("cn-") => {
                        ("iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
                    }
                    gov if gov.starts_with("us-gov-") => {
                        ("iam.us-gov.amazonaws.com", "us-gov-west-1")
                    }
                    _ => ("iam.amazonaws.com", "us-east-1"),
                };
                (format!("https://{host}"), signs.to_owned())
            }
        }
    }
}

impl Query {
    /// A client of `service` as `config` says.
    pub(crate) fn new(service: Service, config: &SdkConfig, counter: &CallCounter) -> Self {
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
        let (service, config) = (self.service, &self.config);
        let retries = config.retry_config().cloned();
        let timeouts = config.timeout_config().cloned();
        let operation = Operation::builder()
            .service_name(service.id())
            .operation_name(name)
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&self.endpoint())
            .interceptor(self.counter.clone())
            .standard_retry(&retries.unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<QueryError>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .timeout_config(timeouts.unwrap_or_else(|| TimeoutConfig::builder().build()))
            .runtime_plugin(self.plugin())
            .serializer(move |body: String| request(service, name, &body))
            .deserializer(response);
        match config.sleep_impl() {
            Some(sleep) => operation.sleep_impl(sleep).build(),
            None => operation.build(),
        }
    }

    /// Where the service is, and the Region of its signatures, by the Region of the configuration.
    fn place(&self) -> (String, String) {
        let region = self.config.region().map_or("us-east-1", AsRef::as_ref);
        self.service.place(region)
    }

    /// `AWS_ENDPOINT_URL_<service>`, else the common endpoint, else the Region's or the partition's.
    fn endpoint(&self) -> String {
        let key = ServiceConfigKey::builder()
            .service_id(self.service.id())
            .profile("endpoint_url")
            .env("AWS_ENDPOINT_URL")
            .build()
            .ok();
        let config = &self.config;
        let specific = key.and_then(|key| config.service_config()?.load_config(key));
        specific
            .or_else(|| config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| self.place().0)
    }

    /// Signing, identity and HTTP, as every SDK client has them.
    fn plugin(&self) -> StaticRuntimePlugin {
        let config = &self.config;
        let options = StaticAuthSchemeOptionResolver::new(vec![SIGV4]);
        let cache = config.identity_cache();
        let mut components = RuntimeComponentsBuilder::new(self.service.signing_name())
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_auth_scheme_option_resolver(Some(options))
            .with_identity_cache(Some(cache.unwrap_or_else(|| IdentityCache::lazy().build())));
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
            .with_config(self.signing().freeze())
            .with_runtime_components(components)
    }

    fn signing(&self) -> Layer {
        let name = self.service.signing_name();
        let mut layer = Layer::new(name);
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(aws_types::region::Region::new(
                self.place().1,
            ))),
            name: Some(SigningName::from_static(name)),
            signing_options: SigningOptions::default(),
            ..SigV4OperationSigningConfig::default()
        });
        layer
    }
}

/// A value as a form holds it.
pub(crate) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn request(service: Service, action: &str, body: &str) -> Result<HttpRequest, BoxError> {
    let body = format!("Action={action}&Version={}{body}", service.version());
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
