//! The few EC2 operations that are needed, as a small signed Query client.
//!
//! `aws-sdk-ec2` compiles for eight minutes at full optimisation on two cores and for five in all in
//! dev; these are four `Describe` operations over the same orchestrator, signer, retries and HTTP client
//! as the SDK's own.

mod answers;

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID as SIGV4, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
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
use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::BaseAmi;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use self::answers::{Images, InstanceTypes, Regions, Subnets};
use crate::calls::CallCounter;
use crate::fault::{CallError, Fault};

/// EC2's query API version.
const API_VERSION: &str = "2016-11-15";
/// EC2 takes at most 200 values a filter (API reference, `DescribeImages`).
const MOST_VALUES: usize = 200;

/// A client of EC2's Query protocol.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    images: Query,
    instance_types: Query,
    regions: Query,
    subnets: Query,
}

/// An operation whose input is the body after the action, and whose answer is XML.
type Query = Operation<String, String, Ec2Error>;

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            images: query(config, counter, "DescribeImages"),
            instance_types: query(config, counter, "DescribeInstanceTypes"),
            regions: query(config, counter, "DescribeRegions"),
            subnets: query(config, counter, "DescribeSubnets"),
        }
    }

    /// The AMIs of `ids` that exist and that we may see; the others are left out, since a filter,
    /// unlike `ImageId`, does not fail on one that is missing.
    pub(crate) async fn base_amis(
        &self,
        ids: &BTreeSet<AmiId>,
    ) -> Result<BTreeMap<AmiId, BaseAmi>, CallError> {
        let flags = "&IncludeDeprecated=true&IncludeDisabled=true";
        let mut amis = BTreeMap::new();
        for body in batches("image-id", ids.iter().map(AmiId::as_str)) {
            let body = format!("{flags}{body}");
            let images: Images = answer(&self.images, "ec2:DescribeImages", body).await?;
            amis.extend(images.base_amis());
        }
        Ok(amis)
    }

    /// The architectures of those instance types that the Region has.
    pub(crate) async fn instance_types(
        &self,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, CallError> {
        let mut types = BTreeMap::new();
        for body in batches("instance-type", names.iter().map(String::as_str)) {
            let operation = &self.instance_types;
            let found: InstanceTypes = answer(operation, "ec2:DescribeInstanceTypes", body).await?;
            types.extend(found.architectures());
        }
        Ok(types)
    }

    /// The opt-in status of those Regions that there are.
    pub(crate) async fn regions(
        &self,
        names: &BTreeSet<Region>,
    ) -> Result<BTreeMap<Region, String>, CallError> {
        let mut regions = BTreeMap::new();
        for body in batches("region-name", names.iter().map(Region::as_str)) {
            let body = format!("&AllRegions=true{body}");
            let found: Regions = answer(&self.regions, "ec2:DescribeRegions", body).await?;
            regions.extend(found.statuses());
        }
        Ok(regions)
    }

    /// Whether the subnet gives instances a public address; none if there is no such subnet.
    pub(crate) async fn subnet(&self, id: &str) -> Result<Option<bool>, CallError> {
        let body: String = batches("subnet-id", std::iter::once(id)).concat();
        let found: Subnets = answer(&self.subnets, "ec2:DescribeSubnets", body).await?;
        Ok(found.public_ip(id))
    }
}

/// One body for every two hundred values of a filter.
fn batches<'v>(filter: &str, values: impl Iterator<Item = &'v str>) -> Vec<String> {
    let values: Vec<&str> = values.collect();
    let batch = |values: &[&str]| {
        let values = values.iter().enumerate().map(|(n, value)| format!("&Filter.1.Value.{}={value}", n + 1));
        format!("&Filter.1.Name={filter}{}", values.collect::<String>())
    };
    values.chunks(MOST_VALUES).map(batch).collect()
}

async fn answer<T: DeserializeOwned>(
    operation: &Query,
    name: &'static str,
    body: String,
) -> Result<T, CallError> {
    let text = operation.invoke(body).await;
    let text = text.map_err(|error: SdkError<_, _>| CallError::new(name, &error))?;
    let malformed = |error: quick_xml::DeError| CallError::local(name, Fault::Permanent, error.to_string());
    quick_xml::de::from_str(&text).map_err(malformed)
}

fn query(config: &SdkConfig, counter: &CallCounter, name: &'static str) -> Query {
    let operation = Operation::builder()
        .service_name("EC2")
        .operation_name(name)
        .behavior_version(aws_config::BehaviorVersion::latest())
        .endpoint_url(&endpoint(config))
        .interceptor(counter.clone())
        .standard_retry(&config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
        .retry_classifier(TransientErrorClassifier::<Ec2Error>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(config.timeout_config().cloned().unwrap_or_else(|| TimeoutConfig::builder().build()))
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
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    specific
        .or_else(|| config.endpoint_url().map(str::to_owned))
        .unwrap_or_else(|| format!("https://ec2.{region}.{suffix}"))
}

/// Signing, identity and HTTP, as every SDK client has them.
fn plugin(config: &SdkConfig) -> StaticRuntimePlugin {
    let mut components = RuntimeComponentsBuilder::new("ec2")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SIGV4])))
        .with_identity_cache(Some(config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build())));
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SIGV4, credentials);
    }
    if let Some(time) = config.time_source() {
        components.set_time_source(Some(time));
    }
    if let Some(client) = config.http_client() {
        components.set_http_client(Some(client));
    }
    StaticRuntimePlugin::new().with_config(signing(config).freeze()).with_runtime_components(components)
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
    let text = response.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    if response.status().is_success() {
        return Ok(text.to_owned());
    }
    let metadata = quick_xml::de::from_str::<ErrorDocument>(text).map(|document| {
        let error = document.errors.error;
        ErrorMetadata::builder().code(error.code).message(error.message).build()
    });
    Err(OrchestratorError::operation(Ec2Error(metadata.unwrap_or_default())))
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
