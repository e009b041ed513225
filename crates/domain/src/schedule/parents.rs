//! What is built on another recipe is built after it.
//!
//! Image Builder takes the newest available image of the parent when a build begins. A child that begins together with
//! its parent gets the patches one period late; one that begins while the parent's image waits for a person is built
//! on what nobody has approved.

use std::collections::BTreeSet;

use crate::desired::{BaseImage, Desired};
use crate::names::RecipeName;
use crate::observed::{Image, ImageState, Pipeline};
use crate::plan::{PUBLISHED_TAG, StartBuild};

/// Builds that can begin, and those that have to wait for a parent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct InOrder {
    /// What is started now.
    pub now: Vec<StartBuild>,
    /// What is owed until its parent is published.
    pub later: Vec<StartBuild>,
}

/// Tells apart which of `starts` have to wait for the recipe that they are built on.
pub fn in_order(
    desired: &Desired,
    starts: Vec<StartBuild>,
    pipelines: &[Pipeline],
    images: &[Image],
) -> InOrder {
    let names: BTreeSet<String> = starts
        .iter()
        .map(|start| start.recipename.folded())
        .collect();
    let waits = |start: &StartBuild| {
        let Some(parent) = parent(desired, &start.recipename) else {
            return false;
        };
        let folded = parent.folded();
        let mut of_parent = pipelines.iter().filter(|pipeline| {
            pipeline.is_owned(&desired.environment)
                && pipeline
                    .recipename()
                    .is_some_and(|name| name.folded() == folded)
        });
        names.contains(&folded) || of_parent.any(|pipeline| is_due(pipeline, images))
    };
    let (later, now) = starts.into_iter().partition(waits);
    InOrder { now, later }
}

/// The recipe that a recipe is built on, if it is one of the documents.
fn parent<'a>(desired: &'a Desired, recipe: &RecipeName) -> Option<&'a RecipeName> {
    let folded = recipe.folded();
    let mut entries = desired.recipes.iter();
    let entry = entries.find(|entry| entry.name.folded() == folded)?;
    if let BaseImage::Recipe(parent) = &entry.base {
        return Some(parent);
    }
    None
}

/// Whether a pipeline builds, or its newest image is not published.
fn is_due(pipeline: &Pipeline, images: &[Image]) -> bool {
    let recipe = pipeline.recipe.as_ref();
    let is_own = |image: &&Image| recipe.is_some_and(|recipe| image.arn.is_of(recipe));
    let builds: Vec<&Image> = images.iter().filter(is_own).collect();
    let is_running = |image: &&Image| matches!(image.state, ImageState::Running(_));
    let available = builds
        .iter()
        .filter(|image| image.state == ImageState::Available);
    let newest = available.max_by_key(|image| image.arn.build());
    let published = pipeline.tags.get(PUBLISHED_TAG);
    builds.iter().any(is_running)
        || newest.is_some_and(|newest| published != Some(&newest.arn.to_string()))
}
