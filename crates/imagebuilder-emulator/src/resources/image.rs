//! Images: one build each. What happens during the build is in [`crate::build`].

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Answer, distribution::DistributionConfiguration, infrastructure::InfrastructureConfiguration,
    latest_version_references, recipe::Recipe, shown, workflow_use::WorkflowList,
};
use crate::{
    arn::{Arn, Kind},
    build,
    caller::Caller,
    date::Date,
    lifecycle::execution::ImageLifecycle,
    operations::Handlers,
    refusal::Refusal,
    request::Request,
    state::{State, Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers =
    &[("GetImage", get), ("CancelImageCreation", cancel), ("DeleteImage", delete)];

/// An image build. Recipe and configurations are as they were when it started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Image {
    pub arn: Arn,
    pub recipe: Arc<Recipe>,
    pub infrastructure: Arc<InfrastructureConfiguration>,
    pub distribution: Option<Arc<DistributionConfiguration>>,
    pub tests: TestsConfiguration,
    pub enhanced_metadata: bool,
    pub pipeline: Option<SourcePipeline>,
    pub build_type: BuildType,
    pub date_created: Date,
    pub tags: Tags,
    pub execution_role: Option<String>,
    pub workflows: Option<WorkflowList>,
    pub logging: Option<Value>,
    pub scanning: Option<Value>,
    pub status: ImageStatus,
    pub reason: Option<String>,
    pub failure_context: Option<Value>,
    /// A cancellation that has been asked for takes effect when the state is left.
    pub cancelling: bool,
    /// The AMI made at the end of BUILDING.
    pub ami: Option<String>,
    /// `outputResources.amis`
    pub outputs: Vec<OutputAmi>,
    /// What lifecycle actions left on it; most images never have one.
    pub lifecycle: Option<Box<ImageLifecycle>>,
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
    pub region: String,
    pub image: String,
    pub name: String,
    pub description: Option<String>,
    pub account_id: String,
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
        Self { image_tests_enabled: true, timeout_minutes: 720 }
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
    /// `1.0.0/1`
    pub fn version(&self) -> String {
        let build = self.arn.build.unwrap_or_default();
        format!("{}/{build}", self.recipe.version)
    }

    fn state(&self) -> Value {
        json!({
            "status": self.status,
            "reason": self.reason,
            "failureContext": self.failure_context,
        })
    }

    fn outputs(&self) -> Value {
        json!({"amis": self.outputs})
    }

    /// As GetImage shows it.
    pub fn view(&self) -> Value {
        json!({
            "arn": self.arn,
            "type": "AMI",
            "name": self.recipe.name,
            "version": self.version(),
            "platform": self.recipe.platform,
            "enhancedImageMetadataEnabled": self.enhanced_metadata,
            "state": self.state(),
            "imageRecipe": shown(&*self.recipe),
            "sourcePipelineName": self.pipeline.as_ref().map(|pipeline| &pipeline.name),
            "sourcePipelineArn": self.pipeline.as_ref().map(|pipeline| &pipeline.arn),
            "infrastructureConfiguration": shown(&*self.infrastructure),
            "distributionConfiguration": self.distribution.as_deref().map(shown),
            "imageTestsConfiguration": self.tests,
            "dateCreated": self.date_created,
            "outputResources": self.outputs(),
            "tags": self.tags,
            "buildType": self.build_type,
            "imageSource": "CUSTOM",
            "imageScanningConfiguration": self.scanning,
            "executionRole": self.execution_role,
            "workflows": self.workflows,
            "loggingConfiguration": self.logging,
            "deprecationTime": self.lifecycle.as_ref().and_then(|past| past.deprecation_time),
            "lifecycleExecutionId": self.lifecycle.as_ref().and_then(|past| past.execution.clone()),
        })
    }

    /// As the lists of builds show it.
    pub fn summary(&self) -> Value {
        json!({
            "arn": self.arn,
            "name": self.recipe.name,
            "type": "AMI",
            "version": self.version(),
            "platform": self.recipe.platform,
            "state": self.state(),
            "owner": self.arn.account,
            "dateCreated": self.date_created,
            "outputResources": self.outputs(),
            "tags": self.tags,
            "buildType": self.build_type,
            "imageSource": "CUSTOM",
            "loggingConfiguration": self.logging,
            "deprecationTime": self.lifecycle.as_ref().and_then(|past| past.deprecation_time),
            "lifecycleExecutionId": self.lifecycle.as_ref().and_then(|past| past.execution.clone()),
        })
    }

    /// As ListImages shows its version.
    pub fn version_view(&self) -> Value {
        json!({
            "arn": self.arn.versionless_build(),
            "name": self.recipe.name,
            "type": "AMI",
            "version": self.recipe.version,
            "platform": self.recipe.platform,
            "owner": self.arn.account,
            "dateCreated": self.date_created,
            "buildType": self.build_type,
            "imageSource": "CUSTOM",
        })
    }
}

/// GetImage: a build, or the newest AVAILABLE build of a version or wildcard.
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    Ok(json!({
        "image": image.view(),
        "latestVersionReferences": latest_version_references(&image.arn),
    }))
}

pub(super) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Image> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    let found = resolve(&request.state.images, arn);
    found.filter(|_| ours)
}

/// The build with this ARN, or the newest AVAILABLE one that a reference stands for.
pub(crate) fn resolve<'m>(
    images: &'m std::collections::BTreeMap<Arn, Image>,
    reference: &Arn,
) -> Option<&'m Image> {
    if reference.build.is_some() {
        return images.get(reference);
    }
    let first = reference.series();
    let series = images.range(first..).take_while(|(arn, _)| arn.same_series(reference));
    let available = series.filter(|(_, image)| image.status == ImageStatus::Available);
    available.filter(|(arn, _)| reference.covers(arn)).last().map(|(_, image)| image)
}

/// CancelImageCreation: takes effect a little later, and removes nothing that was made.
pub(crate) fn cancel(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    if !image.status.is_running() {
        let rule = format!("The image is in state {} and cannot be cancelled.", image.status);
        return Err(Refusal::invalid("imageBuildVersionArn", &rule));
    }
    let now = request.now();
    build::cancel(request.state, &arn, now);
    Ok(json!({"imageBuildVersionArn": arn}))
}

/// DeleteImage: the resource only; AMIs and snapshots stay.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    if image.status.is_running() {
        return Err(Refusal::depended_on(&arn));
    }
    request.state.images.remove(&arn);
    Ok(json!({"imageBuildVersionArn": arn}))
}

/// How many builds of an account run in a Region.
pub(crate) fn running(state: &State, owner: &Caller) -> usize {
    under_way(state, owner).count()
}

/// The builds of an account that run in a Region, in order.
pub(crate) fn under_way<'s>(state: &'s State, owner: &Caller) -> impl Iterator<Item = &'s Image> {
    let first = Arn::new(&owner.region, &owner.account, Kind::Image, "");
    let ours = |arn: &&Arn| arn.account == owner.account && arn.region == owner.region;
    let running = state.running.range(first..).take_while(ours);
    running.filter_map(|arn| state.images.get(arn))
}
