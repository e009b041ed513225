//! Between Image Builder's shapes and ours. SDK enums are open: they are closed here, and what this
//! release does not know is kept by its name.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_imagebuilder::types::{self as ib, OutputResources};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::failure::FailureClass;
use goldsmith_domain::names::{AccountId, AmiId, ParentImageArn, PipelineArn, Region, fold};
use goldsmith_domain::observed::{
    Component, Configuration, Copy, FailedTarget, Image, ImageState, Origin, Pipeline,
    PipelineStatus, Recipe, Tags, Target, is_owned,
};
use goldsmith_domain::parents::Parents;
use goldsmith_domain::resources::{Distribution, Infrastructure, digest_in};
use jiff::Timestamp;

use crate::fault::{CallError, Fault};
use crate::{Aws, failure, scan};

/// One image as `GetImage` returns it.
#[derive(Debug, Clone)]
pub struct ImageDetail {
    /// The image.
    pub image: Image,
    /// Who made it.
    pub origin: Origin,
    /// Its operating system, in the service's words.
    pub os: Option<String>,
    /// The failure context, line by line; empty if the build did not fail or the service gives none.
    pub failure: Vec<String>,
    /// What it was made from.
    pub parents: Parents,
}

/// Reads one image; none if it was deleted.
pub async fn get_image(aws: &Aws, arn: &ImageArn) -> Result<Option<ImageDetail>, CallError> {
    let answer = aws
        .imagebuilder
        .get_image()
        .image_build_version_arn(arn.to_string())
        .send()
        .await;
    let answer = found(answer.map_err(|error| CallError::new("imagebuilder:GetImage", error)))?;
    Ok(answer
        .and_then(|answer| answer.image)
        .map(|image| detail(aws, arn, &image)))
}

/// Whether an image is another environment's: Image Builder sends the events of all of them. The name says so
/// of what our pipelines build, and else the tags do, for one call.
pub async fn is_of_another_environment(aws: &Aws, arn: &ImageArn) -> Result<bool, CallError> {
    let environment = &aws.stack.environment;
    let of_ours = format!("-{}-", fold(environment.as_str()));
    if arn.slug().contains(&of_ours) {
        return Ok(false);
    }
    let found = get_image(aws, arn).await?;
    Ok(found.is_some_and(|found| !is_owned(&found.image.tags, environment)))
}

fn detail(aws: &Aws, arn: &ImageArn, image: &ib::Image) -> ImageDetail {
    let state = image.state();
    ImageDetail {
        image: Image {
            arn: arn.clone(),
            state: image_state(state),
            reason: state.and_then(ib::ImageState::reason).map(str::to_owned),
            amis: amis(image.output_resources(), &aws.stack.account),
            copies: copies(image.output_resources(), &aws.stack.account),
            failed_targets: failed_targets(state),
            failed_in: failed_in(state),
            created: image.date_created().and_then(|date| date.parse().ok()),
            failure: failure_class(state),
            tags: tags(image.tags()),
        },
        origin: origin(image, &aws.resources.execution_role),
        os: image.os_version().map(str::to_owned),
        failure: state
            .and_then(ib::ImageState::failure_context)
            .map(failure::lines)
            .unwrap_or_default(),
        parents: image.image_recipe().map(parents).unwrap_or_default(),
    }
}

fn parents(recipe: &ib::ImageRecipe) -> Parents {
    let components = recipe.components().iter();
    Parents {
        image: recipe.parent_image().map(str::to_owned),
        components: components
            .map(|one| one.component_arn().to_owned())
            .collect(),
    }
}

/// Who made an image. A build has an infrastructure configuration, and `DistributeImage` takes none. The role is
/// shown as it was given, by its name or its ARN; where it is not shown, that it was distributed is all that is
/// known (Image Builder API reference, `Image`).
fn origin(image: &ib::Image, execution_role: &str) -> Origin {
    if let Some(pipeline) = image.source_pipeline_arn() {
        return pipeline.parse().map_or(Origin::Other, Origin::Pipeline);
    }
    let name = |role: &str| role.rsplit('/').next().map(str::to_owned);
    let role = image.execution_role();
    let is_ours = role.is_none_or(|role| name(role) == name(execution_role));
    if is_ours && image.infrastructure_configuration().is_none() {
        Origin::Distribution
    } else {
        Origin::Other
    }
}

