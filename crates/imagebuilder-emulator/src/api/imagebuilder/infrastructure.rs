//! The operations on infrastructure configurations.

use std::{borrow::Cow, sync::Arc};

use serde_json::json;

use crate::{
    api::imagebuilder::{
        answer::summary,
        quota::check_quota,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        json::to_json,
        lookup,
        tags::Tags,
    },
    records::infrastructure::{InfrastructureConfiguration, InfrastructureSettings},
    wire::paging::{self, Filtered, Filters},
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

/// CreateInfrastructureConfiguration
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let settings = checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::InfrastructureConfiguration, &name);
    if request.state.infrastructures.contains_key(&arn) {
        return Err(ApiError::exists("InfrastructureConfiguration", arn));
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

/// A subnet needs a group, and some keys of tags are the service's own (API reference,
/// `CreateInfrastructureConfiguration`).
fn checked(request: &Request<'_>) -> Result<InfrastructureSettings, ApiError> {
    let settings: InfrastructureSettings = request.read()?;
    let groups = settings
        .security_group_ids
        .as_ref()
        .is_some_and(|groups| !groups.is_empty());
    if settings.subnet_id.is_some() && !groups {
        let message = "When you specify a subnetId, you must also specify securityGroupIds.";
        return Err(ApiError::combination(message));
    }
    let mut keys = settings.resource_tags.iter().flat_map(Tags::keys);
    if let Some(key) = keys.find(|key| RESERVED_TAGS.contains(&key.as_str())) {
        return Err(ApiError::invalid(
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
    find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
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
    let found = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(json!({"infrastructureConfiguration": to_json(found.as_ref())}))
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
    find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    let pipelines = request.own(Kind::ImagePipeline, "");
    let mut pipelines = lookup::all(&request.state.pipelines, &pipelines);
    if pipelines.any(|(_, used)| used.settings.infrastructure_configuration_arn == arn) {
        return Err(ApiError::depended_on(&arn));
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
    let found = lookup::all(&request.state.infrastructures, &own).map(|(_, one)| one);
    let mut found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::newest_first(&mut found, |one| (one.date_created, &one.arn));
    paging::page(
        request,
        "infrastructureConfigurationSummaryList",
        &found,
        |one| summary(one.as_ref(), &SUMMARY_MEMBERS),
    )
}
