//! Starts builds: what is to be built, the checks, and the image as it is when its build starts.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    common::{
        arn::{Arn, Kind},
        caller::Caller,
        date::Date,
        error::ApiError,
        lookup,
        options::{self, Options},
        tags::Tags,
    },
    document::workflow::WorkflowKind,
    engine::{
        build::{self, base_image},
        schedule::history,
    },
    records::{
        distribution::DistributionConfiguration,
        execution::Execution,
        image::{BuildType, Image, ImageStatus, SourcePipeline, TestsConfiguration},
        infrastructure::InfrastructureConfiguration,
        pipeline::Pipeline,
        recipe::Recipe,
        workflow::{self, Workflow},
        workflow_list::WorkflowList,
    },
    state::{State, images},
};

/// What is to be built, where, and why.
#[derive(Debug, Clone)]
pub(crate) struct BuildRequest {
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

impl BuildRequest {
    /// A run of a pipeline; `tags` are those of the image resource.
    pub fn of_pipeline(
        pipeline: &Pipeline,
        tags: Tags,
        build_type: BuildType,
    ) -> Result<Self, ApiError> {
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
            recipe: recipe.ok_or_else(|| ApiError::not_emulated("a container recipe"))?,
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

/// Starts a build and records it in its pipeline; returns the image's ARN.
///
/// Refused if the quota of concurrent builds is used up, or if something it refers to is gone.
pub(crate) fn start(
    state: &mut State,
    options: &Options,
    request: BuildRequest,
    at: Timestamp,
) -> Result<Arn, ApiError> {
    check_running(state, options, &request.owner)?;
    let image = assembled(state, options, request, at)?;
    let arn = image.arn.clone();
    let source = image.pipeline.as_ref();
    if let Some(pipeline) = source.and_then(|source| state.pipelines.get_mut(&source.arn)) {
        pipeline.date_last_run = Some(image.date_created);
        pipeline.last_run_status = Some(ImageStatus::Pending);
    }
    build::begin(state, image, at);
    history::started(state, &arn);
    Ok(arn)
}

/// Refuses one more build than the quota allows.
pub(crate) fn check_running(
    state: &State,
    options: &Options,
    owner: &Caller,
) -> Result<(), ApiError> {
    let limit = options.quotas.concurrent_builds;
    if images::count_running(state, owner) >= limit {
        return Err(ApiError::quota("Concurrent builds", limit));
    }
    Ok(())
}

/// What a build is made of, as it is when the build starts.
struct Settings {
    recipe: Arc<Recipe>,
    infrastructure: Arc<InfrastructureConfiguration>,
    distribution: Option<Arc<DistributionConfiguration>>,
}

fn settings(
    state: &State,
    options: &Options,
    request: &BuildRequest,
) -> Result<Settings, ApiError> {
    let missing = |member: &str, arn: &Arn| options::missing(options, member, arn);
    let ours =
        |arn: &Arn| arn.account == request.owner.account && arn.region == request.owner.region;
    let recipe = lookup::newest(&state.recipes, &request.recipe).filter(|(arn, _)| ours(arn));
    let (_, recipe) = recipe.ok_or_else(|| missing("imageRecipeArn", &request.recipe))?;
    let infrastructure = state.infrastructures.get(&request.infrastructure).cloned();
    let distribution = request.distribution.as_ref().map(|arn| {
        let found = state.distributions.get(arn).cloned();
        found.ok_or_else(|| missing("distributionConfigurationArn", arn))
    });
    Ok(Settings {
        recipe: Arc::clone(recipe),
        infrastructure: infrastructure
            .ok_or_else(|| missing("infrastructureConfigurationArn", &request.infrastructure))?,
        distribution: distribution.transpose()?,
    })
}

fn assembled(
    state: &mut State,
    options: &Options,
    request: BuildRequest,
    at: Timestamp,
) -> Result<Image, ApiError> {
    let Settings {
        recipe,
        infrastructure,
        distribution,
    } = settings(state, options, &request)?;
    let workflows = request
        .workflows
        .unwrap_or_else(|| state.workflows.defaults(&request.owner.region));
    let executions = planned(
        state,
        options,
        &workflows,
        request.tests.image_tests_enabled,
    )?;
    let version = Arn {
        kind: Kind::Image,
        ..recipe.arn.clone()
    };
    let arn = next_build(state, &version);
    Ok(Image {
        distribution,
        serial: state.next_serial(),
        source: base_image::image_source(state, &recipe.settings.parent_image),
        tests: request.tests,
        enhanced_metadata: request.enhanced_metadata,
        pipeline: request.pipeline,
        build_type: request.build_type,
        tags: request.tags,
        execution_role: request.execution_role,
        workflows,
        logging: request.logging.map(Box::new),
        scanning: request.scanning.map(Box::new),
        executions,
        ..Image::pending(arn, recipe, infrastructure, Date(at))
    })
}

/// Name and version of an image are its recipe's; the build number counts all its pipelines.
pub(crate) fn next_build(state: &mut State, version: &Arn) -> Arn {
    let number = state.build_numbers.entry(version.clone()).or_default();
    *number += 1;
    version.build(*number)
}

/// The executions of a new image, in the order of the stages: of the workflows that are named,
/// without the tests if those are disabled.
pub(crate) fn planned(
    state: &State,
    options: &Options,
    named: &WorkflowList,
    tested: bool,
) -> Result<Vec<Execution>, ApiError> {
    let kinds = [
        WorkflowKind::Build,
        WorkflowKind::Test,
        WorkflowKind::Distribution,
    ];
    let mut executions = Vec::new();
    for kind in kinds
        .into_iter()
        .filter(|kind| tested || *kind != WorkflowKind::Test)
    {
        for (position, one) in (0..).zip(named.iter()) {
            if one.workflow_arn.kind == workflow::arn_kind(kind) {
                let found = state.workflows.newest(&one.workflow_arn);
                let (id, found) = found
                    .ok_or_else(|| options::missing(options, "workflowArn", &one.workflow_arn))?;
                check_outputs(found)?;
                executions.push(Execution::planned(id, kind, position));
            }
        }
    }
    Ok(executions)
}

/// The AMI that a build makes is the one that its workflow puts out under this name. Of the other kinds
/// the service asks for nothing. The text was seen (aws-samples, workflows/packer-build/README.md: "rejected
/// when the image is created, before anything runs"); the code was not. That a value which can be no image is
/// refused at the same moment is our guess, and its text is ours.
fn check_outputs(workflow: &Workflow) -> Result<(), ApiError> {
    if workflow.kind != WorkflowKind::Build {
        return Ok(());
    }
    let document = &workflow.document;
    let refusal = |text: &str| Err(ApiError::new(400, "InvalidParameterValueException", text));
    match document.outputs.iter().find(|one| one.name == "ImageId") {
        None => refusal("Build workflow must have output named ImageId to build AMI."),
        Some(output) if document.may_be_image(&output.value) => Ok(()),
        Some(output) => refusal(&format!(
            "The output ImageId of the build workflow is {}, expected an AMI id or a reference to one, such as \
             $.stepOutputs.<step>.imageId.",
            output.value
        )),
    }
}
