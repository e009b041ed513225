//! The operations on image pipelines.

use std::{borrow::Cow, sync::OnceLock};

use serde_json::json;

use crate::{
    api::imagebuilder::{
        distribution, infrastructure,
        quota::check_quota,
        recipe,
        request::{Answer, Handlers, Request},
        scan, workflow_checks,
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        json::to_json,
        lookup,
    },
    engine::schedule::next_run,
    records::{
        pipeline::{Pipeline, PipelineSettings, PipelineStatus},
        schedule::Schedule,
    },
    wire::paging::{self, Filtered, Filters},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateImagePipeline", create),
    ("GetImagePipeline", get),
    ("UpdateImagePipeline", update),
    ("ListImagePipelines", list),
    ("DeleteImagePipeline", delete),
];

/// CreateImagePipeline
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let (settings, platform) = checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::ImagePipeline, &name);
    if request.state.pipelines.contains_key(&arn) {
        return Err(ApiError::exists("ImagePipeline", arn));
    }
    let quota = ("Image pipelines", request.options().quotas.pipelines);
    check_quota(&request.state.pipelines, &arn, quota)?;
    request.stop_if_dry_run()?;
    let made = Pipeline {
        arn: arn.clone(),
        name,
        platform,
        date_created: request.date(),
        date_updated: None,
        date_last_run: None,
        last_run_status: None,
        date_next_run: None,
        consecutive_failures: 0,
        tags: request.tags()?,
        settings,
        identity: OnceLock::new(),
    };
    request.state.pipelines.insert(arn.clone(), made);
    let now = request.now();
    next_run::plan(request.state, &arn, now);
    Ok(json!({"imagePipelineArn": arn}))
}

/// The settings, with references checked, and the platform of the recipe.
fn checked(request: &Request<'_>) -> Result<(PipelineSettings, String), ApiError> {
    let arn = check_references(request)?;
    let found = recipe::find(request, &arn);
    let platform = found
        .ok_or_else(|| request.missing("imageRecipeArn", &arn))?
        .platform
        .clone();
    let settings: PipelineSettings = request.read()?;
    let schedule = settings.schedule.as_ref().map_or(Ok(()), Schedule::check);
    schedule.map_err(|error| {
        let (member, rule) = error.in_pipeline();
        ApiError::invalid(member, &rule)
    })?;
    Ok((settings, platform))
}

/// Checks what a pipeline and CreateImage refer to; returns the recipe's reference. There is one recipe, of an
/// image or of a container (API reference, `CreateImage`).
pub(crate) fn check_references(request: &Request<'_>) -> Result<Arn, ApiError> {
    let recipe = match (
        request.optional_arn("imageRecipeArn")?,
        request.has("containerRecipeArn"),
    ) {
        (Some(recipe), false) => recipe,
        (None, true) => return Err(ApiError::not_emulated("a container recipe")),
        (Some(_), true) | (None, false) => {
            return Err(ApiError::combination(
                "Exactly one of 'imageRecipeArn' and 'containerRecipeArn' must be specified.",
            ));
        }
    };
    let (member, arn) = (
        "infrastructureConfigurationArn",
        request.arn("infrastructureConfigurationArn")?,
    );
    infrastructure::find(request, &arn).ok_or_else(|| request.missing(member, &arn))?;
    if let Some(arn) = request.optional_arn("distributionConfigurationArn")? {
        let found = distribution::find(request, &arn);
        found.ok_or_else(|| request.missing("distributionConfigurationArn", &arn))?;
    }
    scan::check(request)?;
    workflow_checks::check(request)?;
    Ok(recipe)
}

/// UpdateImagePipeline: whatever is left out is reset, `status` to ENABLED among it, and the
/// failure counter starts again.
pub(crate) fn update(request: &mut Request<'_>) -> Answer {
    let (arn, date) = (request.arn("imagePipelineArn")?, request.date());
    find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    let (settings, platform) = checked(request)?;
    if let Some(found) = request.state.pipelines.get_mut(&arn) {
        found.settings = settings;
        found.platform = platform;
        found.date_updated = Some(date);
        found.consecutive_failures = 0;
    }
    let now = request.now();
    next_run::plan(request.state, &arn, now);
    Ok(json!({"imagePipelineArn": arn}))
}

/// GetImagePipeline
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imagePipelineArn")?;
    let found = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(json!({"imagePipeline": to_json(found)}))
}

/// The caller's pipeline with this ARN.
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Pipeline> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    request.state.pipelines.get(arn).filter(|_| ours)
}

/// DeleteImagePipeline: allowed while a build runs; the build goes on.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imagePipelineArn")?;
    find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    request.state.pipelines.remove(&arn);
    let now = request.now();
    next_run::plan(request.state, &arn, now);
    Ok(json!({"imagePipelineArn": arn}))
}

impl Filtered for Pipeline {
    const FILTERS: &'static [&'static str] = &[
        "description",
        "distributionConfigurationArn",
        "imageRecipeArn",
        "infrastructureConfigurationArn",
        "name",
        "status",
    ];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        let arn = |arn: &Arn| Cow::from(arn.to_string());
        let settings = &self.settings;
        match filter {
            "name" => vec![Cow::from(&self.name)],
            "description" => settings.description.iter().map(Cow::from).collect(),
            "imageRecipeArn" => settings.image_recipe_arn.iter().map(arn).collect(),
            "infrastructureConfigurationArn" => {
                vec![arn(&settings.infrastructure_configuration_arn)]
            }
            "distributionConfigurationArn" => settings
                .distribution_configuration_arn
                .iter()
                .map(arn)
                .collect(),
            "status" if settings.status == PipelineStatus::Enabled => vec![Cow::from("ENABLED")],
            "status" => vec![Cow::from("DISABLED")],
            _ => Vec::new(),
        }
    }
}

/// ListImagePipelines
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Pipeline>(request)?;
    let own = request.own(Kind::ImagePipeline, "");
    let found = lookup::all(&request.state.pipelines, &own).map(|(_, one)| one);
    let mut found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::newest_first(&mut found, |one| (one.date_created, &one.arn));
    paging::page(request, "imagePipelineList", &found, to_json)
}
