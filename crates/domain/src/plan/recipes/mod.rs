//! Recipes: brings each to the recipe version that the documents want, with its pipeline.
//!
//! What is built of them, copied and published comes in later steps, which take [`Recipes`].

mod base;
mod content;
mod pipeline;
mod provenance;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::base::moving_base;
use self::base::{
    AsParent, Parents, base, base_licence, check_owner, devices, warn_of_deprecation,
};
use self::content::{Components, NewVersion, create_recipe};
use self::pipeline::{Parts, bring_pipeline};
pub(super) use self::provenance::check_names;
use super::change::{EncryptedDevice, Resource};
use super::configurations::{distribution, infrastructure};
use super::copy_eligibility::{SeenLicences, check_sysprep, warn_before_build};
use super::reason::{Blocked, Refused, Waiting};
use super::record::Plan;
use super::view::View;
use crate::arn::VersionArn;
use crate::desired::{BaseImage, RecipeEntry};
use crate::names::RecipeName;
use crate::observed::{Pipeline, Subject, is_owned};

/// What the recipes are once the plan is carried out.
#[derive(Default)]
pub(super) struct Recipes<'a> {
    /// The recipes whose images are built, copied and published, in order.
    pub(super) served: Vec<Served<'a>>,
    /// The licences that were seen of their bases.
    pub(super) licences: SeenLicences,
    /// The distribution configurations that are updated: one may share with fewer consumers afterwards.
    pub(super) updated_distributions: Vec<Resource>,
}

/// A recipe whose images are built, copied and published.
pub(super) struct Served<'a> {
    pub(super) name: RecipeName,
    /// Its pipeline today.
    pub(super) pipeline: Option<&'a Pipeline>,
    /// The version whose images are wanted.
    pub(super) recipe: VersionArn,
    /// The version that the pipeline builds once the plan is carried out.
    pub(super) builds: Option<VersionArn>,
    /// Whether an image of it is built if there is none.
    pub(super) first_build: FirstBuild,
}

/// Whether an image of a recipe version is built if there is none.
pub(super) enum FirstBuild {
    /// It is.
    Starts,
    /// It is, once this has passed.
    Waits(Waiting),
    /// It is not: the version is only looked after.
    Never,
}

/// What is planned so far.
#[derive(Default)]
struct Progress<'a> {
    recipes: Recipes<'a>,
    parents: Parents,
    components: Components,
}

/// Where a recipe version comes from.
enum Source {
    /// It exists.
    Existing(VersionArn),
    /// It has to be made, on this parent and with these devices.
    New(String, Vec<EncryptedDevice>),
}

/// Brings every recipe to what the documents want.
pub(super) fn recipes<'a>(view: View<'a>, plan: &mut Plan) -> Recipes<'a> {
    let mut progress = Progress::default();
    for entry in parents_first(&view.desired.recipes) {
        let as_parent = recipe(view, entry, &mut progress, plan)
            .unwrap_or_else(|reason| not_made(view, entry, reason, &mut progress, plan));
        progress.parents.insert(&entry.name, as_parent);
    }
    check_sysprep(view, &progress.recipes.licences, plan);
    for name in view.retired_recipes() {
        plan.wait(name, Waiting::Retirement(name.clone()));
        keep_last_good(view, name, &mut progress, plan);
    }
    progress.recipes
}

