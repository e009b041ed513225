//! The starts of builds: StartImagePipelineExecution and CreateImage.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Answer, distribution,
    image::{self, BuildType, Image, ImageStatus, SourcePipeline, TestsConfiguration},
    infrastructure, latest_version_references,
    pipeline::{self, Pipeline, Workflow},
    recipe,
};
use crate::{
    arn::{Arn, Kind},
    build,
    operations::Handlers,
    refusal::Refusal,
    request::Request,
    state::Tags,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers =
    &[("StartImagePipelineExecution", start_pipeline), ("CreateImage", create_image)];

/// What is to be built.
struct Order {
    recipe: Arn,
    infrastructure: Arn,
    distribution: Option<Arn>,
    tests: TestsConfiguration,
    enhanced_metadata: bool,
    pipeline: Option<SourcePipeline>,
    tags: Tags,
    execution_role: Option<String>,
    workflows: Option<Vec<Workflow>>,
    logging: Option<Value>,
    scanning: Option<Value>,
}

/// StartImagePipelineExecution: of a disabled pipeline, too. Runs side by side are allowed;
/// whether AWS refuses them is not known.
pub(crate) fn start_pipeline(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imagePipelineArn")?;
    let found = pipeline::find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?.clone();
    let image = start(request, of_pipeline(&found, request.tags()?)?)?;
    let date = request.date();
    if let Some(pipeline) = request.state.pipelines.get_mut(&arn) {
        pipeline.date_last_run = Some(date);
        pipeline.last_run_status = Some(ImageStatus::Pending);
    }
    Ok(json!({"imageBuildVersionArn": image}))
}

fn of_pipeline(pipeline: &Pipeline, tags: Tags) -> Result<Order, Refusal> {
    let settings = pipeline.settings.clone();
    let recipe = settings.image_recipe_arn;
    let group = settings.logging_configuration.as_ref().and_then(|l| l.get("imageLogGroupName"));
    Ok(Order {
        recipe: recipe.ok_or_else(|| Refusal::not_emulated("a container recipe"))?,
        infrastructure: settings.infrastructure_configuration_arn,
        distribution: settings.distribution_configuration_arn,
        tests: settings.image_tests_configuration,
        enhanced_metadata: settings.enhanced_image_metadata_enabled,
        pipeline: Some(SourcePipeline { arn: pipeline.arn.clone(), name: pipeline.name.clone() }),
        tags,
        execution_role: settings.execution_role,
        workflows: settings.workflows,
        logging: group.map(|group| json!({"logGroupName": group})),
        scanning: settings.image_scanning_configuration,
    })
}

/// CreateImage: a build without a pipeline.
pub(crate) fn create_image(request: &mut Request<'_>) -> Answer {
    let order = Order {
        recipe: pipeline::check_references(request)?,
        infrastructure: request.arn("infrastructureConfigurationArn")?,
        distribution: request.optional_arn("distributionConfigurationArn")?,
        tests: request.member("imageTestsConfiguration")?.unwrap_or_default(),
        enhanced_metadata: request.member("enhancedImageMetadataEnabled")?.unwrap_or(true),
        pipeline: None,
        tags: request.tags()?,
        execution_role: request.member("executionRole")?,
        workflows: request.member("workflows")?,
        logging: request.member("loggingConfiguration")?,
        scanning: request.member("imageScanningConfiguration")?,
    };
    let image = start(request, order)?;
    Ok(json!({
        "imageBuildVersionArn": image,
        "latestVersionReferences": latest_version_references(&image),
    }))
}

fn start(request: &mut Request<'_>, order: Order) -> Result<Arn, Refusal> {
    let limit = request.options().quotas.concurrent_builds;
    if image::running(request) >= limit {
        return Err(Refusal::quota("Concurrent builds", limit));
    }
    let image = assembled(request, order)?;
    let (arn, now) = (image.arn.clone(), request.now());
    build::begin(request.state, image, now);
    Ok(arn)
}

fn assembled(request: &mut Request<'_>, order: Order) -> Result<Image, Refusal> {
    let Order { recipe: reference, infrastructure: used, .. } = &order;
    let recipe = recipe::find(request, reference);
    let recipe = recipe.ok_or_else(|| request.missing("imageRecipeArn", reference))?;
    let recipe = Arc::clone(recipe);
    let infrastructure = infrastructure::find(request, used);
    let infrastructure =
        Arc::clone(infrastructure.ok_or_else(|| request.missing("infrastructureConfigurationArn", used))?);
    let distribution = order.distribution.as_ref().map(|arn| {
        let found = distribution::find(request, arn);
        found.cloned().ok_or_else(|| request.missing("distributionConfigurationArn", arn))
    });
    Ok(Image {
        arn: next_build(request, &recipe.arn),
        recipe,
        infrastructure,
        distribution: distribution.transpose()?,
        tests: order.tests,
        enhanced_metadata: order.enhanced_metadata,
        pipeline: order.pipeline,
        build_type: BuildType::UserInitiated,
        date_created: request.date(),
        tags: order.tags,
        execution_role: order.execution_role,
        workflows: order.workflows,
        logging: order.logging,
        scanning: order.scanning,
        status: ImageStatus::Pending,
        reason: None,
        failure_context: None,
        cancelling: false,
        ami: None,
        outputs: Vec::new(),
        lifecycle: None,
    })
}

/// Name and version of an image are its recipe's; the build number counts all its pipelines.
fn next_build(request: &mut Request<'_>, recipe: &Arn) -> Arn {
    let version = Arn { kind: Kind::Image, ..recipe.clone() };
    let number = request.state.build_numbers.entry(version.clone()).or_default();
    *number += 1;
    version.build(*number)
}
