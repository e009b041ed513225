//! Which pipelines a scheduled or requested run builds, and why it skips others.

use serde::Serialize;

use crate::names::{Environment, RecipeName};
use crate::observed::{Image, ImageState, Pipeline, PipelineStatus};
use crate::plan::{StartBuild, token};
use crate::site::{ENVIRONMENT_TAG, RECIPENAME_TAG};

/// Why the run happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The rule fired: a pipeline that somebody disabled stays at rest.
    Schedule,
    /// A person asked: even a disabled pipeline builds.
    Request,
}

/// What a run builds and what it leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Builds to start.
    pub start: Vec<StartBuild>,
    /// Recipes that are not built now.
    pub skipped: Vec<Skipped>,
}

/// A recipe that is not built now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The recipe.
    pub recipename: RecipeName,
    /// Why, as a sentence.
    pub reason: String,
}

/// The builds of `recipes` to start for `cause`, which is the event's id or the caller's token: the
/// same cause gives the same client tokens, so that an event delivered twice builds once.
pub fn select(
    recipes: &[RecipeName],
    environment: &Environment,
    pipelines: &[Pipeline],
    images: &[Image],
    (trigger, cause): (&Trigger, &str),
) -> Selection {
    let mut selection = Selection::default();
    for recipe in recipes {
        match decide(recipe, environment, pipelines, images, (trigger, cause)) {
            Ok(start) => selection.start.push(start),
            Err(reason) => selection.skipped.push(Skipped { recipename: recipe.clone(), reason }),
        }
    }
    selection
}

fn decide(
    recipe: &RecipeName,
    environment: &Environment,
    pipelines: &[Pipeline],
    images: &[Image],
    (trigger, cause): (&Trigger, &str),
) -> Result<StartBuild, String> {
    let ours = pipelines.iter().filter(|pipeline| pipeline.is_owned(environment));
    let mut named = ours.filter(|p| p.recipename().is_some_and(|name| name.folded() == recipe.folded()));
    let pipeline = named.next().ok_or("it has no pipeline (yet)")?;
    let version = pipeline.recipe.as_ref().ok_or("its pipeline builds no recipe")?;
    let running =
        |image: &&Image| image.arn.slug() == version.slug() && matches!(image.state, ImageState::Running(_));
    if let Some(image) = images.iter().find(running) {
        return Err(format!("image {} still builds", image.arn));
    }
    match (&pipeline.status, trigger) {
        (PipelineStatus::Enabled, _) | (PipelineStatus::Disabled, Trigger::Request) => {}
        (PipelineStatus::Disabled, Trigger::Schedule) => return Err("its pipeline is disabled".to_owned()),
        (PipelineStatus::Unrecognized(status), _) => {
            return Err(format!("its pipeline has the status {status}"));
        }
    }
    Ok(StartBuild {
        pipeline: pipeline.arn.clone(),
        recipename: recipe.clone(),
        token: token(&pipeline.arn, version, cause),
        tags: [(ENVIRONMENT_TAG, environment.as_str()), (RECIPENAME_TAG, recipe.as_str())]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    })
}
