//! The operations on image recipes.

use std::{borrow::Cow, sync::Arc};

use serde_json::json;

use crate::{
    api::imagebuilder::{
        answer::{latest_version_references, summary},
        quota::check_quota,
        recipe_checks,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        json::to_json,
        lookup,
        version::Version,
    },
    records::recipe::{Recipe, RecipeSettings},
    wire::paging::{self, Filtered, Filters},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateImageRecipe", create),
    ("GetImageRecipe", get),
    ("ListImageRecipes", list),
    ("DeleteImageRecipe", delete),
];

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
fn next_version(request: &Request<'_>) -> Result<Arn, ApiError> {
    let wanted = request.recipe_version()?;
    let arn = request
        .own(Kind::ImageRecipe, request.text("name").unwrap_or_default())
        .at(wanted);
    let newest = lookup::newest(&request.state.recipes, &arn);
    if !wanted.is_wildcard() {
        return newest.map_or(Ok(arn), |(taken, _)| {
            Err(ApiError::exists("ImageRecipe", taken))
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
) -> Result<Recipe, ApiError> {
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
    let recipe = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(json!({
        "imageRecipe": to_json(recipe.as_ref()),
        "latestVersionReferences": latest_version_references(&recipe.arn),
    }))
}

/// The caller's newest recipe that a reference stands for.
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Arc<Recipe>> {
    let caller = request.caller();
    let ours = arn.account == caller.account && arn.region == caller.region;
    let found = lookup::newest(&request.state.recipes, arn).map(|(_, recipe)| recipe);
    found.filter(|_| ours)
}

/// DeleteImageRecipe: refused while a pipeline refers to it. Images do not hold it back, unless a
/// setting says so: whether they do on AWS is not known.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageRecipeArn")?;
    if find(request, &arn).is_none_or(|found| found.arn != arn) {
        return Err(ApiError::not_found(&arn));
    }
    let pipelines = request.own(Kind::ImagePipeline, "");
    let used = lookup::all(&request.state.pipelines, &pipelines).any(|(_, pipeline)| {
        pipeline
            .settings
            .image_recipe_arn
            .as_ref()
            .is_some_and(|used| find(request, used).is_some_and(|resolved| resolved.arn == arn))
    });
    if used || is_kept_by_images(request, &arn) {
        return Err(ApiError::depended_on(&arn));
    }
    request.state.recipes.remove(&arn);
    Ok(json!({"imageRecipeArn": arn}))
}

fn is_kept_by_images(request: &Request<'_>, recipe: &Arn) -> bool {
    let first = Arn {
        kind: Kind::Image,
        ..recipe.clone()
    };
    let mut builds = lookup::covered(&request.state.images, &first);
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
    let recipes = lookup::all(&request.state.recipes, &own).map(|(_, recipe)| recipe);
    let mut recipes: Vec<_> = recipes
        .filter(|recipe| ours && filters.admit(*recipe))
        .collect();
    paging::newest_first(&mut recipes, |one| (one.date_created, &one.arn));
    paging::page(request, "imageRecipeSummaryList", &recipes, |recipe| {
        summary(recipe.as_ref(), &SUMMARY_MEMBERS)
    })
}
