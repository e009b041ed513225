//! The operations on lifecycle policies. Their daily runs are in [`crate::engine::lifecycle`].

use std::borrow::Cow;

use serde_json::json;

use crate::{
    api::imagebuilder::{
        answer::summary,
        lifecycle_checks,
        quota::check_quota,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        date::Epoch,
        error::ApiError,
        json::to_json,
        lookup,
    },
    engine::lifecycle,
    records::lifecycle_policy::{LifecyclePolicy, PolicyStatus, ResourceType},
    wire::paging::{self, Filtered, Filters},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateLifecyclePolicy", create),
    ("GetLifecyclePolicy", get),
    ("UpdateLifecyclePolicy", update),
    ("ListLifecyclePolicies", list),
    ("DeleteLifecyclePolicy", delete),
];

/// CreateLifecyclePolicy
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let settings = lifecycle_checks::checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::LifecyclePolicy, &name);
    if request.state.lifecycle_policies.contains_key(&arn) {
        return Err(ApiError::exists("LifecyclePolicy", arn));
    }
    let quota = (
        "Lifecycle policies",
        request.options().quotas.lifecycle_policies,
    );
    check_quota(&request.state.lifecycle_policies, &arn, quota)?;
    request.stop_if_dry_run()?;
    let (now, tags) = (request.now(), request.tags()?);
    let enabled = settings.status == PolicyStatus::Enabled;
    let (date_created, kept) = (Epoch(now), arn.clone());
    let made = LifecyclePolicy {
        arn,
        name,
        date_created,
        date_updated: None,
        date_last_run: None,
        tags,
        settings,
    };
    request.state.lifecycle_policies.insert(kept.clone(), made);
    if enabled {
        lifecycle::enable(request.state, &kept, now);
    }
    Ok(json!({"lifecyclePolicyArn": kept}))
}

/// UpdateLifecyclePolicy: whatever is left out is reset, `status` to ENABLED among it. A policy
/// that stays enabled keeps its time of day.
pub(crate) fn update(request: &mut Request<'_>) -> Answer {
    let settings = lifecycle_checks::checked(request)?;
    let (arn, now) = (request.arn("lifecyclePolicyArn")?, request.now());
    let found = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    if found.settings.resource_type != settings.resource_type {
        let rule = "The resource type of a lifecycle policy can't be changed.";
        return Err(ApiError::invalid("resourceType", rule));
    }
    let (before, after) = (found.settings.status, settings.status);
    if let Some(policy) = request.state.lifecycle_policies.get_mut(&arn) {
        policy.settings = settings;
        policy.date_updated = Some(Epoch(now));
    }
    match (before, after) {
        (PolicyStatus::Disabled, PolicyStatus::Enabled) => {
            lifecycle::enable(request.state, &arn, now);
        }
        (PolicyStatus::Enabled, PolicyStatus::Disabled) => {
            lifecycle::disable(request.state, &arn, now);
        }
        (PolicyStatus::Enabled, PolicyStatus::Enabled)
        | (PolicyStatus::Disabled, PolicyStatus::Disabled) => {}
    }
    Ok(json!({"lifecyclePolicyArn": arn}))
}

/// GetLifecyclePolicy
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("lifecyclePolicyArn")?;
    let found = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(json!({"lifecyclePolicy": to_json(found)}))
}

/// The caller's policy with this ARN.
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r LifecyclePolicy> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    request.state.lifecycle_policies.get(arn).filter(|_| ours)
}

/// DeleteLifecyclePolicy: an execution in progress is cancelled, its history stays.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let (arn, now) = (request.arn("lifecyclePolicyArn")?, request.now());
    find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    lifecycle::disable(request.state, &arn, now);
    request.state.lifecycle_policies.remove(&arn);
    Ok(json!({"lifecyclePolicyArn": arn}))
}

impl Filtered for LifecyclePolicy {
    const FILTERS: &'static [&'static str] = &["name", "resourceType", "status"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        let text = match (filter, self.settings.resource_type, self.settings.status) {
            ("name", _, _) => self.name.as_str(),
            ("resourceType", ResourceType::AmiImage, _) => "AMI_IMAGE",
            ("resourceType", ResourceType::ContainerImage, _) => "CONTAINER_IMAGE",
            ("status", _, PolicyStatus::Enabled) => "ENABLED",
            ("status", _, PolicyStatus::Disabled) => "DISABLED",
            _ => return Vec::new(),
        };
        vec![Cow::from(text)]
    }
}

const SUMMARY_MEMBERS: [&str; 10] = [
    "arn",
    "name",
    "description",
    "status",
    "executionRole",
    "resourceType",
    "dateCreated",
    "dateUpdated",
    "dateLastRun",
    "tags",
];

/// ListLifecyclePolicies
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<LifecyclePolicy>(request)?;
    let own = request.own(Kind::LifecyclePolicy, "");
    let found = lookup::all(&request.state.lifecycle_policies, &own).map(|(_, one)| one);
    let found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::page(request, "lifecyclePolicySummaryList", &found, |one| {
        summary(one, &SUMMARY_MEMBERS)
    })
}