/// The AMI in the building Region of the image that `arn` stands for; none if there is no such image,
/// or none of its AMIs is there. A version or a wildcard stands for the newest available build.
pub(crate) async fn parent_ami(
    aws: &Aws,
    arn: &ParentImageArn,
) -> Result<Option<AmiId>, CallError> {
    let answer = aws
        .imagebuilder
        .get_image()
        .image_build_version_arn(arn.as_str())
        .send()
        .await;
    let answer = found(answer.map_err(|error| CallError::new("imagebuilder:GetImage", error)))?;
    let image = answer.and_then(|answer| answer.image);
    let output = image.as_ref().and_then(ib::Image::output_resources);
    let amis = output.map(OutputResources::amis).unwrap_or_default();
    let here = amis
        .iter()
        .find(|ami| ami.region() == Some(aws.stack.region.as_str()));
    Ok(here.and_then(|ami| ami.image()?.parse().ok()))
}

/// Reads one pipeline; none if it was deleted.
pub async fn get_pipeline(aws: &Aws, arn: &PipelineArn) -> Result<Option<Pipeline>, CallError> {
    let answer = aws
        .imagebuilder
        .get_image_pipeline()
        .image_pipeline_arn(arn.as_str())
        .send()
        .await;
    let answer =
        found(answer.map_err(|error| CallError::new("imagebuilder:GetImagePipeline", error)))?;
    Ok(answer
        .and_then(|answer| answer.image_pipeline)
        .as_ref()
        .and_then(pipeline))
}

/// An answer, or none if what was asked for is not there.
pub(crate) fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Err(error) if error.fault == Fault::NotFound => Ok(None),
        other => other.map(Some),
    }
}

pub(crate) fn pipeline(pipeline: &ib::ImagePipeline) -> Option<Pipeline> {
    Some(Pipeline {
        arn: pipeline.arn()?.parse().ok()?,
        description: pipeline
            .description()
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        status: status(pipeline.status()),
        recipe: pipeline.image_recipe_arn().and_then(|arn| arn.parse().ok()),
        infrastructure: pipeline
            .infrastructure_configuration_arn()
            .unwrap_or_default()
            .to_owned(),
        distribution: pipeline.distribution_configuration_arn().map(str::to_owned),
        tags: tags(pipeline.tags()),
        others: others(pipeline),
    })
}

/// What a pipeline says beyond what each of ours does: it was set by hand, but for scans that documents ask for.
fn others(pipeline: &ib::ImagePipeline) -> BTreeMap<String, String> {
    let schedule = pipeline
        .schedule()
        .and_then(|schedule| schedule.schedule_expression());
    let tests = pipeline
        .image_tests_configuration()
        .and_then(ib::ImageTestsConfiguration::image_tests_enabled);
    // Without a role of its own a pipeline runs with the service-linked one, which may be shown.
    let role = pipeline
        .execution_role()
        .filter(|role| !role.contains("AWSServiceRoleForImageBuilder"));
    // Likewise the service's own workflows are what runs by default.
    let workflows = pipeline
        .workflows()
        .iter()
        .map(ib::WorkflowConfiguration::workflow_arn);
    let workflows: Vec<&str> = workflows
        .filter(|arn| !arn.contains(":aws:workflow/"))
        .collect();
    let all = [
        ("schedule", schedule.map(str::to_owned)),
        (
            "tests",
            (tests == Some(false)).then(|| "switched off".to_owned()),
        ),
        ("scans", scan::told(pipeline)),
        ("execution role", role.map(str::to_owned)),
        (
            "workflows",
            (!workflows.is_empty()).then(|| workflows.join(", ")),
        ),
    ];
    all.into_iter()
        .filter_map(|(member, value)| Some((member.to_owned(), value?)))
        .collect()
}

fn status(status: Option<&ib::PipelineStatus>) -> PipelineStatus {
    match status {
        Some(ib::PipelineStatus::Enabled) | None => PipelineStatus::Enabled,
        Some(ib::PipelineStatus::Disabled) => PipelineStatus::Disabled,
        Some(other) => PipelineStatus::Unrecognized(other.as_str().to_owned()),
    }
}

pub(crate) fn image_summary(image: &ib::ImageSummary, account: &AccountId) -> Option<Image> {
    Some(Image {
        arn: image.arn()?.parse().ok()?,
        state: image_state(image.state()),
        reason: image
            .state()
            .and_then(|state| state.reason())
            .map(str::to_owned),
        amis: amis(image.output_resources(), account),
        copies: copies(image.output_resources(), account),
        failed_targets: failed_targets(image.state()),
        failed_in: failed_in(image.state()),
        created: image.date_created().and_then(|date| date.parse().ok()),
        failure: failure_class(image.state()),
        tags: tags(image.tags()),
    })
}

fn image_state(state: Option<&ib::ImageState>) -> ImageState {
    state
        .and_then(|state| state.status())
        .map_or("", |status| status.as_str())
        .into()
}

