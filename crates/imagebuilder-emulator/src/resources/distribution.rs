//! Distribution configurations.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, check_quota, distribution_checks, shown, summary};
use crate::{
    arn::{Arn, Kind},
    date::Date,
    operations::Handlers,
    paging::{self, Filtered, Filters},
    refusal::Refusal,
    request::Request,
    state::{self, Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateDistributionConfiguration", create),
    ("GetDistributionConfiguration", get),
    ("UpdateDistributionConfiguration", update),
    ("ListDistributionConfigurations", list),
    ("DeleteDistributionConfiguration", delete),
];

/// A distribution configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DistributionConfiguration {
    pub arn: Arn,
    pub name: String,
    /// Required in answers, cannot be set, and does nothing.
    pub timeout_minutes: u32,
    pub date_created: Date,
    pub date_updated: Option<Date>,
    pub tags: Tags,
    #[serde(flatten)]
    pub settings: DistributionSettings,
}

/// What an update replaces as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DistributionSettings {
    pub description: Option<String>,
    pub distributions: Vec<Distribution>,
}

/// What happens in one Region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Distribution {
    pub region: String,
    pub ami_distribution_configuration: Option<AmiDistribution>,
    /// Associated with the AMI: License Manager is not emulated, so that nobody can see it.
    pub license_configuration_arns: Option<Vec<String>>,
    pub launch_template_configurations: Option<Vec<LaunchTemplateConfiguration>>,
    pub fast_launch_configurations: Option<Vec<FastLaunchConfiguration>>,
    pub ssm_parameter_configurations: Option<Vec<SsmParameterConfiguration>>,
}

impl Distribution {
    /// Whether an account gets an AMI of its own in the Region.
    pub fn targets(&self, account: &str) -> bool {
        let ami = self.ami_distribution_configuration.as_ref();
        let targets = ami.and_then(|ami| ami.target_account_ids.as_ref());
        targets.is_some_and(|targets| targets.iter().any(|target| target == account))
    }
}

/// A launch template that is to get a version with the AMI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LaunchTemplateConfiguration {
    pub launch_template_id: String,
    /// The building account by default.
    pub account_id: Option<String>,
    /// Absent is true.
    pub set_default_version: Option<bool>,
}

/// Faster launching of Windows. Only whether it is wanted is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FastLaunchConfiguration {
    pub enabled: bool,
    #[serde(flatten)]
    pub rest: serde_json::Map<String, Value>,
}

/// A parameter that is to name the AMI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SsmParameterConfiguration {
    /// The account whose AMI it names, and which owns it; the building account by default.
    pub ami_account_id: Option<String>,
    pub parameter_name: String,
    /// `text` or `aws:ec2:image`
    pub data_type: Option<String>,
}

/// The AMI in one Region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AmiDistribution {
    /// A template with `{{ imagebuilder:buildDate }}`.
    pub name: Option<String>,
    pub description: Option<String>,
    /// Accounts that get copies of their own.
    pub target_account_ids: Option<Vec<String>>,
    pub ami_tags: Option<Tags>,
    /// Encrypts copies only.
    pub kms_key_id: Option<String>,
    pub launch_permission: Option<LaunchPermissions>,
}

/// Who may launch the AMI.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LaunchPermissions {
    pub user_ids: Option<Vec<String>>,
    pub user_groups: Option<Vec<String>>,
    pub organization_arns: Option<Vec<String>>,
    pub organizational_unit_arns: Option<Vec<String>>,
}

/// CreateDistributionConfiguration
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let settings = distribution_checks::checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::DistributionConfiguration, &name);
    if request.state.distributions.contains_key(&arn) {
        return Err(Refusal::exists("DistributionConfiguration", arn));
    }
    let limit = request.options().quotas.distribution_configurations;
    check_quota(
        &request.state.distributions,
        &arn,
        ("Distribution configurations", limit),
    )?;
    request.stop_if_dry_run()?;
    let made = DistributionConfiguration {
        arn: arn.clone(),
        name,
        timeout_minutes: 720,
        date_created: request.date(),
        date_updated: None,
        tags: request.tags()?,
        settings,
    };
    request
        .state
        .distributions
        .insert(arn.clone(), Arc::new(made));
    Ok(json!({"distributionConfigurationArn": arn}))
}

/// UpdateDistributionConfiguration: whatever is left out is reset; AMIs already distributed stay
/// as they are.
pub(crate) fn update(request: &mut Request<'_>) -> Answer {
    let settings = distribution_checks::checked(request)?;
    let (arn, date) = (request.arn("distributionConfigurationArn")?, request.date());
    find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    if let Some(found) = request.state.distributions.get_mut(&arn) {
        let found = Arc::make_mut(found);
        found.settings = settings;
        found.date_updated = Some(date);
    }
    Ok(json!({"distributionConfigurationArn": arn}))
}

/// GetDistributionConfiguration
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("distributionConfigurationArn")?;
    let found = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    Ok(json!({"distributionConfiguration": shown(found.as_ref())}))
}

/// The caller's configuration with this ARN.
pub(crate) fn find<'r>(
    request: &'r Request<'_>,
    arn: &Arn,
) -> Option<&'r Arc<DistributionConfiguration>> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    request.state.distributions.get(arn).filter(|_| ours)
}

/// DeleteDistributionConfiguration: refused while a pipeline refers to it.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("distributionConfigurationArn")?;
    find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    let pipelines = request.own(Kind::ImagePipeline, "");
    let mut pipelines = state::all(&request.state.pipelines, &pipelines);
    if pipelines
        .any(|(_, used)| used.settings.distribution_configuration_arn.as_ref() == Some(&arn))
    {
        return Err(Refusal::depended_on(&arn));
    }
    drop(pipelines);
    request.state.distributions.remove(&arn);
    Ok(json!({"distributionConfigurationArn": arn}))
}

impl Filtered for Arc<DistributionConfiguration> {
    const FILTERS: &'static [&'static str] = &["name"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        if filter == "name" {
            vec![Cow::from(&self.name)]
        } else {
            Vec::new()
        }
    }
}

const SUMMARY_MEMBERS: [&str; 6] = [
    "arn",
    "name",
    "description",
    "dateCreated",
    "dateUpdated",
    "tags",
];

/// ListDistributionConfigurations
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Arc<DistributionConfiguration>>(request)?;
    let own = request.own(Kind::DistributionConfiguration, "");
    let found = state::all(&request.state.distributions, &own).map(|(_, one)| one);
    let found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::page(
        request,
        "distributionConfigurationSummaryList",
        &found,
        |one| {
            let regions = one
                .settings
                .distributions
                .iter()
                .map(|entry| entry.region.as_str());
            let mut view = summary(one.as_ref(), &SUMMARY_MEMBERS);
            view["regions"] = regions.collect();
            view
        },
    )
}
