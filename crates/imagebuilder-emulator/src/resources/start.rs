//! The starts of builds: StartImagePipelineExecution, CreateImage, and whoever else has an [`Order`].

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Answer,
    distribution::DistributionConfiguration,
    image::{self, BuildType, Image, ImageStatus, Origin, SourcePipeline, TestsConfiguration},
    infrastructure::InfrastructureConfiguration,
    latest_version_references,
    pipeline::{self, Pipeline},
    recipe::Recipe,
    workflow_use::{self, WorkflowList},
};
use crate::{
    arn::{Arn, Kind},
    build,
    caller::Caller,
    date::Date,
    operations::Handlers,
    options::Options,
    refusal::Refusal,
    request::{self, Request},
    schedule,
    state::{self, State, Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("StartImagePipelineExecution", start_pipeline),
    ("CreateImage", create_image),
];

/// What is to be built, where, and why.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// The account and Region of the build; what it refers to must be there, too.
    pub owner: Caller,
    pub recipe: Arn,
    pub infrastructure: Arn,
    pub distribution: Option<Arn>,
    pub tests: TestsConfiguration,
    pub enhanced_metadata: bool,
    pub pipeline: Option<Arc<SourcePipeline>>,
    pub build_type: BuildType,
    /// Of the image resource.
    pub tags: Tags,
    pub execution_role: Option<String>,
    pub workflows: Option<WorkflowList>,
    pub logging: Option<Value>,
    pub scanning: Option<Value>,
}

impl Order {
    /// A run of a pipeline; `tags` are those of the image resource.
    pub fn of_pipeline(
        pipeline: &Pipeline,
        tags: Tags,
        build_type: BuildType,
    ) -> Result<Self, Refusal> {
        let settings = pipeline.settings.clone();
        let recipe = settings.image_recipe_arn;
        let group = settings
            .logging_configuration
            .as_ref()
            .and_then(|l| l.get("imageLogGroupName"));
        let Arn {
            account, region, ..
        } = pipeline.arn.clone();
        Ok(Self {
            owner: Caller {
                account: account.to_string(),
                region: region.to_string(),
            },
            recipe: recipe.ok_or_else(|| Refusal::not_emulated("a container recipe"))?,
            infrastructure: settings.infrastructure_configuration_arn,
            distribution: settings.distribution_configuration_arn,
            tests: settings.image_tests_configuration,
            enhanced_metadata: settings.enhanced_image_metadata_enabled,
            pipeline: Some(pipeline.identity()),
            build_type,
            tags,
            execution_role: settings.execution_role,
            workflows: settings.workflows,
            logging: group.map(|group| json!({"logGroupName": group})),
            scanning: settings.image_scanning_configuration,
        })
    }
}

/// StartImagePipelineExecution: of a disabled pipeline, too. Runs side by side are allowed;
/// whether AWS refuses them is not known.
pub(crate) fn start_pipeline(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imagePipelineArn")?;
    let found = pipeline::find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    let order = Order::of_pipeline(found, request.tags()?, BuildType::UserInitiated)?;
    refuse_second_run(request, &arn)?;
    let (options, now) = (request.options(), request.now());
    let image = start(request.state, options, order, now)?;
    Ok(json!({"imageBuildVersionArn": image}))
}

/// Whether AWS refuses this is not known; the setting decides.
fn refuse_second_run(request: &Request<'_>, pipeline: &Arn) -> Result<(), Refusal> {
    let mut running = image::under_way(request.state, request.caller());
    let same = |image: &Image| {
        image
            .pipeline
            .as_ref()
            .is_some_and(|source| source.arn == *pipeline)
    };
    match running.find(|image| same(image)) {
        Some(image) if !request.options().unknowns.parallel_runs => Err(Refusal::in_use(
            pipeline,
            &format!("Its build '{}' runs.", image.arn),
        )),
        Some(_) | None => Ok(()),
    }
}

/// CreateImage: a build without a pipeline.
pub(crate) fn create_image(request: &mut Request<'_>) -> Answer {
    let order = Order {
        owner: request.caller().clone(),
        recipe: pipeline::check_references(request)?,
        infrastructure: request.arn("infrastructureConfigurationArn")?,
        distribution: request.optional_arn("distributionConfigurationArn")?,
        tests: request
            .member("imageTestsConfiguration")?
            .unwrap_or_default(),
        enhanced_metadata: request
            .member("enhancedImageMetadataEnabled")?
            .unwrap_or(true),
        pipeline: None,
        build_type: BuildType::UserInitiated,
        tags: request.tags()?,
        execution_role: request.member("executionRole")?,
        workflows: request.member("workflows")?,
        logging: request.member("loggingConfiguration")?,
        scanning: request.member("imageScanningConfiguration")?,
    };
    let (options, now) = (request.options(), request.now());
    let image = start(request.state, options, order, now)?;
    Ok(json!({
        "imageBuildVersionArn": image,
        "latestVersionReferences": latest_version_references(&image),
    }))
}

