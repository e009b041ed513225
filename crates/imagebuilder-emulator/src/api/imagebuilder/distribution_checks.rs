//! What CreateDistributionConfiguration and UpdateDistributionConfiguration check.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    api::imagebuilder::request::Request,
    common::error::ApiError,
    records::distribution::{Distribution, DistributionSettings},
};

/// Members of a distribution that AWS acts on and the emulator does not: containers, and disk images
/// in S3, of which there is nothing to export.
const NOT_EMULATED: [&str; 2] = [
    "containerDistributionConfiguration",
    "s3ExportConfiguration",
];

/// What a Region can get.
const OUTPUTS: [&str; 5] = [
    "amiDistributionConfiguration",
    "licenseConfigurationArns",
    "launchTemplateConfigurations",
    "fastLaunchConfigurations",
    "ssmParameterConfigurations",
];

/// Quota of the AWS General Reference: launch templates a Region of a distribution configuration.
const LAUNCH_TEMPLATES: usize = 5;

/// Quota of the AWS General Reference: SSM parameters a Region of a distribution configuration.
const PARAMETERS: usize = 10;

/// The settings in a request. A Region is there once (User Guide, "Distribution settings"); that it must get
/// something was seen (terraform-provider-aws, pull request 17409).
pub(crate) fn checked(request: &Request<'_>) -> Result<DistributionSettings, ApiError> {
    let entries = request.members()["distributions"].as_array();
    for (index, entry) in entries.into_iter().flatten().enumerate() {
        check_entry(index, entry)?;
    }
    let settings: DistributionSettings = request.read()?;
    let mut regions = BTreeSet::new();
    for (index, distribution) in settings.distributions.iter().enumerate() {
        if !regions.insert(&distribution.region) {
            let rule = format!("Region '{}' is there more than once.", distribution.region);
            return Err(ApiError::invalid("distributions", &rule));
        }
        check_name(index, distribution)?;
        check_quotas(distribution)?;
        check_parameters(index, distribution, &request.caller().account)?;
    }
    Ok(settings)
}

fn check_entry(index: usize, entry: &Value) -> Result<(), ApiError> {
    if let Some(member) = NOT_EMULATED
        .iter()
        .find(|member| entry.get(member).is_some())
    {
        return Err(ApiError::not_emulated(&format!(
            "parameter 'distributions[{index}].{member}'"
        )));
    }
    if OUTPUTS.iter().all(|member| entry.get(member).is_none()) {
        let rule = "One or more outputs should be provided for each region in a distribution configuration.";
        return Err(ApiError::invalid(&format!("distributions[{index}]"), rule));
    }
    Ok(())
}

fn check_quotas(distribution: &Distribution) -> Result<(), ApiError> {
    let templates = distribution
        .launch_template_configurations
        .as_ref()
        .map_or(0, Vec::len);
    let parameters = distribution
        .ssm_parameter_configurations
        .as_ref()
        .map_or(0, Vec::len);
    for (name, count, limit) in [
        (
            "Launch templates per distribution Region",
            templates,
            LAUNCH_TEMPLATES,
        ),
        (
            "SSM parameters per distribution Region",
            parameters,
            PARAMETERS,
        ),
    ] {
        if count > limit {
            return Err(ApiError::quota(name, limit));
        }
    }
    Ok(())
}

/// The account of a parameter must be one that gets the AMI (API reference, `SsmParameterConfiguration`).
fn check_parameters(index: usize, distribution: &Distribution, own: &str) -> Result<(), ApiError> {
    let parameters = distribution.ssm_parameter_configurations.iter().flatten();
    let mut accounts = parameters.filter_map(|parameter| parameter.ami_account_id.as_deref());
    match accounts.find(|account| *account != own && !distribution.targets(account)) {
        Some(account) => {
            let parameter = format!("distributions[{index}].ssmParameterConfigurations");
            let rule = format!("The account '{account}' is not a target account of the Region.");
            Err(ApiError::invalid(&parameter, &rule))
        }
        None => Ok(()),
    }
}

fn check_name(index: usize, distribution: &Distribution) -> Result<(), ApiError> {
    let ami = distribution.ami_distribution_configuration.as_ref();
    let Some(name) = ami.and_then(|ami| ami.name.as_deref()) else {
        return Ok(());
    };
    if name.replace(' ', "").contains("{{imagebuilder:buildDate}}") {
        return Ok(());
    }
    let parameter = format!("distributions[{index}].amiDistributionConfiguration.name");
    // Seen in the wild (terraform-provider-aws, issue 36610).
    let rule = "The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure that the name will be unique.";
    Err(ApiError::invalid(&parameter, rule))
}
