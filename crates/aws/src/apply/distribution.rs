//! Distribution configurations, from the changes that carry them.

use aws_sdk_imagebuilder::error::BuildError;
use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::observed::Sharing;
use goldsmith_domain::plan::Configured;
use goldsmith_domain::resources::{Distribution, RegionDistribution};

use super::ignore_not_found;
use super::imagebuilder::{expect_arn, incomplete};
use crate::Aws;
use crate::fault::CallError;
use crate::tagging::map;

pub(super) async fn create_distribution(
    aws: &Aws,
    change: &Configured<Distribution>,
) -> Result<(), CallError> {
    const OPERATION: &str = "imagebuilder:CreateDistributionConfiguration";
    let call = aws
        .imagebuilder
        .create_distribution_configuration()
        .name(&change.content.name)
        .description(&change.description)
        .set_distributions(Some(distributions(OPERATION, &change.content)?))
        .set_tags(Some(map(&change.tags)));
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    expect_arn(
        OPERATION,
        &change.arn,
        answer.distribution_configuration_arn.as_deref(),
    )
}

pub(super) async fn update_distribution(
    aws: &Aws,
    change: &Configured<Distribution>,
) -> Result<(), CallError> {
    const OPERATION: &str = "imagebuilder:UpdateDistributionConfiguration";
    let call = aws
        .imagebuilder
        .update_distribution_configuration()
        .distribution_configuration_arn(&change.arn)
        .description(&change.description)
        .set_distributions(Some(distributions(OPERATION, &change.content)?));
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new(OPERATION, error))
}

/// Deletes a configuration, if it still exists.
pub(super) async fn delete_distribution(aws: &Aws, arn: &str) -> Result<(), CallError> {
    let call = aws
        .imagebuilder
        .delete_distribution_configuration()
        .distribution_configuration_arn(arn);
    let answer = call.send().await.map(drop);
    ignore_not_found(
        answer
            .map_err(|error| CallError::new("imagebuilder:DeleteDistributionConfiguration", error)),
    )
}

fn distributions(
    operation: &'static str,
    content: &Distribution,
) -> Result<Vec<ib::Distribution>, CallError> {
    let regions = content.regions.iter();
    regions
        .map(|(region, entry)| distribution(region.as_str(), entry))
        .collect::<Result<_, _>>()
        .map_err(|error| incomplete(operation, error))
}

fn distribution(region: &str, entry: &RegionDistribution) -> Result<ib::Distribution, BuildError> {
    let parameters: Vec<_> = entry
        .parameters
        .iter()
        .map(parameter)
        .collect::<Result<_, _>>()?;
    let templates: Vec<_> = entry
        .launch_templates
        .iter()
        .map(launch_template)
        .collect::<Result<_, _>>()?;
    ib::Distribution::builder()
        .region(region)
        .ami_distribution_configuration(ami(entry))
        .set_ssm_parameter_configurations(listed(parameters))
        .set_launch_template_configurations(listed(templates))
        .build()
}

/// As an AMI's id, which SSM then checks, and which launch templates and `RunInstances` resolve (Image
/// Builder user guide, "Distribution settings", SSM parameters).
fn parameter(name: &String) -> Result<ib::SsmParameterConfiguration, BuildError> {
    let data_type = ib::SsmParameterDataType::AwsEc2Image;
    ib::SsmParameterConfiguration::builder()
        .parameter_name(name)
        .data_type(data_type)
        .build()
}

fn launch_template(id: &String) -> Result<ib::LaunchTemplateConfiguration, BuildError> {
    ib::LaunchTemplateConfiguration::builder()
        .launch_template_id(id)
        .set_default_version(true)
        .build()
}

fn ami(entry: &RegionDistribution) -> ib::AmiDistributionConfiguration {
    let targets: Vec<String> = entry.copied_to.iter().map(ToString::to_string).collect();
    ib::AmiDistributionConfiguration::builder()
        .name(&entry.ami_name)
        .set_ami_tags(Some(map(&entry.ami_tags)))
        .set_kms_key_id(entry.kms_key.as_ref().map(ToString::to_string))
        .set_target_account_ids(listed(targets))
        .set_launch_permission(launch_permission(&entry.shared_with))
        .build()
}

/// None, not empty lists: each of them takes at least one item (API reference).
fn launch_permission(sharing: &Sharing) -> Option<ib::LaunchPermissionConfiguration> {
    let accounts: Vec<String> = sharing.accounts.iter().map(ToString::to_string).collect();
    let organizations = sharing.organizations.iter().map(ToString::to_string);
    let (units, organizations): (Vec<String>, Vec<String>) =
        organizations.partition(|arn| arn.contains(":ou/"));
    let groups: Vec<String> = sharing
        .everybody
        .then(|| "all".to_owned())
        .into_iter()
        .collect();
    let permission = ib::LaunchPermissionConfiguration::builder()
        .set_user_ids(listed(accounts))
        .set_organization_arns(listed(organizations))
        .set_organizational_unit_arns(listed(units))
        .set_user_groups(listed(groups));
    (!sharing.is_empty()).then(|| permission.build())
}

fn listed<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}
