//! Images: one build each.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{arn::Arn, date::Date, tags::Tags, text::Text},
    records::{
        distribution::DistributionConfiguration, execution::Execution, failure::Failure,
        infrastructure::InfrastructureConfiguration, lifecycle_execution::ImageLifecycle,
        recipe::Recipe, workflow_list::WorkflowList,
    },
};

/// An image build. Recipe and configurations are as they were when it started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Image {
    pub arn: Arn,
    pub recipe: Arc<Recipe>,
    pub infrastructure: Arc<InfrastructureConfiguration>,
    pub distribution: Option<Arc<DistributionConfiguration>>,
    pub tests: TestsConfiguration,
    pub enhanced_metadata: bool,
    /// Shared with the other images of the pipeline.
    pub pipeline: Option<Arc<SourcePipeline>>,
    pub build_type: BuildType,
    pub date_created: Date,
    pub tags: Tags,
    pub execution_role: Option<String>,
    /// Amazon's, if none were named.
    pub workflows: WorkflowList,
    pub logging: Option<Box<Value>>,
    pub scanning: Option<Box<Value>>,
    pub status: ImageStatus,
    pub reason: Option<String>,
    pub failure_context: Option<Box<Value>>,
    /// A cancellation that has been asked for takes effect when the state is left.
    pub cancelling: bool,
    /// The AMI made at the end of BUILDING.
    pub ami: Option<Text>,
    /// `outputResources.amis`
    pub outputs: Vec<OutputAmi>,
    /// What lifecycle actions left on it; most images never have one.
    pub lifecycle: Option<Box<ImageLifecycle>>,
    /// The ids of its executions are computed from it; no other image ever has it.
    pub serial: u32,
    pub origin: Origin,
    pub source: ImageSource,
    /// What the build found out, if it was to collect metadata.
    pub os_version: Option<String>,
    /// The workflows that ran, run, or will run; those before a retry first.
    pub executions: Vec<Execution>,
    /// Why a workflow failed, until the others of its group are over.
    pub failure: Option<Box<Failure>>,
    /// The state in which it failed or was cancelled.
    pub stopped_in: Option<ImageStatus>,
}

/// How an image came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// Built from a recipe.
    Built,
    /// Distributed from an AMI by DistributeImage; recipe and infrastructure stand in for what it
    /// does not have.
    Distributed,
    /// Amazon's; recipe and infrastructure stand in for what is not shown.
    Managed,
}

impl Origin {
    /// Whether the image's AMI is its own work.
    pub fn makes_ami(self) -> bool {
        self == Self::Built
    }
}

/// The origin of the base image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum ImageSource {
    AmazonManaged,
    AwsMarketplace,
    Custom,
}

/// Who started a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BuildType {
    /// A call of the API.
    UserInitiated,
    /// The pipeline's schedule.
    Scheduled,
}

/// The pipeline that started a build.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SourcePipeline {
    pub arn: Arn,
    pub name: String,
}

/// An AMI that a build made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutputAmi {
    pub region: Text,
    pub image: Text,
    pub name: Text,
    pub description: Option<Text>,
    pub account_id: Text,
}

/// `imageTestsConfiguration`. The timeout is stored, shown, and ignored.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TestsConfiguration {
    pub image_tests_enabled: bool,
    pub timeout_minutes: u32,
}

impl Default for TestsConfiguration {
    fn default() -> Self {
        Self {
            image_tests_enabled: true,
            timeout_minutes: 720,
        }
    }
}

/// The status of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum ImageStatus {
    Pending,
    Creating,
    Building,
    Testing,
    Distributing,
    Integrating,
    Available,
    Cancelled,
    Failed,
    Deprecated,
    Disabled,
    Deleted,
}

impl ImageStatus {
    /// Whether the build is under way.
    pub fn is_running(self) -> bool {
        matches!(
            self,
            Self::Pending
                | Self::Creating
                | Self::Building
                | Self::Testing
                | Self::Distributing
                | Self::Integrating
        )
    }
}

impl fmt::Display for ImageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "PENDING",
            Self::Creating => "CREATING",
            Self::Building => "BUILDING",
            Self::Testing => "TESTING",
            Self::Distributing => "DISTRIBUTING",
            Self::Integrating => "INTEGRATING",
            Self::Available => "AVAILABLE",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::Deprecated => "DEPRECATED",
            Self::Disabled => "DISABLED",
            Self::Deleted => "DELETED",
        })
    }
}

impl Image {
    /// A new image, PENDING; nothing but what it is made of is known.
    pub fn pending(
        arn: Arn,
        recipe: Arc<Recipe>,
        infrastructure: Arc<InfrastructureConfiguration>,
        date_created: Date,
    ) -> Self {
        Self {
            arn,
            recipe,
            infrastructure,
            distribution: None,
            tests: TestsConfiguration::default(),
            enhanced_metadata: false,
            pipeline: None,
            build_type: BuildType::UserInitiated,
            date_created,
            tags: Tags::new(),
            execution_role: None,
            workflows: Arc::default(),
            logging: None,
            scanning: None,
            status: ImageStatus::Pending,
            reason: None,
            failure_context: None,
            cancelling: false,
            ami: None,
            outputs: Vec::new(),
            lifecycle: None,
            serial: 0,
            origin: Origin::Built,
            source: ImageSource::Custom,
            os_version: None,
            executions: Vec::new(),
            failure: None,
            stopped_in: None,
        }
    }

    /// `1.0.0/1`
    pub fn version(&self) -> String {
        let build = self.arn.build.unwrap_or_default();
        format!("{}/{build}", self.recipe.version)
    }
}

impl Image {
    /// Gives back the room that was for more to come; most images stay for long after this.
    pub fn shrink(&mut self) {
        self.outputs.shrink_to_fit();
        self.executions.shrink_to_fit();
    }
}
