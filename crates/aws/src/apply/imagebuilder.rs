//! Image Builder's mutations, each from the change that carries its input.

use std::fmt::Display;

use aws_sdk_imagebuilder::error::BuildError;
use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::desired::{LogLocation, MetadataOptions};
use goldsmith_domain::observed::PipelineStatus;
use goldsmith_domain::plan::{
    ComponentWithParameters, Configured, CreatePipeline, CreateRecipe, EncryptedDevice, StartBuild,
    UpdatePipeline,
};
use goldsmith_domain::resources::Infrastructure;

use crate::fault::{CallError, Fault};
use crate::tagging::map;
use crate::{Aws, scan};

/// The members that create and update have in common. An update replaces all of them, so that it would reset
/// a member that only create sets.
macro_rules! with_content {
    ($call:expr, $change:expr) => {
        $call
            .description(&$change.description)
            .set_instance_types(Some($change.content.instance_types.clone()))
            .instance_profile_name(&$change.content.instance_profile)
            .set_key_pair($change.content.key_pair.clone())
            .set_subnet_id($change.content.subnet.clone())
            .set_security_group_ids(security_groups(&$change.content))
            .instance_metadata_options(metadata_options($change.content.metadata))
            .set_logging(logging(&$change.content))
            .terminate_instance_on_failure($change.content.terminate_on_failure)
            .set_resource_tags(Some(map(&$change.content.resource_tags)))
    };
}

pub(super) async fn create_infrastructure(
    aws: &Aws,
    change: &Configured<Infrastructure>,
) -> Result<(), CallError> {
    const OPERATION: &str = "imagebuilder:CreateInfrastructureConfiguration";
    let call = aws
        .imagebuilder
        .create_infrastructure_configuration()
        .name(&change.content.name);
    let call = with_content!(call, change).set_tags(Some(map(&change.tags)));
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    expect_arn(
        OPERATION,
        &change.arn,
        answer.infrastructure_configuration_arn.as_deref(),
    )
}

pub(super) async fn update_infrastructure(
    aws: &Aws,
    change: &Configured<Infrastructure>,
) -> Result<(), CallError> {
    let call = aws.imagebuilder.update_infrastructure_configuration();
    let call = with_content!(call.infrastructure_configuration_arn(&change.arn), change);
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("imagebuilder:UpdateInfrastructureConfiguration", error))
}

/// None, not an empty list, which the service would refuse beside a subnet.
fn security_groups(content: &Infrastructure) -> Option<Vec<String>> {
    (!content.security_groups.is_empty()).then(|| content.security_groups.clone())
}

fn metadata_options(options: MetadataOptions) -> ib::InstanceMetadataOptions {
    let tokens = if options.tokens_required {
        "required"
    } else {
        "optional"
    };
    let hops = i32::try_from(options.hop_limit).unwrap_or(i32::MAX);
    ib::InstanceMetadataOptions::builder()
        .http_tokens(tokens)
        .http_put_response_hop_limit(hops)
        .build()
}

fn logging(content: &Infrastructure) -> Option<ib::Logging> {
    let LogLocation { bucket, prefix } = content.logs.as_ref()?;
    let prefix = (!prefix.is_empty()).then(|| prefix.clone());
    let logs = ib::S3Logs::builder()
        .s3_bucket_name(bucket)
        .set_s3_key_prefix(prefix)
        .build();
    Some(ib::Logging::builder().s3_logs(logs).build())
}

pub(super) async fn create_recipe(aws: &Aws, change: &CreateRecipe) -> Result<(), CallError> {
    const OPERATION: &str = "imagebuilder:CreateImageRecipe";
    let components: Result<Vec<_>, _> = change.components.iter().map(component).collect();
    let components = components.map_err(|error| incomplete(OPERATION, error))?;
    let call = aws
        .imagebuilder
        .create_image_recipe()
        .name(&change.name)
        .semantic_version(change.arn.version().to_string())
        .parent_image(&change.parent)
        // None, not an empty list, which would be too short (API reference, `components`).
        .set_components((!components.is_empty()).then_some(components))
        .set_block_device_mappings(Some(change.devices.iter().map(device).collect()))
        .set_ami_tags(Some(map(&change.ami_tags)))
        .set_tags(Some(map(&change.tags)));
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    expect_arn(OPERATION, &change.arn, answer.image_recipe_arn.as_deref())
}

