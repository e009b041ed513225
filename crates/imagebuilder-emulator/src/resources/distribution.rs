//! Distribution configurations.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, check_quota, shown, summary};
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

/// Members of a distribution that AWS acts on and the emulator does not.
const NOT_EMULATED: [&str; 6] = [
    "containerDistributionConfiguration",
    "licenseConfigurationArns",
    "launchTemplateConfigurations",
    "s3ExportConfiguration",
    "fastLaunchConfigurations",
    "ssmParameterConfigurations",
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
    let settings = checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::DistributionConfiguration, &name);
    if request.state.distributions.contains_key(&arn) {
        return Err(Refusal::exists("DistributionConfiguration", arn));
    }
    let limit = request.options().quotas.distribution_configurations;
    check_quota(&request.state.distributions, &arn, ("Distribution configurations", limit))?;
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
    request.state.distributions.insert(arn.clone(), Arc::new(made));
    Ok(json!({"distributionConfigurationArn": arn}))
}

fn checked(request: &Request<'_>) -> Result<DistributionSettings, Refusal> {
    let entries = request.input()["distributions"].as_array();
    for (index, entry) in entries.into_iter().flatten().enumerate() {
        check_entry(index, entry)?;
    }
    let settings: DistributionSettings = request.read()?;
    let mut regions = BTreeSet::new();
    for (index, distribution) in settings.distributions.iter().enumerate() {
        if !regions.insert(&distribution.region) {
            let rule = format!("Region '{}' is there more than once.", distribution.region);
            return Err(Refusal::invalid("distributions", &rule));
        }
        check_name(index, distribution)?;
    }
    Ok(settings)
}

fn check_entry(index: usize, entry: &Value) -> Result<(), Refusal> {
    if let Some(member) = NOT_EMULATED.iter().find(|member| entry.get(member).is_some()) {
        return Err(Refusal::not_emulated(&format!("parameter 'distributions[{index}].{member}'")));
    }
    if entry.get("amiDistributionConfiguration").is_none() {
        let rule = "One or more outputs should be provided for each region in a distribution configuration.";
        return Err(Refusal::invalid(&format!("distributions[{index}]"), rule));
    }
    Ok(())
}

fn check_name(index: usize, distribution: &Distribution) -> Result<(), Refusal> {
    let ami = distribution.ami_distribution_configuration.as_ref();
    let Some(name) = ami.and_then(|ami| ami.name.as_deref()) else { return Ok(()) };
    if name.replace(' ', "").contains("{{imagebuilder:buildDate}}") {
        return Ok(());
    }
    let parameter = format!("distributions[{index}].amiDistributionConfiguration.name");
    let rule = "The name must include the {{ imagebuilder:buildDate }} dynamic tag.";
    Err(Refusal::invalid(&parameter, rule))
}

/// UpdateDistributionConfiguration: whatever is left out is reset; AMIs already distributed stay
/// as they are.
pub(crate) fn update(request: &mut Request<'_>) -> Answer {
    let settings = checked(request)?;
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
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Arc<DistributionConfiguration>> {
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
    if pipelines.any(|(_, used)| used.settings.distribution_configuration_arn.as_ref() == Some(&arn)) {
        return Err(Refusal::depended_on(&arn));
    }
    drop(pipelines);
    request.state.distributions.remove(&arn);
    Ok(json!({"distributionConfigurationArn": arn}))
}

impl Filtered for Arc<DistributionConfiguration> {
    const FILTERS: &'static [&'static str] = &["name"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        if filter == "name" { vec![Cow::from(&self.name)] } else { Vec::new() }
    }
}

const SUMMARY_MEMBERS: [&str; 6] = ["arn", "name", "description", "dateCreated", "dateUpdated", "tags"];

/// ListDistributionConfigurations
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Arc<DistributionConfiguration>>(request)?;
    let own = request.own(Kind::DistributionConfiguration, "");
    let found = state::all(&request.state.distributions, &own).map(|(_, one)| one);
    let found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::page(request, "distributionConfigurationSummaryList", &found, |one| {
        let regions = one.settings.distributions.iter().map(|entry| entry.region.as_str());
        let mut view = summary(one.as_ref(), &SUMMARY_MEMBERS);
        view["regions"] = regions.collect();
        view
    })
}
