//! StartImagePipelineExecution and CreateImage.

use serde_json::json;

use crate::{
    api::imagebuilder::{
        answer::latest_version_references,
        pipeline,
        request::{Answer, Handlers, Request},
    },
    common::{arn::Arn, error::ApiError},
    engine::build::start::{BuildRequest, start},
    records::image::{BuildType, Image},
    state::images,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("StartImagePipelineExecution", start_pipeline),
    ("CreateImage", create_image),
];

/// StartImagePipelineExecution: of a disabled pipeline, too. Runs side by side are allowed;
/// whether AWS refuses them is not known.
pub(crate) fn start_pipeline(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imagePipelineArn")?;
    let found = pipeline::find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    let build = BuildRequest::of_pipeline(found, request.tags()?, BuildType::UserInitiated)?;
    refuse_second_run(request, &arn)?;
    let (options, now) = (request.options(), request.now());
    let image = start(request.state, options, build, now)?;
    Ok(json!({"imageBuildVersionArn": image}))
}

/// Whether AWS refuses this is not known; the setting decides.
fn refuse_second_run(request: &Request<'_>, pipeline: &Arn) -> Result<(), ApiError> {
    let mut running = images::running_builds(request.state, request.caller());
    let same = |image: &Image| {
        image
            .pipeline
            .as_ref()
            .is_some_and(|source| source.arn == *pipeline)
    };
    match running.find(|image| same(image)) {
        Some(image) if !request.options().unknowns.parallel_runs => Err(ApiError::in_use(
            pipeline,
            &format!("Its build '{}' runs.", image.arn),
        )),
        Some(_) | None => Ok(()),
    }
}

/// CreateImage: a build without a pipeline.
pub(crate) fn create_image(request: &mut Request<'_>) -> Answer {
    let build = BuildRequest {
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
    let image = start(request.state, options, build, now)?;
    Ok(json!({
        "imageBuildVersionArn": image,
        "latestVersionReferences": latest_version_references(&image),
    }))
}
