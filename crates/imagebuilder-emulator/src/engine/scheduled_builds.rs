//! Starts the build of a schedule that matches, or skips it.

use jiff::Timestamp;

use crate::{
    common::{arn::Arn, lookup, options::Options},
    engine::{
        build::start::{self, BuildRequest},
        schedule::{dependencies, next_run::enter},
    },
    records::{image::BuildType, pipeline::Pipeline, schedule::StartCondition},
    state::State,
};

/// How many matches are looked at, of all schedules, in one move of the clock: a week of each
/// minute. A year of each minute would be half a million builds. Further matches are skipped, and
/// the schedule goes on with its first match after the move.
const MATCHES_IN_ONE_MOVE: u32 = 10_080;

/// What one move of the clock may still do.
pub(crate) struct MatchBudget {
    now: Timestamp,
    matches: u32,
}

impl MatchBudget {
    /// For a move of the clock to `now`.
    pub fn until(now: Timestamp) -> Self {
        Self {
            now,
            matches: MATCHES_IN_ONE_MOVE,
        }
    }

    fn take(&mut self) -> bool {
        let left = self.matches.checked_sub(1);
        self.matches = left.unwrap_or_default();
        left.is_some()
    }
}

/// A schedule matches at `at`.
pub(crate) fn due(
    state: &mut State,
    options: &Options,
    arn: &Arn,
    at: Timestamp,
    budget: &mut MatchBudget,
) {
    if budget.take() {
        run(state, options, arn, at);
        enter(state, arn, at, at);
    } else {
        tracing::warn!(pipeline.arn = %arn, "the clock moved too far at once: matches are passed over");
        enter(state, arn, at, budget.now);
    }
}

/// Starts a build, if the condition holds and the quota allows it. As far as is known, a skipped
/// run leaves no trace in the pipeline. On AWS it is a line in a log.
fn run(state: &mut State, options: &Options, arn: &Arn, at: Timestamp) {
    let Some(pipeline) = state.pipelines.get(arn).cloned() else {
        return;
    };
    if !is_wanted(state, &pipeline) {
        tracing::debug!(pipeline.arn = %arn, "skipped: no dependency updates");
        return;
    }
    let tags = pipeline.settings.image_tags.clone().unwrap_or_default();
    let request = BuildRequest::of_pipeline(&pipeline, tags, BuildType::Scheduled);
    if let Err(error) = request.and_then(|request| start::start(state, options, request, at)) {
        tracing::info!(pipeline.arn = %arn, %error, "skipped a scheduled run");
    }
}

fn is_wanted(state: &State, pipeline: &Pipeline) -> bool {
    let schedule = pipeline.settings.schedule.as_ref();
    match schedule.map(|schedule| schedule.pipeline_execution_start_condition) {
        Some(StartCondition::ExpressionMatchOnly) => true,
        Some(StartCondition::ExpressionMatchAndDependencyUpdatesAvailable) => {
            let recipe = pipeline.settings.image_recipe_arn.as_ref();
            let recipe = recipe.and_then(|arn| lookup::newest(&state.recipes, arn));
            recipe.is_some_and(|(_, recipe)| dependencies::updates(state, &pipeline.arn, recipe))
        }
        None => false,
    }
}
