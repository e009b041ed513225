//! Which pipelines a scheduled or requested run builds, and why it skips others.

mod parents;

use serde::Serialize;

pub use self::parents::{InOrder, in_order};
use crate::names::{Environment, Family, RecipeName, fold};
use crate::observed::{Image, ImageState, Pipeline, PipelineStatus};
use crate::plan::{StartBuild, token};
use crate::stack::{ENVIRONMENT_TAG, RECIPENAME_TAG, recipe_name};

/// Why the run happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// What a run looks at.
#[derive(Debug, Clone, Copy)]
pub struct Candidates<'a> {
    /// The environment whose pipelines are ours.
    pub environment: &'a Environment,
    /// The family of the documents in force, which tells apart pipelines for the same recipe name;
    /// none if the documents were not read.
    pub family: Option<&'a Family>,
    /// Every pipeline.
    pub pipelines: &'a [Pipeline],
    /// Every image build.
    pub images: &'a [Image],
    /// Whether the documents in force say `pause`.
    pub paused: bool,
}

/// The builds of `recipes` to start for `cause`, which is the event's id or the caller's token: the
/// same cause gives the same client tokens, so that an event delivered twice builds once.
pub fn select(
    recipes: &[RecipeName],
    view: Candidates<'_>,
    trigger: Trigger,
    cause: &str,
) -> Selection {
    let mut selection = Selection::default();
    for recipe in recipes {
        match decide(recipe, view, trigger, cause) {
            Ok(start) => selection.start.push(start),
            Err(reason) => selection.skipped.push(Skipped {
                recipename: recipe.clone(),
                reason,
            }),
        }
    }
    selection
}

fn decide(
    recipe: &RecipeName,
    view: Candidates<'_>,
    trigger: Trigger,
    cause: &str,
) -> Result<StartBuild, String> {
    if view.paused {
        return Err("environment.json says `pause`".to_owned());
    }
    let pipeline = pipeline_of(recipe, view)?;
    let version = pipeline
        .recipe
        .as_ref()
        .ok_or("its pipeline builds no recipe")?;
    let running = |image: &&Image| {
        image.arn.slug() == version.slug() && matches!(image.state, ImageState::Running(_))
    };
    if let Some(image) = view.images.iter().find(running) {
        return Err(format!("image {} still builds", image.arn));
    }
    match (&pipeline.status, trigger) {
        (PipelineStatus::Enabled, _) | (PipelineStatus::Disabled, Trigger::Request) => {}
        (PipelineStatus::Disabled, Trigger::Schedule) => {
            return Err("its pipeline is disabled".to_owned());
        }
        (PipelineStatus::Unrecognized(status), _) => {
            return Err(format!("its pipeline has the status {status}"));
        }
    }
    Ok(StartBuild {
        pipeline: pipeline.arn.clone(),
        recipename: recipe.clone(),
        token: token(&pipeline.arn, version, cause),
        tags: [
            (ENVIRONMENT_TAG, view.environment.as_str()),
            (RECIPENAME_TAG, recipe.as_str()),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into(),
    })
}

/// The one pipeline of ours for a recipe name; after a change of family there may be two.
fn pipeline_of<'a>(recipe: &RecipeName, view: Candidates<'a>) -> Result<&'a Pipeline, String> {
    let ours = view
        .pipelines
        .iter()
        .filter(|pipeline| pipeline.is_owned(view.environment));
    let named: Vec<&Pipeline> = ours
        .filter(|p| {
            p.recipename()
                .is_some_and(|name| name.folded() == recipe.folded())
        })
        .collect();
    let slug = view
        .family
        .map(|family| fold(&recipe_name(family, view.environment, recipe)));
    let is_current = |pipeline: &&&Pipeline| {
        slug.as_ref()
            .is_some_and(|slug| pipeline.arn.as_str().ends_with(&format!("/{slug}")))
    };
    match named.as_slice() {
        [] => Err("it has no pipeline (yet)".to_owned()),
        [one] => Ok(one),
        several => several
            .iter()
            .find(is_current)
            .copied()
            .ok_or_else(|| format!("{} pipelines of ours are for it", several.len())),
    }
}
