//! The one EC2 operation that is needed, as a small signed Query client.
//!
//! `aws-sdk-ec2` compiles for eight minutes at full optimisation on two cores and for five in all in
//! dev; this is `DescribeImages` over the same orchestrator, signer, retries and HTTP client as the
//! SDK's own operations.

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
use goldsmith_domain::desired::{Platform, VolumeType};
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{BaseAmi, Device, ProductCode};
use serde::Deserialize;

use crate::calls::CallCounter;
use crate::fault::CallError;

/// EC2's query API version.
const API_VERSION: &str = "2016-11-15";
/// EC2 takes at most 200 values a filter (API reference, `DescribeImages`).
const MOST_VALUES: usize = 200;

/// A client of EC2's Query protocol.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    describe_images: Operation<Vec<AmiId>, Images, Ec2Error>,
}

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: CallCounter) -> Self {
        let operation = Operation::builder()
            .service_name("EC2")
            .operation_name("DescribeImages")
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&endpoint(config))
            .interceptor(counter)
            .standard_retry(&config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<Ec2Error>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .timeout_config(
                config.timeout_config().cloned().unwrap_or_else(|| TimeoutConfig::builder().build()),
            )
            .runtime_plugin(plugin(config))
            .serializer(|ids: Vec<AmiId>| request(&ids))
            .deserializer(response);
        let operation = match config.sleep_impl() {
            Some(sleep) => operation.sleep_impl(sleep),
            None => operation,
        };
        Self { describe_images: operation.build() }
    }

    /// The AMIs of `ids` that exist and that we may see; the others are left out, since a filter,
    /// unlike `ImageId`, does not fail on one that is missing.
    pub(crate) async fn base_amis(
        &self,
        ids: &BTreeSet<AmiId>,
    ) -> Result<BTreeMap<AmiId, BaseAmi>, CallError> {
        let mut amis = BTreeMap::new();
        let ids: Vec<AmiId> = ids.iter().cloned().collect();
        for chunk in ids.chunks(MOST_VALUES) {
            let answer = self.describe_images.invoke(chunk.to_vec()).await;
            let images =
                answer.map_err(|error: SdkError<_, _>| CallError::new("ec2:DescribeImages", &error))?;
            amis.extend(images.set.items.into_iter().filter_map(ImageItem::base_ami));
        }
        Ok(amis)
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

fn request(ids: &[AmiId]) -> Result<HttpRequest, BoxError> {
    let values = ids.iter().enumerate().map(|(n, id)| format!("&Filter.1.Value.{}={id}", n + 1));
    let body = format!(
        "Action=DescribeImages&Version={API_VERSION}&IncludeDeprecated=true&IncludeDisabled=true&Filter.1.Name=image-id{}",
        values.collect::<String>()
    );
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", body.len())
        .body(SdkBody::from(body))?;
    Ok(HttpRequest::try_from(request)?)
}

fn response(response: &HttpResponse) -> Result<Images, OrchestratorError<Ec2Error>> {
    let text = response.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    if response.status().is_success() {
        return quick_xml::de::from_str(text).map_err(|error| OrchestratorError::other(error.to_string()));
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

/// `DescribeImagesResponse`, as far as it is read.
#[derive(Debug, Deserialize)]
struct Images {
    #[serde(rename = "imagesSet", default)]
    set: ImageSet,
}

#[derive(Debug, Default, Deserialize)]
struct ImageSet {
    #[serde(rename = "item", default)]
    items: Vec<ImageItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageItem {
    image_id: String,
    #[serde(default)]
    image_state: String,
    platform: Option<String>,
    #[serde(default)]
    architecture: String,
    deprecation_time: Option<String>,
    #[serde(default)]
    product_codes: ProductCodes,
    #[serde(default)]
    root_device_name: String,
    #[serde(default)]
    block_device_mapping: BlockDevices,
}

#[derive(Debug, Default, Deserialize)]
struct ProductCodes {
    #[serde(rename = "item", default)]
    items: Vec<ProductCodeItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductCodeItem {
    product_code: String,
    #[serde(rename = "type", default)]
    kind: String,
}

impl ProductCodeItem {
    fn code(self) -> ProductCode {
        ProductCode { id: self.product_code, kind: self.kind }
    }
}

#[derive(Debug, Default, Deserialize)]
struct BlockDevices {
    #[serde(rename = "item", default)]
    items: Vec<BlockDevice>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockDevice {
    device_name: String,
    ebs: Option<Ebs>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ebs {
    volume_size: Option<u32>,
    volume_type: Option<String>,
}

impl ImageItem {
    fn base_ami(self) -> Option<(AmiId, BaseAmi)> {
        let ami = BaseAmi {
            available: self.image_state == "available",
            // `platform` is `windows` or absent (API reference, `Image`).
            platform: if self.platform.is_some() { Platform::Windows } else { Platform::Linux },
            architecture: self.architecture,
            // Malformed or not told: it is not known.
            deprecated: self.deprecation_time.and_then(|time| time.parse().ok()),
            product_codes: self.product_codes.items.into_iter().map(ProductCodeItem::code).collect(),
            root_device: self.root_device_name,
            devices: self.block_device_mapping.items.into_iter().filter_map(BlockDevice::device).collect(),
        };
        Some((self.image_id.parse().ok()?, ami))
    }
}

impl BlockDevice {
    /// The device if it is an EBS volume; instance stores have no snapshot to encrypt.
    fn device(self) -> Option<Device> {
        let ebs = self.ebs?;
        let named = |name: String| VolumeType::ALL.into_iter().find(|volume| volume.as_str() == name);
        Some(Device {
            name: self.device_name,
            size_gib: ebs.volume_size.unwrap_or(1),
            volume_type: ebs.volume_type.and_then(named).unwrap_or(VolumeType::Gp2),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"<?xml version="1.0"?><DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
      <requestId>r</requestId><imagesSet><item><imageId>ami-08bd941ae380bd3cd</imageId><imageState>available</imageState>
      <rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping>
      <item><deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-1</snapshotId><volumeSize>8</volumeSize><volumeType>gp3</volumeType></ebs></item>
      <item><deviceName>/dev/sdb</deviceName><virtualName>ephemeral0</virtualName></item>
      </blockDeviceMapping></item></imagesSet></DescribeImagesResponse>"#;

    #[test]
    fn instance_stores_are_not_devices_of_ours() {
        let images: Images = quick_xml::de::from_str(ANSWER).expect("an answer");
        let amis: BTreeMap<_, _> = images.set.items.into_iter().filter_map(ImageItem::base_ami).collect();
        let device = Device { name: "/dev/xvda".to_owned(), size_gib: 8, volume_type: VolumeType::Gp3 };
        let ami = &amis[&"ami-08bd941ae380bd3cd".parse().expect("an AMI id")];
        assert_eq!((ami.available, ami.platform, &ami.devices), (true, Platform::Linux, &vec![device]));
    }

    #[test]
    fn no_images_is_an_answer() {
        let empty = "<DescribeImagesResponse><requestId>r</requestId><imagesSet/></DescribeImagesResponse>";
        assert!(quick_xml::de::from_str::<Images>(empty).expect("an answer").set.items.is_empty());
    }
}
