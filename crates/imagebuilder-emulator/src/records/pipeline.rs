//! Image pipelines.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{arn::Arn, date::Date, tags::Tags},
    records::{
        image::{ImageStatus, SourcePipeline, TestsConfiguration},
        schedule::Schedule,
        workflow_list::WorkflowList,
    },
};

/// A pipeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pipeline {
    pub arn: Arn,
    pub name: String,
    pub platform: String,
    pub date_created: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_updated: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_last_run: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_run_status: Option<ImageStatus>,
    /// The next match of the schedule, while it is followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_next_run: Option<Date>,
    /// Failures of scheduled builds in a row.
    pub consecutive_failures: u32,
    pub tags: Tags,
    #[serde(flatten)]
    pub settings: PipelineSettings,
    #[serde(skip)]
    pub identity: OnceLock<Arc<SourcePipeline>>,
}

impl Pipeline {
    /// What its images remember it by.
    pub fn identity(&self) -> Arc<SourcePipeline> {
        let identity = || {
            Arc::new(SourcePipeline {
                arn: self.arn.clone(),
                name: self.name.clone(),
            })
        };
        Arc::clone(self.identity.get_or_init(identity))
    }
}

/// What an update replaces as a whole, the status included.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PipelineSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_recipe_arn: Option<Arn>,
    pub infrastructure_configuration_arn: Arn,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution_configuration_arn: Option<Arn>,
    #[serde(default)]
    pub image_tests_configuration: TestsConfiguration,
    #[serde(default = "yes")]
    pub enhanced_image_metadata_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    #[serde(default)]
    pub status: PipelineStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_scanning_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_tags: Option<Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflows: Option<WorkflowList>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging_configuration: Option<Value>,
}

/// Whether the schedule of a pipeline is followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum PipelineStatus {
    /// The default, also of an update.
    #[default]
    Enabled,
    /// It can still be started by hand.
    Disabled,
}

fn yes() -> bool {
    true
}