/// Brings one entry of `ami-version` to its recipe version; what it is to those that are built on it.
fn recipe<'a>(
    view: View<'a>,
    entry: &RecipeEntry,
    progress: &mut Progress<'a>,
    plan: &mut Plan,
) -> Result<AsParent, Blocked> {
    let pipeline = own_pipeline(view, &entry.name)?;
    let digest = view.wanted_digest(entry);
    report_forged(view, entry, plan);
    let source = source(view, entry, &progress.parents)?;
    let infrastructure = infrastructure(view, plan)?.arn;
    let distribution = progress.distribution(view, &entry.name, plan)?;
    warn_of_deprecation(view, entry, &progress.parents, plan);
    let recipe = version(view, entry, source, &mut progress.components, plan);
    let licence = base_licence(view, entry, &progress.parents);
    let licences = &mut progress.recipes.licences;
    licences.insert(&entry.name, recipe.version(), licence.as_ref());
    warn_before_build(view, &entry.name, pipeline, &recipe, licences, plan);
    let parts = Parts {
        description: entry.description.clone(),
        recipe: recipe.clone(),
        infrastructure,
        distribution,
        scan: view.desired.image_scan,
        licence,
    };
    if bring_pipeline(view, &entry.name, pipeline, &digest, parts, plan).is_left_alone() {
        return Ok(as_parent(view, recipe));
    }
    let held = progress.parents.blocks(&entry.base);
    progress.recipes.served.push(Served {
        name: entry.name.clone(),
        pipeline,
        recipe: recipe.clone(),
        builds: builds(plan, view, &entry.name),
        first_build: held.map_or(FirstBuild::Starts, FirstBuild::Waits),
    });
    Ok(as_parent(view, recipe))
}

/// The recipe version of an entry, made if there is none.
fn version(
    view: View<'_>,
    entry: &RecipeEntry,
    source: Source,
    components: &mut Components,
    plan: &mut Plan,
) -> VersionArn {
    let (parent, devices) = match source {
        Source::Existing(recipe) => return recipe,
        Source::New(parent, devices) => (parent, devices),
    };
    let (content, digest) = view.wanted_content(entry);
    let new = NewVersion {
        content,
        digest,
        parent,
        devices,
    };
    create_recipe(view, entry, new, components, plan)
}

/// The version that a pipeline builds once the plan is carried out.
fn builds(plan: &Plan, view: View<'_>, name: &RecipeName) -> Option<VersionArn> {
    let arn = view.pipeline_arn(name);
    // The changes of this recipe are the last ones of the plan: nothing of another one comes between.
    let latest = plan
        .changes
        .iter()
        .rev()
        .take_while(|change| change.pipeline().is_none_or(|about| *about == arn));
    let mut about = latest.filter(|change| change.pipeline() == Some(&arn));
    let next = about.find_map(|change| change.points_at().cloned());
    next.or_else(|| view.pipeline(name)?.recipe.clone())
}

impl Progress<'_> {
    /// Brings a recipe's distribution configuration to what the documents want; its ARN.
    fn distribution(
        &mut self,
        view: View<'_>,
        name: &RecipeName,
        plan: &mut Plan,
    ) -> Result<String, Refused> {
        let brought = distribution(view, name, plan)?;
        if brought.is_updated {
            let updated = Resource::Configuration(brought.arn.clone());
            self.recipes.updated_distributions.push(updated);
        }
        Ok(brought.arn)
    }
}

/// Where the recipe version of this content comes from. A recipe that cannot be made is refused here,
/// before anything is changed for it.
fn source(view: View<'_>, entry: &RecipeEntry, parents: &Parents) -> Result<Source, Blocked> {
    check_names(view, entry)?;
    let base = view
        .catalog()
        .map(|catalog| base(view, entry, catalog, parents));
    // Also what exists: a parameter may have moved since, and the documents may allow fewer by now.
    if let Some(Ok(base)) = &base {
        check_owner(view, entry, base)?;
    }
    if let Some(recipe) = view.current_version(entry) {
        return Ok(Source::Existing(recipe));
    }
    let base = base.ok_or_else(|| Waiting::Observation(entry.name.clone()))?;
    view.check_read(&Subject::Recipes)?;
    if let Some(recipe) = view.find_version(entry) {
        return Ok(Source::Existing(recipe));
    }
    let base = base?;
    view.check_read(&Subject::Components)?;
    view.check_key()?;
    let devices = devices(view, entry, &base)?;
    Ok(Source::New(base.parent, devices))
}

/// Names the versions that carry the digest of a reviewed recipe and say something else.
fn report_forged(view: View<'_>, entry: &RecipeEntry, plan: &mut Plan) {
    for version in view.forged_versions(entry) {
        plan.refuse(&version, Refused::ForgedRecipe(entry.name.clone()));
    }
}

