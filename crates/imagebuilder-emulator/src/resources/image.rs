//! Images: one build each. What happens during the build is in [`crate::build`].

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Answer, distribution::DistributionConfiguration, infrastructure::InfrastructureConfiguration,
    latest_version_references, recipe::Recipe, start, workflow_use::WorkflowList,
};
use crate::{
    arn::{Arn, Kind},
    build::{self, Failure, execution::Execution},
    caller::Caller,
    date::Date,
    lifecycle::execution::ImageLifecycle,
    operations::Handlers,
    refusal::Refusal,
    request::Request,
    state::{State, Tags},
    store::Store,
    text::Text,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("GetImage", get),
    ("CancelImageCreation", cancel),
    ("RetryImage", retry),
    ("DeleteImage", delete),
];

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
    /// `1.0.0/1`
    pub fn version(&self) -> String {
        let build = self.arn.build.unwrap_or_default();
        format!("{}/{build}", self.recipe.version)
    }
}

impl Image {
    /// Gives back the room that was for more to come; most images stay for long after this.
    pub fn settle(&mut self) {
        self.outputs.shrink_to_fit();
        self.executions.shrink_to_fit();
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

/// The image that the caller can refer to by this ARN: its own or Amazon's.
pub(super) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Image> {
    let caller = request.caller();
    let reachable = arn.account == caller.account || arn.account == "aws";
    let found = resolve(&request.state.images, arn);
    found.filter(|_| reachable && arn.region == caller.region)
}

/// The caller's own image with exactly this ARN.
fn own<'r>(request: &'r Request<'_>, arn: &Arn) -> Result<&'r Image, Refusal> {
    let found = find(request, arn).filter(|image| image.arn.account == request.caller().account);
    found.ok_or_else(|| Refusal::not_found(arn))
}

/// The build with this ARN, or the newest AVAILABLE one that a reference stands for.
pub(crate) fn resolve<'m>(images: &'m Store<Arn, Image>, reference: &Arn) -> Option<&'m Image> {
    if reference.build.is_some() {
        return images.get(reference);
    }
    let first = reference.series();
    let series = images
        .range(first..)
        .take_while(|(arn, _)| arn.same_series(reference));
    let available = series.filter(|(_, image)| image.status == ImageStatus::Available);
    available
        .filter(|(arn, _)| reference.covers(arn))
        .last()
        .map(|(_, image)| image)
}

/// CancelImageCreation: takes effect a little later, and removes nothing that was made.
pub(crate) fn cancel(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = own(request, &arn)?;
    if !image.status.is_running() {
        let rule = format!(
            "The image is in state {} and cannot be cancelled.",
            image.status
        );
        return Err(Refusal::invalid("imageBuildVersionArn", &rule));
    }
    let now = request.now();
    let options = request.options();
    build::cancel(request.state, options, &arn, now);
    Ok(json!({"imageBuildVersionArn": arn}))
}

/// RetryImage: of an image whose test or distribution failed or was cancelled. Which code AWS
/// answers for others is not known.
pub(crate) fn retry(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let status = own(request, &arn)?.status;
    start::check_running(request.state, request.options(), request.caller())?;
    let (options, now) = (request.options(), request.now());
    if !build::retry(request.state, options, &arn, now) {
        let message =
            format!("The image '{arn}' is in state {status} and cannot be retried from there.");
        return Err(Refusal::new(400, "InvalidRequestException", message));
    }
    Ok(json!({"imageBuildVersionArn": arn}))
}

/// DeleteImage: the resource only; AMIs and snapshots stay.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let image = own(request, &arn)?;
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
