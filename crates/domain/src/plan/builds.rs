//! Builds: starts one of a recipe version that was never built, and those that a scheduled run could not start;
//! reports what the newest one does.

use super::change::{Action, Change, Resource, StartBuild, TagPipeline};
use super::digests;
use super::reason::{Refused, Waiting};
use super::recipes::{FirstBuild, Recipes, Served, moving_base};
use super::record::Plan;
use super::retry::{MOST_RETRIES, has_tries_left, retry};
use super::tags::{INSTEAD_OF_TAG, owed_cause, settled_build};
use super::view::{View, failures, retries};
use crate::arn::VersionArn;
use crate::failure::FailureClass;
use crate::names::{PipelineArn, RecipeName};
use crate::observed::{Image, ImageState, Pipeline};
use crate::promotion::Hold;

/// Starts the first build of every recipe version that has none, and reports the newest build.
pub(super) fn builds(view: View<'_>, recipes: &Recipes<'_>, plan: &mut Plan) {
    for served in &recipes.served {
        match &served.first_build {
            FirstBuild::Never => {}
            FirstBuild::Starts => {
                let held = view.held_parent(&served.name);
                let held = held.map(|parent| waiting_for(parent, "has an image that is held back"));
                build(view, served, held.as_ref(), plan);
            }
            FirstBuild::Waits(waiting) => build(view, served, Some(waiting), plan),
        }
        rebuild_on_new_base(view, served, plan);
        let owed = served
            .pipeline
            .and_then(|pipeline| Some((pipeline, owed_cause(pipeline)?)));
        if let Some((pipeline, cause)) = owed {
            start_owed(view, served, pipeline, cause, plan);
        }
    }
}

/// Builds an image again whose base was made after it, if the environment says so. A build that began after that has
/// the new base, whatever became of it, so that nothing is built twice for one base.
fn rebuild_on_new_base(view: View<'_>, served: &Served<'_>, plan: &mut Plan) {
    let (name, recipe) = (&served.name, &served.recipe);
    let moved = view.entry(name).and_then(|entry| moving_base(view, entry));
    let newest = view.images_of(recipe).last().copied();
    // A build that runs may have begun with either base; it is looked at again when it has ended.
    let newest = newest.filter(|image| !matches!(image.state, ImageState::Running(_)));
    let (Some((ami, made)), Some(began)) = (moved, newest.and_then(|image| image.created)) else {
        return;
    };
    // A build that this plan starts anyway has the new base.
    if made <= began || plan.provides(&Resource::Build(view.pipeline_arn(name))) {
        return;
    }
    let builds =
        view.desired.rebuild_on_new_base && matches!(served.first_build, FirstBuild::Starts);
    if builds {
        plan.change(start(view, name, recipe, &format!("base {ami}")));
    }
    plan.wait(name, Waiting::NewBase { ami, made, builds });
}

fn waiting_for(parent: &RecipeName, reason: &str) -> Waiting {
    Waiting::Parent {
        parent: parent.clone(),
        reason: reason.to_owned(),
    }
}

/// Starts the build that a scheduled run found no room for, once: a build that runs already, or that this plan
/// starts, has today's patches as well.
fn start_owed(
    view: View<'_>,
    served: &Served<'_>,
    pipeline: &Pipeline,
    cause: &str,
    plan: &mut Plan,
) {
    let waits = !matches!(served.first_build, FirstBuild::Starts);
    let is_running = |image: &&Image| matches!(image.state, ImageState::Running(_));
    let build = Resource::Build(pipeline.arn.clone());
    if let Some(parent) = view.due_parent(&served.name) {
        let reason = "is built first, or has an image that is held back";
        return plan.wait(&served.name, waiting_for(parent, reason));
    }
    let runs = view.images_of(&served.recipe).iter().any(is_running);
    // It may have begun before its parent was ready.
    if runs && view.is_on_recipe(&served.name) {
        return;
    }
    if !runs && !plan.provides(&build) {
        if waits {
            return;
        }
        plan.change(start(view, &served.name, &served.recipe, cause));
    }
    let (arn, tags) = (pipeline.arn.clone(), settled_build());
    let settle = Change::from(Action::TagPipeline(TagPipeline { arn, tags }));
    plan.change(settle.needing([build]));
}

/// Starts the first build of a recipe version, unless it is held; or reports the newest one.
fn build(view: View<'_>, served: &Served<'_>, held: Option<&Waiting>, plan: &mut Plan) {
    let (name, recipe) = (&served.name, &served.recipe);
    let images = view.images_of(recipe);
    let newest = images.last().copied();
    let is_in_use = |image: &&Image| image.state != ImageState::Retired;
    let Some(newest) = newest.filter(|_| images.iter().any(is_in_use)) else {
        // After retired ones the token of the first build would only bring its old answer back.
        let cause = newest.map_or_else(|| "first".to_owned(), |newest| newest.arn.to_string());
        return match held {
            Some(waiting) => plan.wait(name, waiting.clone()),
            None => plan.change(start(view, name, recipe, &cause)),
        };
    };
    if newest.state == ImageState::Failed && !newest.failed_targets.is_empty() {
        return distribution_failed(view, name, newest, plan);
    }
    let is_again = held.is_none() && is_worth_another_build(newest);
    if is_again && has_tries_left(view, name, newest, plan) {
        return build_again(view, served, newest, plan);
    }
    report_held(view, name, &images, plan);
    let mut states = images.iter().map(|image| &image.state);
    let has_available = states.any(|state| *state == ImageState::Available);
    if let Some(reason) = progress(name, newest, has_available) {
        plan.wait(name, reason);
    }
}

