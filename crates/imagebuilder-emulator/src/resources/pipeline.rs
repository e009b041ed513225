//! Image pipelines.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Answer, check_quota, distribution,
    image::{ImageStatus, SourcePipeline, TestsConfiguration},
    infrastructure, recipe, scan, shown,
    workflow_use::{self, WorkflowList},
};
use crate::{
    arn::{Arn, Kind},
    date::Date,
    operations::Handlers,
    paging::{self, Filtered, Filters},
    refusal::Refusal,
    request::Request,
    schedule::{self, Schedule},
    state::{self, Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateImagePipeline", create),
    ("GetImagePipeline", get),
    ("UpdateImagePipeline", update),
    ("ListImagePipelines", list),
    ("DeleteImagePipeline", delete),
];

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
    identity: OnceLock<Arc<SourcePipeline>>,
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

/// CreateImagePipeline
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let (settings, platform) = checked(request)?;
    let name = request.text("name").unwrap_or_default().to_owned();
    let arn = request.own(Kind::ImagePipeline, &name);
    if request.state.pipelines.contains_key(&arn) {
        return Err(Refusal::exists("ImagePipeline", arn));
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
    schedule::plan(request.state, &arn, now);
    Ok(json!({"imagePipelineArn": arn}))
}

/// The settings, with references checked, and the platform of the recipe.
fn checked(request: &Request<'_>) -> Result<(PipelineSettings, String), Refusal> {
    let arn = check_references(request)?;
    let found = recipe::find(request, &arn);
    let platform = found
        .ok_or_else(|| request.missing("imageRecipeArn", &arn))?
        .platform
        .clone();
    let settings: PipelineSettings = request.read()?;
    let schedule = settings.schedule.as_ref().map_or(Ok(()), Schedule::check);
    schedule.map_err(|error| Refusal::invalid("schedule", &error.to_string()))?;
    Ok((settings, platform))
}

/// Checks what a pipeline and CreateImage refer to; returns the recipe's reference.
pub(super) fn check_references(request: &Request<'_>) -> Result<Arn, Refusal> {
    let recipe = match (
        request.optional_arn("imageRecipeArn")?,
        request.has("containerRecipeArn"),
    ) {
        (Some(recipe), false) => recipe,
        (None, true) => return Err(Refusal::not_emulated("a container recipe")),
        (Some(_), true) | (None, false) => {
            return Err(Refusal::combination(
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
    workflow_use::check(request)?;
    Ok(recipe)
}

/// UpdateImagePipeline: whatever is left out is reset, `status` to ENABLED among it, and the
/// failure counter starts again.
pub(crate) fn update(request: &mut Request<'_>) -> Answer {
    let (arn, date) = (request.arn("imagePipelineArn")?, request.date());
    find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    let (settings, platform) = checked(request)?;
    if let Some(found) = request.state.pipelines.get_mut(&arn) {
        found.settings = settings;
        found.platform = platform;
        found.date_updated = Some(date);
        found.consecutive_failures = 0;
    }
    let now = request.now();
    schedule::plan(request.state, &arn, now);
    Ok(json!({"imagePipelineArn": arn}))
}

/// GetImagePipeline
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imagePipelineArn")?;
    let found = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    Ok(json!({"imagePipeline": shown(found)}))
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
    find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    request.state.pipelines.remove(&arn);
    let now = request.now();
    schedule::plan(request.state, &arn, now);
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
    let found = state::all(&request.state.pipelines, &own).map(|(_, one)| one);
    let found: Vec<_> = found.filter(|one| filters.admit(*one)).collect();
    paging::page(request, "imagePipelineList", &found, shown)
}