/// The pipeline of a recipe, refused if the name is taken by somebody else's.
fn own_pipeline<'a>(view: View<'a>, recipe: &RecipeName) -> Result<Option<&'a Pipeline>, Refused> {
    view.check_read(&Subject::Pipelines)?;
    match view.pipeline(recipe) {
        Some(foreign) if !foreign.is_owned(&view.desired.environment) => {
            Err(Refused::PipelineNotOurs(foreign.arn.clone()))
        }
        pipeline => Ok(pipeline),
    }
}

/// What cannot be made waits or is refused, and what is there is looked after.
fn not_made<'a>(
    view: View<'a>,
    entry: &RecipeEntry,
    reason: Blocked,
    progress: &mut Progress<'a>,
    plan: &mut Plan,
) -> AsParent {
    let lacks = match &reason {
        Blocked::Refused(reason) => format!("is refused ({reason})"),
        Blocked::Waiting(Waiting::Parent { parent, .. }) => format!("waits for {parent} itself"),
        Blocked::Waiting(waiting) => format!("is not made yet ({waiting})"),
    };
    let is_known = !matches!(reason, Blocked::Waiting(Waiting::Observation(_)));
    plan.block(&entry.name, reason);
    if is_known {
        keep_last_good(view, &entry.name, progress, plan);
    }
    AsParent::Lacks(lacks)
}

/// What a refused or retired recipe builds today is still looked after: a consumer that left gets
/// nothing new, and what was built is published.
fn keep_last_good<'a>(
    view: View<'a>,
    name: &RecipeName,
    progress: &mut Progress<'a>,
    plan: &mut Plan,
) {
    let Ok(Some(pipeline)) = own_pipeline(view, name) else {
        return share_with_fewer(view, name, progress, plan);
    };
    let brought = [
        infrastructure(view, plan).map(|brought| brought.arn),
        progress.distribution(view, name, plan),
    ];
    for reason in brought.into_iter().filter_map(Result::err) {
        plan.refuse(name, reason);
    }
    if let Some(recipe) = pipeline.recipe.clone() {
        progress.recipes.served.push(Served {
            name: name.clone(),
            pipeline: Some(pipeline),
            builds: Some(recipe.clone()),
            recipe,
            first_build: FirstBuild::Never,
        });
    }
}

/// Where the pipelines could not be read, what is built by them is at least shared with nobody who left:
/// a distribution configuration that is there is brought up to date.
fn share_with_fewer(
    view: View<'_>,
    name: &RecipeName,
    progress: &mut Progress<'_>,
    plan: &mut Plan,
) {
    let arn = view.wanted().names(name).distribution;
    let found = view.distribution_configuration(&arn);
    let is_there = found.is_some_and(|one| is_owned(&one.tags, &view.desired.environment));
    if is_there
        && view.check_read(&Subject::Pipelines).is_err()
        && let Err(reason) = progress.distribution(view, name, plan)
    {
        plan.refuse(name, reason);
    }
}

/// What a recipe whose current version is `recipe` is to those that are built on it.
fn as_parent(view: View<'_>, recipe: VersionArn) -> AsParent {
    let Some(image) = view.newest_promotable(&recipe) else {
        return AsParent::Lacks(format!(
            "has no available image of version {}",
            recipe.version()
        ));
    };
    match image.amis.get(&view.stack.region) {
        Some(ami) => AsParent::Image(recipe, ami.clone()),
        None => AsParent::Lacks(format!("has no AMI in {}", view.stack.region)),
    }
}

/// The entries in the order of the document, but for parents, which come before what is built on them.
/// Of a circle, which is a problem of the documents, each comes once.
fn parents_first(entries: &[RecipeEntry]) -> Vec<&RecipeEntry> {
    let by_name: BTreeMap<String, &RecipeEntry> = entries
        .iter()
        .map(|entry| (entry.name.folded(), entry))
        .collect();
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in entries {
        let mut line = Vec::new();
        let mut next = Some(entry);
        while let Some(entry) = next.filter(|entry| seen.insert(entry.name.folded())) {
            line.push(entry);
            next = match &entry.base {
                BaseImage::Recipe(parent) => by_name.get(&parent.folded()).copied(),
                BaseImage::Ami(_) | BaseImage::Parameter(_) | BaseImage::Image(_) => None,
            };
        }
        ordered.extend(line.into_iter().rev());
    }
    ordered
}