fn component(used: &ComponentWithParameters) -> Result<ib::ComponentConfiguration, BuildError> {
    let parameter = |(name, value)| {
        ib::ComponentParameter::builder()
            .name(name)
            .value(value)
            .build()
    };
    let parameters: Vec<_> = used
        .parameters
        .iter()
        .map(parameter)
        .collect::<Result<_, _>>()?;
    ib::ComponentConfiguration::builder()
        .component_arn(used.component.to_string())
        .set_parameters((!parameters.is_empty()).then_some(parameters))
        .build()
}

fn device(device: &EncryptedDevice) -> ib::InstanceBlockDeviceMapping {
    let ebs = ib::EbsInstanceBlockDeviceSpecification::builder()
        .encrypted(true)
        .kms_key_id(device.key.as_str())
        .volume_size(limited(device.size_gib))
        .volume_type(device.volume_type.as_str().into())
        .set_iops(device.iops.map(limited))
        .set_throughput(device.throughput.map(limited))
        .delete_on_termination(true)
        .build();
    ib::InstanceBlockDeviceMapping::builder()
        .device_name(&device.name)
        .ebs(ebs)
        .build()
}

/// A number of a document, whose limits are far below this one's.
fn limited(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) async fn create_pipeline(aws: &Aws, change: &CreatePipeline) -> Result<(), CallError> {
    const OPERATION: &str = "imagebuilder:CreateImagePipeline";
    let call = aws
        .imagebuilder
        .create_image_pipeline()
        .name(&change.name)
        .set_description(change.description.clone())
        .image_recipe_arn(change.recipe.to_string())
        .infrastructure_configuration_arn(&change.infrastructure)
        .distribution_configuration_arn(&change.distribution)
        .set_image_scanning_configuration(change.scan.map(scan::configuration))
        .set_tags(Some(map(&change.tags)));
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    expect_arn(OPERATION, &change.arn, answer.image_pipeline_arn.as_deref())
}

pub(super) async fn update_pipeline(aws: &Aws, change: &UpdatePipeline) -> Result<(), CallError> {
    let status = match &change.status {
        PipelineStatus::Enabled => ib::PipelineStatus::Enabled,
        PipelineStatus::Disabled => ib::PipelineStatus::Disabled,
        PipelineStatus::Unrecognized(status) => ib::PipelineStatus::from(status.as_str()),
    };
    let call = aws
        .imagebuilder
        .update_image_pipeline()
        .image_pipeline_arn(change.arn.as_str())
        .set_description(change.description.clone())
        .image_recipe_arn(change.recipe.to_string())
        .infrastructure_configuration_arn(&change.infrastructure)
        .distribution_configuration_arn(&change.distribution)
        .set_image_scanning_configuration(change.scan.map(scan::configuration))
        .status(status);
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("imagebuilder:UpdateImagePipeline", error))
}

/// Starts a build; the ARN of its image. The token makes a repetition return the same image.
pub async fn start_build(aws: &Aws, change: &StartBuild) -> Result<String, CallError> {
    let call = aws
        .imagebuilder
        .start_image_pipeline_execution()
        .image_pipeline_arn(change.pipeline.as_str())
        .client_token(&change.token)
        .set_tags(Some(map(&change.tags)));
    let answer = call.send().await;
    let answer = answer
        .map_err(|error| CallError::new("imagebuilder:StartImagePipelineExecution", error))?;
    Ok(answer.image_build_version_arn.unwrap_or_default())
}

/// Checks that the service made the resource that the plan named, since later changes rely on it.
///
/// A second build of a component version, for example, means that another run made that version with other
/// content a moment ago.
pub(super) fn expect_arn(
    operation: &'static str,
    expected: &impl Display,
    found: Option<&str>,
) -> Result<(), CallError> {
    let (expected, found) = (expected.to_string(), found.unwrap_or("no ARN"));
    if expected == found {
        return Ok(());
    }
    Err(CallError::rejected(
        operation,
        Fault::Permanent,
        format!("it made {found}, and the plan named {expected}"),
    ))
}

pub(super) fn incomplete(operation: &'static str, error: BuildError) -> CallError {
    CallError::rejected(operation, Fault::Permanent, error)
}
