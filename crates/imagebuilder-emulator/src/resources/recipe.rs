//! Image recipes: immutable versions of a name.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, check_quota, latest_version_references, recipe_checks, shown, summary};
use crate::{
    arn::{Arn, Kind, Version},
    date::Date,
    operations::Handlers,
    paging::{self, Filtered, Filters},
    refusal::Refusal,
    request::Request,
    state::{self, Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateImageRecipe", create),
    ("GetImageRecipe", get),
    ("ListImageRecipes", list),
    ("DeleteImageRecipe", delete),
];

/// A recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipe {
    pub arn: Arn,
    pub name: String,
    pub version: Version,
    pub platform: String,
    pub owner: String,
    pub date_created: Date,
    pub tags: Tags,
    #[serde(flatten)]
    pub settings: RecipeSettings,
}

/// What a request says about a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecipeSettings {
    pub description: Option<String>,
    #[serde(default)]
    pub components: Vec<ComponentConfiguration>,
    pub parent_image: String,
    #[serde(default)]
    pub block_device_mappings: Vec<BlockDeviceMapping>,
    /// Not shown unless it was given, or Terraform's provider, which has no default for it, would
    /// replace each recipe without one at each plan.
    pub working_directory: Option<String>,
    pub additional_instance_configuration: Option<Value>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub ami_tags: Tags,
    pub ami_watermarks: Option<Vec<String>>,
}

/// A component of a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComponentConfiguration {
    pub component_arn: Arn,
    pub parameters: Option<Vec<ParameterValue>>,
}

/// A value for a component's parameter: a list by its shape, of exactly one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ParameterValue {
    pub name: String,
    pub value: Vec<String>,
}

/// A volume that differs from the base image's, or is new, or is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockDeviceMapping {
    pub device_name: Option<String>,
    pub ebs: Option<EbsSpecification>,
    pub virtual_name: Option<String>,
    /// Present, and empty, to leave the base image's device out.
    pub no_device: Option<String>,
}

/// An EBS volume; what is absent comes from the base image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbsSpecification {
    pub encrypted: Option<bool>,
    pub delete_on_termination: Option<bool>,
    pub iops: Option<u32>,
    pub kms_key_id: Option<String>,
    pub snapshot_id: Option<String>,
    /// GiB
    pub volume_size: Option<u32>,
    pub volume_type: Option<String>,
    /// MiB/s
    pub throughput: Option<u32>,
}

/// CreateImageRecipe
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let settings: RecipeSettings = request.read()?;
    let platform = recipe_checks::check(request, &settings)?;
    let arn = next_version(request)?;
    let quota = ("Image recipes", request.options().quotas.recipes);
    check_quota(&request.state.recipes, &arn, quota)?;
    request.stop_if_dry_run()?;
    let recipe = assembled(request, arn.clone(), platform, settings)?;
    request.state.recipes.insert(arn.clone(), Arc::new(recipe));
    Ok(json!({
        "imageRecipeArn": arn,
        "latestVersionReferences": latest_version_references(&arn),
    }))
}

/// The version asked for, or the next one of a series such as `1.0.x`.
fn next_version(request: &Request<'_>) -> Result<Arn, Refusal> {
    let wanted = recipe_checks::version(request)?;
    let arn = request
        .own(Kind::ImageRecipe, request.text("name").unwrap_or_default())
        .at(wanted);
    let newest = state::newest(&request.state.recipes, &arn);
    if !wanted.is_wildcard() {
        return newest.map_or(Ok(arn), |(taken, _)| {
            Err(Refusal::exists("ImageRecipe", taken))
        });
    }
    let newest = newest.and_then(|(newest, _)| newest.version);
    Ok(arn.at(wanted.after(newest, request.options().unknowns.first_patch)))
}

fn assembled(
    request: &Request<'_>,
    arn: Arn,
    platform: String,
    settings: RecipeSettings,
) -> Result<Recipe, Refusal> {
    Ok(Recipe {
        name: request.text("name").unwrap_or_default().to_owned(),
        version: arn.version.unwrap_or(Version::ANY),
        platform,
        owner: request.caller().account.clone(),
        date_created: request.date(),
        tags: request.tags()?,
        arn,
        settings,
    })
}

/// GetImageRecipe: a version, or the newest that a wildcard stands for.
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageRecipeArn")?;
    let recipe = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    Ok(json!({
        "imageRecipe": shown(recipe.as_ref()),
        "latestVersionReferences": latest_version_references(&recipe.arn),
    }))
}

/// The caller's newest recipe that a reference stands for.
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Arc<Recipe>> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    let found = state::newest(&request.state.recipes, arn).map(|(_, recipe)| recipe);
    found.filter(|_| ours)
}

/// DeleteImageRecipe: refused while a pipeline refers to it. Images do not hold it back, unless a
/// setting says so: whether they do in life is not known.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageRecipeArn")?;
    if find(request, &arn).is_none_or(|found| found.arn != arn) {
        return Err(Refusal::not_found(&arn));
    }
    let pipelines = request.own(Kind::ImagePipeline, "");
    let used = state::all(&request.state.pipelines, &pipelines).any(|(_, pipeline)| {
        pipeline
            .settings
            .image_recipe_arn
            .as_ref()
            .is_some_and(|used| find(request, used).is_some_and(|resolved| resolved.arn == arn))
    });
    if used || is_kept_by_images(request, &arn) {
        return Err(Refusal::depended_on(&arn));
    }
    request.state.recipes.remove(&arn);
    Ok(json!({"imageRecipeArn": arn}))
}

fn is_kept_by_images(request: &Request<'_>, recipe: &Arn) -> bool {
    let first = Arn {
        kind: Kind::Image,
        ..recipe.clone()
    };
    let mut builds = state::covered(&request.state.images, &first);
    !request.options().unknowns.recipes_outlived_by_images && builds.next().is_some()
}

impl Filtered for Arc<Recipe> {
    const FILTERS: &'static [&'static str] = &["name", "parentImage", "platform"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        match filter {
            "name" => vec![Cow::from(&self.name)],
            "parentImage" => vec![Cow::from(&self.settings.parent_image)],
            "platform" => vec![Cow::from(&self.platform)],
            _ => Vec::new(),
        }
    }
}

const SUMMARY_MEMBERS: [&str; 7] = [
    "arn",
    "name",
    "platform",
    "owner",
    "parentImage",
    "dateCreated",
    "tags",
];

/// ListImageRecipes: the caller's own.
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Arc<Recipe>>(request)?;
    let own = request.own(Kind::ImageRecipe, "");
    let ours = matches!(request.text("owner"), None | Some("Self"));
    let recipes = state::all(&request.state.recipes, &own).map(|(_, recipe)| recipe);
    let recipes: Vec<_> = recipes
        .filter(|recipe| ours && filters.admit(*recipe))
        .collect();
    paging::page(request, "imageRecipeSummaryList", &recipes, |recipe| {
        summary(recipe.as_ref(), &SUMMARY_MEMBERS)
    })
}
