//! Infrastructure configurations.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{arn::Arn, date::Date, tags::Tags};

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
