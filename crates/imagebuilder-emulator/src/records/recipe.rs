//! Image recipes: immutable versions of a name.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{arn::Arn, date::Date, tags::Tags, version::Version};

/// A recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipe {
    pub arn: Arn,
    pub name: String,
    pub version: Version,
    pub platform: String,
    pub owner: String,
    pub date_created: Date,
    pub tags: Tags,
    #[serde(flatten)]
    pub settings: RecipeSettings,
}

/// What a request says about a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecipeSettings {
    pub description: Option<String>,
    #[serde(default)]
    pub components: Vec<ComponentConfiguration>,
    pub parent_image: String,
    #[serde(default)]
    pub block_device_mappings: Vec<BlockDeviceMapping>,
    /// Only shown if it was given. Terraform's provider has no default for it, and would replace
    /// each recipe at each plan.
    pub working_directory: Option<String>,
    pub additional_instance_configuration: Option<Value>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub ami_tags: Tags,
    pub ami_watermarks: Option<Vec<String>>,
}

/// A component of a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComponentConfiguration {
    pub component_arn: Arn,
    pub parameters: Option<Vec<ParameterValue>>,
}

/// A value for a component's parameter: a list by its shape, of exactly one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ParameterValue {
    pub name: String,
    pub value: Vec<String>,
}

/// A volume that differs from the base image's, or is new, or is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockDeviceMapping {
    pub device_name: Option<String>,
    pub ebs: Option<EbsSpecification>,
    pub virtual_name: Option<String>,
    /// Present, and empty, to leave the base image's device out.
    pub no_device: Option<String>,
}

/// An EBS volume; what is absent comes from the base image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbsSpecification {
    pub encrypted: Option<bool>,
    pub delete_on_termination: Option<bool>,
    pub iops: Option<u32>,
    pub kms_key_id: Option<String>,
    pub snapshot_id: Option<String>,
    /// GiB
    pub volume_size: Option<u32>,
    pub volume_type: Option<String>,
    /// MiB/s
    pub throughput: Option<u32>,
}
