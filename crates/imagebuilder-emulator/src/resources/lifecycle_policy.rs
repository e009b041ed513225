//! Lifecycle policies. Their daily runs are in [`crate::lifecycle`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Answer, check_quota, lifecycle_checks, shown, summary};
use crate::{
    arn::{Arn, Kind, Version},
    date::Epoch,
    lifecycle::{self, rule::PolicyDetail},
    operations::Handlers,
    paging::{self, Filtered, Filters},
    refusal::Refusal,
    request::Request,
    state::{self, Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateLifecyclePolicy", create),
    ("GetLifecyclePolicy", get),
    ("UpdateLifecyclePolicy", update),
    ("ListLifecyclePolicies", list),
    ("DeleteLifecyclePolicy", delete),
];

/// A lifecycle policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LifecyclePolicy {
    pub arn: Arn,
    pub name: String,
    pub date_created: Epoch,
    pub date_updated: Option<Epoch>,
    pub date_last_run: Option<Epoch>,
    pub tags: Tags,
    #[serde(flatten)]
    pub settings: PolicySettings,
}

/// What an update replaces as a whole, the status included.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicySettings {
    pub description: Option<String>,
    #[serde(default)]
    pub status: PolicyStatus,
    pub execution_role: String,
    pub resource_type: ResourceType,
    pub policy_details: Vec<PolicyDetail>,
    pub resource_selection: ResourceSelection,
}

/// Whether a policy runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum PolicyStatus {
    /// The default, also of an update.
    #[default]
    Enabled,
    /// It does not run.
    Disabled,
}

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum ResourceType {
    AmiImage,
    ContainerImage,
}

/// The images that a policy looks at: those of recipes, or those with one of some tags.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceSelection {
    pub recipes: Option<Vec<SelectedRecipe>>,
    pub tag_map: Option<Tags>,
}

/// A recipe of a selection; the version may have wildcards.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SelectedRecipe {
    pub name: String,
    pub semantic_version: Version,
}

/// CreateLifecyclePolicy
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let settings = lifecycle_checks::checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::LifecyclePolicy, &name);
    if request.state.lifecycle_policies.contains_key(&arn) {
        return Err(Refusal::exists("LifecyclePolicy", arn));
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
    let found = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    if found.settings.resource_type != settings.resource_type {
        let rule = "The resource type of a lifecycle policy can't be changed.";
        return Err(Refusal::invalid("resourceType", rule));
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
    let found = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    Ok(json!({"lifecyclePolicy": shown(found)}))
}

/// The caller's policy with this ARN.
pub(super) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r LifecyclePolicy> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    request.state.lifecycle_policies.get(arn).filter(|_| ours)
}

/// DeleteLifecyclePolicy: an execution in progress is cancelled, its history stays.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let (arn, now) = (request.arn("lifecyclePolicyArn")?, request.now());
    find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
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
    let found = state::all(&request.state.lifecycle_policies, &own).map(|(_, one)| one);
    let found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::page(request, "lifecyclePolicySummaryList", &found, |one| {
        summary(one, &SUMMARY_MEMBERS)
    })
}