/// Tells what keeps the newest available build from being published.
fn report_held(view: View<'_>, name: &RecipeName, images: &[&Image], plan: &mut Plan) {
    let mut newest_first = images.iter().rev();
    let available = newest_first.find(|image| image.state == ImageState::Available);
    let waiting = available.and_then(|image| {
        let (amis, hold) = (image.amis.clone(), view.hold(image)?);
        let (recipe, image) = (name.clone(), image.arn.clone());
        Some(match hold {
            Hold::Unjudged => Waiting::Observation(recipe),
            Hold::Results(reasons) => Waiting::Results {
                recipe,
                image,
                reasons: reasons.join("; "),
            },
            Hold::Approval => Waiting::Approval {
                recipe,
                image,
                amis,
            },
            Hold::Rejected(decision) => Waiting::Rejected {
                recipe,
                image,
                decision: Box::new(decision.clone()),
            },
        })
    });
    if let Some(waiting) = waiting {
        plan.wait(name, waiting);
    }
}

/// Whether a build is made once more: AWS could not do it at that moment, and it was not made once more before. Whoever
/// tried for ever would only pay for it.
fn is_worth_another_build(failed: &Image) -> bool {
    failed.state == ImageState::Failed
        && failed.failure == Some(FailureClass::Retryable)
        && !failed.tags.contains_key(INSTEAD_OF_TAG)
}

fn build_again(view: View<'_>, served: &Served<'_>, failed: &Image, plan: &mut Plan) {
    let (name, cause) = (&served.name, failed.arn.to_string());
    let mut start = start_of(view, name, &served.recipe, &format!("instead of {cause}"));
    start.tags.insert(INSTEAD_OF_TAG.to_owned(), cause);
    plan.change(Action::StartBuild(start));
    let waiting = Waiting::BuildAgain {
        image: failed.arn.clone(),
        reason: failed
            .reason
            .clone()
            .unwrap_or_else(|| "no reason given".to_owned()),
    };
    plan.wait(name, waiting);
}

fn start(view: View<'_>, name: &RecipeName, recipe: &VersionArn, cause: &str) -> Action {
    Action::StartBuild(start_of(view, name, recipe, cause))
}

fn start_of(view: View<'_>, name: &RecipeName, recipe: &VersionArn, cause: &str) -> StartBuild {
    let pipeline = view.pipeline_arn(name);
    StartBuild {
        token: token(&pipeline, recipe, cause),
        pipeline,
        recipename: name.clone(),
        tags: view.recipe_tags(name),
    }
}

/// An image that was built is distributed again, and never built again for it.
fn distribution_failed(view: View<'_>, name: &RecipeName, image: &Image, plan: &mut Plan) {
    if image.failed_targets.iter().any(|failed| failed.integrating) {
        let refused = Refused::Integration(name.clone(), image.arn.clone(), failures(image));
        return plan.refuse(name, refused);
    }
    if retries(image) < MOST_RETRIES {
        if has_tries_left(view, name, image, plan) {
            retry(name, image, plan);
        }
        return;
    }
    let refused = Refused::Distribution {
        image: image.arn.clone(),
        retries: MOST_RETRIES,
        reason: failures(image),
    };
    plan.refuse(name, refused);
}

/// The client token of a build: the same pipeline, recipe version and cause give the same build.
///
/// 64 characters, the most that `clientToken` takes (API reference).
pub fn token(pipeline: &PipelineArn, recipe: &VersionArn, cause: &str) -> String {
    digests::build_token(pipeline, recipe, cause).to_string()
}

/// What the newest build of a recipe version makes a run wait for.
fn progress(name: &RecipeName, newest: &Image, has_available: bool) -> Option<Waiting> {
    let image = newest.arn.clone();
    match &newest.state {
        ImageState::Running(state) => Some(Waiting::Build {
            image,
            state: state.clone(),
        }),
        ImageState::Failed | ImageState::Cancelled if !has_available => {
            let reason = newest
                .reason
                .clone()
                .unwrap_or_else(|| "no reason given".to_owned());
            let recipe = name.clone();
            Some(Waiting::FailedBuild {
                recipe,
                image,
                reason,
            })
        }
        ImageState::Unrecognized(state) => Some(Waiting::Unrecognized {
            subject: image.to_string(),
            state: state.clone(),
        }),
        ImageState::Failed
        | ImageState::Cancelled
        | ImageState::Available
        | ImageState::Retired => None,
    }
}
