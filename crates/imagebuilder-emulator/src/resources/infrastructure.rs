//! Infrastructure configurations.

use std::{borrow::Cow, sync::Arc};

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
    ("CreateInfrastructureConfiguration", create),
    ("GetInfrastructureConfiguration", get),
    ("UpdateInfrastructureConfiguration", update),
    ("ListInfrastructureConfigurations", list),
    ("DeleteInfrastructureConfiguration", delete),
];

/// Tag keys that Image Builder keeps to itself on its instances.
const RESERVED_TAGS: [&str; 4] = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];

/// An infrastructure configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InfrastructureConfiguration {
    pub arn: Arn,
    pub name: String,
    pub date_created: Date,
    pub date_updated: Option<Date>,
    pub tags: Tags,
    #[serde(flatten)]
    pub settings: InfrastructureSettings,
}

/// What an update replaces as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InfrastructureSettings {
    pub description: Option<String>,
    pub instance_types: Option<Vec<String>>,
    pub instance_profile_name: String,
    pub security_group_ids: Option<Vec<String>>,
    pub subnet_id: Option<String>,
    pub logging: Option<Value>,
    pub key_pair: Option<String>,
    #[serde(default = "yes")]
    pub terminate_instance_on_failure: bool,
    pub sns_topic_arn: Option<String>,
    pub resource_tags: Option<Tags>,
    pub instance_metadata_options: Option<Value>,
    pub placement: Option<Value>,
}

fn yes() -> bool {
    true
}

/// CreateInfrastructureConfiguration
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let settings = checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::InfrastructureConfiguration, &name);
    if request.state.infrastructures.contains_key(&arn) {
        return Err(Refusal::exists("InfrastructureConfiguration", arn));
    }
    let limit = request.options().quotas.infrastructure_configurations;
    let quota = ("Infrastructure configurations", limit);
    check_quota(&request.state.infrastructures, &arn, quota)?;
    request.stop_if_dry_run()?;
    let (date_created, tags) = (request.date(), request.tags()?);
    let arn_kept = arn.clone();
    let made = InfrastructureConfiguration {
        arn,
        name,
        date_created,
        date_updated: None,
        tags,
        settings,
    };
    request
        .state
        .infrastructures
        .insert(arn_kept.clone(), Arc::new(made));
    Ok(json!({"infrastructureConfigurationArn": arn_kept}))
}

fn checked(request: &Request<'_>) -> Result<InfrastructureSettings, Refusal> {
    let settings: InfrastructureSettings = request.read()?;
    let groups = settings
        .security_group_ids
        .as_ref()
        .is_some_and(|groups| !groups.is_empty());
    if settings.subnet_id.is_some() && !groups {
        let message = "When you specify a subnetId, you must also specify securityGroupIds.";
        return Err(Refusal::combination(message));
    }
    let mut keys = settings.resource_tags.iter().flat_map(Tags::keys);
    if let Some(key) = keys.find(|key| RESERVED_TAGS.contains(&key.as_str())) {
        return Err(Refusal::invalid(
            "resourceTags",
            &format!("The tag key '{key}' is reserved."),
        ));
    }
    drop(keys);
    Ok(settings)
}

/// UpdateInfrastructureConfiguration: whatever is left out is reset.
pub(crate) fn update(request: &mut Request<'_>) -> Answer {
    let settings = checked(request)?;
    let (arn, date) = (
        request.arn("infrastructureConfigurationArn")?,
        request.date(),
    );
    find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    if let Some(found) = request.state.infrastructures.get_mut(&arn) {
        let found = Arc::make_mut(found);
        found.settings = settings;
        found.date_updated = Some(date);
    }
    Ok(json!({"infrastructureConfigurationArn": arn}))
}

/// GetInfrastructureConfiguration
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("infrastructureConfigurationArn")?;
    let found = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    Ok(json!({"infrastructureConfiguration": shown(found.as_ref())}))
}

/// The caller's configuration with this ARN.
pub(crate) fn find<'r>(
    request: &'r Request<'_>,
    arn: &Arn,
) -> Option<&'r Arc<InfrastructureConfiguration>> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    request.state.infrastructures.get(arn).filter(|_| ours)
}

/// DeleteInfrastructureConfiguration: refused while a pipeline refers to it.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("infrastructureConfigurationArn")?;
    find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    let pipelines = request.own(Kind::ImagePipeline, "");
    let mut pipelines = state::all(&request.state.pipelines, &pipelines);
    if pipelines.any(|(_, used)| used.settings.infrastructure_configuration_arn == arn) {
        return Err(Refusal::depended_on(&arn));
    }
    drop(pipelines);
    request.state.infrastructures.remove(&arn);
    Ok(json!({"infrastructureConfigurationArn": arn}))
}

impl Filtered for Arc<InfrastructureConfiguration> {
    const FILTERS: &'static [&'static str] = &["name"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        if filter == "name" {
            vec![Cow::from(&self.name)]
        } else {
            Vec::new()
        }
    }
}

const SUMMARY_MEMBERS: [&str; 10] = [
    "arn",
    "name",
    "description",
    "dateCreated",
    "dateUpdated",
    "resourceTags",
    "tags",
    "instanceTypes",
    "instanceProfileName",
    "placement",
];

/// ListInfrastructureConfigurations
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Arc<InfrastructureConfiguration>>(request)?;
    let own = request.own(Kind::InfrastructureConfiguration, "");
    let found = state::all(&request.state.infrastructures, &own).map(|(_, one)| one);
    let found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::page(
        request,
        "infrastructureConfigurationSummaryList",
        &found,
        |one| summary(one.as_ref(), &SUMMARY_MEMBERS),
    )
}