/// Starts a build, and tells its pipeline; the image's ARN.
///
/// Refused if the quota of concurrent builds is used up, or if something it refers to is gone.
pub(crate) fn start(
    state: &mut State,
    options: &Options,
    order: Order,
    at: Timestamp,
) -> Result<Arn, Refusal> {
    check_running(state, options, &order.owner)?;
    let image = assembled(state, options, order, at)?;
    let arn = image.arn.clone();
    let source = image.pipeline.as_ref();
    if let Some(pipeline) = source.and_then(|source| state.pipelines.get_mut(&source.arn)) {
        pipeline.date_last_run = Some(image.date_created);
        pipeline.last_run_status = Some(ImageStatus::Pending);
    }
    build::begin(state, image, at);
    schedule::started(state, &arn);
    Ok(arn)
}

/// Refuses one more build than the quota allows.
pub(crate) fn check_running(
    state: &State,
    options: &Options,
    owner: &Caller,
) -> Result<(), Refusal> {
    let limit = options.quotas.concurrent_builds;
    if image::running(state, owner) >= limit {
        return Err(Refusal::quota("Concurrent builds", limit));
    }
    Ok(())
}

/// What a build is made of, as it is when the build starts.
struct Settings {
    recipe: Arc<Recipe>,
    infrastructure: Arc<InfrastructureConfiguration>,
    distribution: Option<Arc<DistributionConfiguration>>,
}

fn settings(state: &State, options: &Options, order: &Order) -> Result<Settings, Refusal> {
    let missing = |member: &str, arn: &Arn| request::missing(options, member, arn);
    let ours = |arn: &Arn| arn.account == order.owner.account && arn.region == order.owner.region;
    let recipe = state::newest(&state.recipes, &order.recipe).filter(|(arn, _)| ours(arn));
    let (_, recipe) = recipe.ok_or_else(|| missing("imageRecipeArn", &order.recipe))?;
    let infrastructure = state.infrastructures.get(&order.infrastructure).cloned();
    let distribution = order.distribution.as_ref().map(|arn| {
        let found = state.distributions.get(arn).cloned();
        found.ok_or_else(|| missing("distributionConfigurationArn", arn))
    });
    Ok(Settings {
        recipe: Arc::clone(recipe),
        infrastructure: infrastructure
            .ok_or_else(|| missing("infrastructureConfigurationArn", &order.infrastructure))?,
        distribution: distribution.transpose()?,
    })
}

fn assembled(
    state: &mut State,
    options: &Options,
    order: Order,
    at: Timestamp,
) -> Result<Image, Refusal> {
    let Settings {
        recipe,
        infrastructure,
        distribution,
    } = settings(state, options, &order)?;
    let workflows = order
        .workflows
        .unwrap_or_else(|| state.workflows.defaults(&order.owner.region));
    let executions =
        workflow_use::planned(state, options, &workflows, order.tests.image_tests_enabled)?;
    Ok(Image {
        distribution,
        arn: next_build(
            state,
            &Arn {
                kind: Kind::Image,
                ..recipe.arn.clone()
            },
        ),
        serial: state.next_serial(),
        origin: Origin::Built,
        source: build::image_source(state, &recipe.settings.parent_image),
        recipe,
        infrastructure,
        tests: order.tests,
        enhanced_metadata: order.enhanced_metadata,
        pipeline: order.pipeline,
        build_type: order.build_type,
        date_created: Date(at),
        tags: order.tags,
        execution_role: order.execution_role,
        workflows,
        logging: order.logging.map(Box::new),
        scanning: order.scanning.map(Box::new),
        status: ImageStatus::Pending,
        reason: None,
        failure_context: None,
        cancelling: false,
        ami: None,
        outputs: Vec::new(),
        lifecycle: None,
        os_version: None,
        executions,
        failure: None,
        stopped_in: None,
    })
}

/// Name and version of an image are its recipe's; the build number counts all its pipelines.
pub(super) fn next_build(state: &mut State, version: &Arn) -> Arn {
    let number = state.build_numbers.entry(version.clone()).or_default();
    *number += 1;
    version.build(*number)
}