/// The AMIs that the building account owns; copies in other accounts are theirs.
fn amis(output: Option<&OutputResources>, account: &AccountId) -> BTreeMap<Region, AmiId> {
    let all = output.map(OutputResources::amis).unwrap_or_default();
    let own = all.iter().filter(|ami| {
        ami.account_id()
            .is_none_or(|owner| owner == account.as_str())
    });
    own.filter_map(|ami| Some((ami.region()?.parse().ok()?, ami.image()?.parse().ok()?)))
        .collect()
}

/// The AMIs that other accounts own.
fn copies(output: Option<&OutputResources>, account: &AccountId) -> Vec<Copy> {
    let all = output.map(OutputResources::amis).unwrap_or_default();
    let copy = |ami: &ib::Ami| {
        let owner: AccountId = ami.account_id()?.parse().ok()?;
        let target = Target {
            account: owner,
            region: ami.region()?.parse().ok()?,
        };
        (target.account != *account).then_some(Copy {
            target,
            ami: ami.image()?.parse().ok()?,
        })
    };
    all.iter().filter_map(copy).collect()
}

/// The state in which an image failed. The context is only there for what failed lately, and every member of it is
/// optional (API reference, `ImageFailureContext`).
fn failed_in(state: Option<&ib::ImageState>) -> Option<String> {
    let context = state?.failure_context()?;
    Some(context.image_status()?.as_str().to_owned())
}

/// What kind of failure ended a build; none if it did not fail.
fn failure_class(state: Option<&ib::ImageState>) -> Option<FailureClass> {
    let state = state.filter(|state| state.status() == Some(&ib::ImageStatus::Failed))?;
    let lines = state.failure_context().map(failure::lines);
    let lines = lines.unwrap_or_default();
    let texts = state
        .reason()
        .into_iter()
        .chain(lines.iter().map(String::as_str));
    Some(FailureClass::of(texts))
}

/// What a distribution failed for; nothing if the build failed before it was distributed, since then no
/// Region is to blame.
fn failed_targets(state: Option<&ib::ImageState>) -> Vec<FailedTarget> {
    let context = state
        .and_then(ib::ImageState::failure_context)
        .filter(|context| {
            matches!(
                context.image_status(),
                Some(ib::ImageStatus::Distributing | ib::ImageStatus::Integrating)
            )
        });
    let status = context.and_then(ib::ImageFailureContext::image_status);
    let integrating = status == Some(&ib::ImageStatus::Integrating);
    let failure = context.and_then(ib::ImageFailureContext::distribution_failure);
    let regions = failure
        .map(ib::DistributionFailureContext::region_failures)
        .unwrap_or_default();
    let target = |failed: &ib::RegionFailure| FailedTarget {
        region: failed.region().unwrap_or_default().to_owned(),
        account: failed.target_account_id().map(str::to_owned),
        message: failed.error_message().unwrap_or_default().to_owned(),
        integrating,
    };
    regions.iter().map(target).collect()
}

pub(crate) fn recipe(recipe: &ib::ImageRecipeSummary) -> Option<Recipe> {
    Some(Recipe {
        arn: recipe.arn()?.parse().ok()?,
        tags: tags(recipe.tags()),
    })
}

pub(crate) fn component(component: &ib::ComponentSummary) -> Option<Component> {
    Some(Component {
        arn: component.arn()?.parse().ok()?,
        tags: tags(component.tags()),
    })
}

pub(crate) fn infrastructure(
    configuration: &ib::InfrastructureConfigurationSummary,
) -> Option<Configuration<Infrastructure>> {
    Some(Configuration {
        arn: configuration.arn()?.to_owned(),
        tags: tags(configuration.tags()),
        digest: configuration.description().and_then(digest_in),
        updated: updated(configuration.date_updated(), configuration.date_created()),
        content: None,
    })
}

pub(crate) fn distribution(
    configuration: &ib::DistributionConfigurationSummary,
) -> Option<Configuration<Distribution>> {
    Some(Configuration {
        arn: configuration.arn()?.to_owned(),
        tags: tags(configuration.tags()),
        digest: configuration.description().and_then(digest_in),
        updated: updated(configuration.date_updated(), configuration.date_created()),
        content: None,
    })
}

/// When something was last changed; what never was has only the date on which it was made.
fn updated(updated: Option<&str>, created: Option<&str>) -> Option<Timestamp> {
    updated.or(created)?.parse().ok()
}

pub(crate) fn tags(tags: Option<&HashMap<String, String>>) -> Tags {
    tags.into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
