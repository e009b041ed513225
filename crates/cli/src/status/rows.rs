//! What exists, as a row for each recipe and Region.

use std::collections::BTreeSet;

use goldsmith_aws::operator::Build;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{RecipeName, Region};
use goldsmith_domain::observed::{ImageState, Pipeline};
use goldsmith_domain::stack::StackContext;
use serde::Serialize;

use super::conditions::{Condition, conditions};
use crate::pipelines::pipeline_of;

/// What exists of a recipe in a Region.
#[derive(Debug, PartialEq, Serialize)]
pub struct Row {
    /// The recipe.
    pub recipename: RecipeName,
    /// The Region.
    pub region: Region,
    /// The newest image of the current recipe version.
    pub image: Option<String>,
    /// Its version and build.
    pub version: Option<String>,
    /// Its state, as Image Builder spells it.
    pub state: Option<String>,
    /// Its AMI in the Region.
    pub ami: Option<String>,
    /// The start of its build, RFC 3339.
    pub created: Option<String>,
    /// How far the image got.
    pub conditions: Vec<Condition>,
}

/// What the rows are made from.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The stack.
    pub stack: &'a StackContext,
    /// What the documents in the bucket ask for, if they can be read.
    pub desired: Option<&'a Desired>,
    /// Every pipeline.
    pub pipelines: &'a [Pipeline],
    /// Every build.
    pub builds: &'a [Build],
}

/// A row for each recipe of the stack, or only for `wanted`, and each Region where it is or should be.
pub fn rows(view: View<'_>, wanted: Option<&RecipeName>) -> Vec<Row> {
    let entries = view
        .desired
        .into_iter()
        .flat_map(|desired| &desired.recipes)
        .map(|entry| entry.name.clone());
    let owned = view
        .pipelines
        .iter()
        .filter(|pipeline| pipeline.is_owned(&view.stack.environment));
    let names: BTreeSet<RecipeName> = entries
        .chain(owned.filter_map(Pipeline::recipename))
        .collect();
    let names = names
        .into_iter()
        .filter(|name| wanted.is_none_or(|wanted| wanted == name));
    names.flat_map(|name| of_recipe(view, &name)).collect()
}

fn of_recipe(view: View<'_>, name: &RecipeName) -> Vec<Row> {
    let build = pipeline_of(view.stack, view.pipelines, name)
        .and_then(|pipeline| newest(view.builds, pipeline));
    let wanted = view
        .desired
        .into_iter()
        .flat_map(|desired| desired.regions.keys());
    let made = build.into_iter().flat_map(|build| build.image.amis.keys());
    let mut regions: BTreeSet<&Region> = wanted.chain(made).collect();
    regions.insert(&view.stack.region);
    regions
        .into_iter()
        .map(|region| row(name, region, build))
        .collect()
}

/// The newest build of a pipeline's recipe version.
fn newest<'a>(builds: &'a [Build], pipeline: &Pipeline) -> Option<&'a Build> {
    let recipe = pipeline.recipe.as_ref()?;
    let of_version = builds.iter().filter(|build| build.image.arn.is_of(recipe));
    of_version.max_by_key(|build| build.image.arn.build())
}

fn row(name: &RecipeName, region: &Region, build: Option<&Build>) -> Row {
    let image = build.map(|build| &build.image);
    Row {
        recipename: name.clone(),
        region: region.clone(),
        image: image.map(|image| image.arn.to_string()),
        version: image.map(|image| format!("{}/{}", image.arn.version(), image.arn.build())),
        state: image.map(|image| state(&image.state).to_owned()),
        ami: image
            .and_then(|image| image.amis.get(region))
            .map(ToString::to_string),
        created: build.and_then(|build| build.created.clone()),
        conditions: conditions(image, region),
    }
}

fn state(state: &ImageState) -> &str {
    match state {
        ImageState::Running(state) | ImageState::Unrecognized(state) => state,
        ImageState::Available => "AVAILABLE",
        ImageState::Failed => "FAILED",
        ImageState::Cancelled => "CANCELLED",
        ImageState::Retired => "RETIRED",
    }
}
