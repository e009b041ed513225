//! Lifecycle policies.

use serde::{Deserialize, Serialize};

use crate::{
    common::{arn::Arn, date::Epoch, tags::Tags, version::Version},
    records::lifecycle_rule::PolicyDetail,
};

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
