//! The operations on distribution configurations.

use std::{borrow::Cow, sync::Arc};

use serde_json::json;

use crate::{
    api::imagebuilder::{
        answer::summary,
        distribution_checks,
        quota::check_quota,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        json::to_json,
        lookup,
    },
    records::distribution::DistributionConfiguration,
    wire::paging::{self, Filtered, Filters},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateDistributionConfiguration", create),
    ("GetDistributionConfiguration", get),
    ("UpdateDistributionConfiguration", update),
    ("ListDistributionConfigurations", list),
    ("DeleteDistributionConfiguration", delete),
];

/// CreateDistributionConfiguration
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let settings = distribution_checks::checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::DistributionConfiguration, &name);
    if request.state.distributions.contains_key(&arn) {
        return Err(ApiError::exists("DistributionConfiguration", arn));
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
    find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
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
    let found = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(json!({"distributionConfiguration": to_json(found.as_ref())}))
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
    find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    let pipelines = request.own(Kind::ImagePipeline, "");
    let mut pipelines = lookup::all(&request.state.pipelines, &pipelines);
    if pipelines
        .any(|(_, used)| used.settings.distribution_configuration_arn.as_ref() == Some(&arn))
    {
        return Err(ApiError::depended_on(&arn));
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
    let found = lookup::all(&request.state.distributions, &own).map(|(_, one)| one);
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
