//! Calls of a service without its SDK: over the same orchestrator, signer, retries and HTTP client as those of
//! the SDK's own clients. A protocol adds how its requests and its errors look.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::auth::sigv4::{SCHEME_ID as SIGV4, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use aws_types::service_config::ServiceConfigKey;

use crate::calls::CallCounter;
use crate::retry::CallRateLimit;

/// A service that is called without its SDK.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    /// Its id, which the variable of its endpoint ends with.
    pub(crate) id: &'static str,
    /// The name that its host begins with, and that requests are signed for.
    pub(crate) name: &'static str,
    /// Whether a partition has it once, as it has IAM.
    pub(crate) is_global: bool,
}

/// An operation whose input is a body, and whose answer is a text.
pub(crate) type TextOperation = Operation<String, String, ServiceError>;

/// What a protocol adds to a call.
pub(crate) struct Protocol<R> {
    /// The method of a request.
    pub(crate) method: &'static str,
    /// The path of a request.
    pub(crate) path: String,
    /// The content type of a request.
    pub(crate) content_type: &'static str,
    /// The headers and the body of a request with this input.
    pub(crate) request: R,
    /// What an error answer says.
    pub(crate) error: fn(&str) -> ErrorMetadata,
}

/// An error answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ServiceError(ErrorMetadata);

impl ProvideErrorMetadata for ServiceError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Service {
    /// The operation `name`, whose calls `counter` counts if there is one.
    pub(crate) fn operation<R>(
        self,
        config: &SdkConfig,
        name: &'static str,
        counter: Option<&CallCounter>,
        protocol: Protocol<R>,
    ) -> TextOperation
    where
        R: Fn(String) -> (Vec<(&'static str, String)>, String) + Send + Sync + 'static,
    {
        let Protocol {
            method,
            path,
            content_type,
            request,
            error,
        } = protocol;
        let retries = config.retry_config().cloned();
        let timeouts = config.timeout_config().cloned();
        let operation = Operation::builder()
            .service_name(self.id)
            .operation_name(name)
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint(config))
            .standard_retry(&retries.unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<ServiceError>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(AwsErrorCodeClassifier::<ServiceError>::new())
            .retry_classifier(CallRateLimit)
            .timeout_config(timeouts.unwrap_or_else(|| TimeoutConfig::builder().build()))
            .runtime_plugin(self.plugin(config))
            .serializer(move |input: String| {
                let head = http::Request::builder().method(method).uri(path.as_str());
                sent(head, content_type, request(input))
            })
            .deserializer(move |response: &HttpResponse| text_of(response, error));
        let operation = match counter {
            Some(counter) => operation.interceptor(counter.clone()),
            None => operation,
        };
        match config.sleep_impl() {
            Some(sleep) => operation.sleep_impl(sleep).build(),
            None => operation.build(),
        }
    }

    /// `AWS_ENDPOINT_URL_<id>`, else the common endpoint, else the Region's.
    fn endpoint(self, config: &SdkConfig) -> String {
        let key = ServiceConfigKey::builder()
            .service_id(self.id)
            .profile("endpoint_url")
            .env("AWS_ENDPOINT_URL")
            .build()
            .ok();
        let specific = key.and_then(|key| config.service_config()?.load_config(key));
        specific
            .or_else(|| config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| format!("https://{}.{}", self.name, self.place(config).0))
    }

    /// The rest of its host, and the Region of its signatures (AWS general reference, "Service endpoints").
    fn place(self, config: &SdkConfig) -> (String, String) {
        let region = config.region().map_or("us-east-1", AsRef::as_ref);
        let of_partition = |suffix: &str, region: &str| (suffix.to_owned(), region.to_owned());
        match region {
            cn if cn.starts_with("cn-") => {
                let region = if self.is_global { "cn-north-1" } else { cn };
                (format!("{region}.amazonaws.com.cn"), region.to_owned())
            }
            gov if self.is_global && gov.starts_with("us-gov-") => {
                of_partition("us-gov.amazonaws.com", "us-gov-west-1")
            }
            _ if self.is_global => of_partition("amazonaws.com", "us-east-1"),
            region => (format!("{region}.amazonaws.com"), region.to_owned()),
        }
    }

    /// Signing, identity and HTTP.
    fn plugin(self, config: &SdkConfig) -> StaticRuntimePlugin {
        let mut components = RuntimeComponentsBuilder::new(self.name)
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
                SIGV4,
            ])))
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
            .with_config(self.signing(config).freeze())
            .with_runtime_components(components)
    }

    fn signing(self, config: &SdkConfig) -> Layer {
        let mut layer = Layer::new(self.name);
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        let region = config.region().map_or("us-east-1", AsRef::as_ref);
        // AWS throttles in each Region by itself: what slows calls down in one must not slow them in others.
        layer.store_put(RetryPartition::new(format!("{}-{region}", self.name)));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(self.place(config).1))),
            name: Some(SigningName::from_static(self.name)),
            signing_options: SigningOptions::default(),
            ..SigV4OperationSigningConfig::default()
        });
        layer
    }
}

fn sent(
    head: http::request::Builder,
    content_type: &str,
    (headers, body): (Vec<(&'static str, String)>, String),
) -> Result<HttpRequest, BoxError> {
    let request = head
        .header("content-type", content_type)
        .header("content-length", body.len());
    let request = headers.into_iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    Ok(HttpRequest::try_from(request.body(SdkBody::from(body))?)?)
}

fn text_of(
    response: &HttpResponse,
    error: fn(&str) -> ErrorMetadata,
) -> Result<String, OrchestratorError<ServiceError>> {
    let text = response
        .body()
        .bytes()
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default();
    if response.status().is_success() {
        return Ok(text.to_owned());
    }
    // REST services name the error in a header (Smithy, AWS REST JSON 1).
    let mut said = error(text);
    if let (None, Some(kind)) = (said.code(), response.headers().get("x-amzn-errortype")) {
        let code = kind.split(':').next().unwrap_or_default();
        let message = said.message().unwrap_or_default().to_owned();
        said = ErrorMetadata::builder().code(code).message(message).build();
    }
    Err(OrchestratorError::operation(ServiceError(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regional_service_is_in_each_region_and_a_global_one_once_in_a_partition() {
        let regional = Service {
            id: "EC2",
            name: "ec2",
            is_global: false,
        };
        let global = Service {
            id: "IAM",
            name: "iam",
            is_global: true,
        };
        for (service, region, endpoint, signs) in [
            (
                regional,
                "eu-west-1",
                "https://ec2.eu-west-1.amazonaws.com",
                "eu-west-1",
            ),
            (
                regional,
                "cn-northwest-1",
                "https://ec2.cn-northwest-1.amazonaws.com.cn",
                "cn-northwest-1",
            ),
            (
                global,
                "eu-west-1",
                "https://iam.amazonaws.com",
                "us-east-1",
            ),
            (
                global,
                "us-gov-east-1",
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
            (
                global,
                "cn-northwest-1",
                "https://iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
        ] {
            let region = Region::new(region);
            let config = SdkConfig::builder().region(region).build();
            assert_eq!(service.endpoint(&config), endpoint);
            assert_eq!(service.place(&config).1, signs, "{endpoint}");
        }
    }
}
