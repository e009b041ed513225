//! Distribution configurations.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{arn::Arn, date::Date, tags::Tags};

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
