//! Scheduled runs: they start, are skipped, fail, and disable their pipeline.

use jiff::Timestamp;

use super::{StartCondition, condition};
use crate::{
    agenda::Task,
    arn::Arn,
    date::Date,
    events::{AutoDisabled, Notice},
    options::Options,
    resources::{
        image::{BuildType, Image, ImageStatus},
        pipeline::{Pipeline, PipelineStatus},
        start::{self, Order},
    },
    state::{self, State},
};

/// How many matches are looked at, of all schedules, in one move of the clock: a week of each
/// minute. A year of each minute would be half a million builds; what is beyond is passed over,
/// and the schedule goes on with its first match after the move.
const MATCHES_IN_ONE_MOVE: u32 = 10_080;

/// What one move of the clock may still do.
pub(crate) struct Allowance {
    now: Timestamp,
    matches: u32,
}

impl Allowance {
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

/// Enters the next match after `now` into the agenda, in place of the one that is there. To be
/// called when a pipeline is created, updated, disabled or removed.
pub(crate) fn plan(state: &mut State, arn: &Arn, now: Timestamp) {
    state.agenda.strike(&Task::Schedule(arn.clone()));
    enter(state, arn, now, now);
}

fn enter(state: &mut State, arn: &Arn, last: Timestamp, after: Timestamp) {
    let Some(pipeline) = state.pipelines.get_mut(arn) else {
        state.runs.remove(arn);
        return;
    };
    let schedule = pipeline.settings.schedule.as_ref();
    let schedule = schedule.filter(|_| pipeline.settings.status == PipelineStatus::Enabled);
    let next = schedule.and_then(|schedule| schedule.next(last, after));
    pipeline.date_next_run = next.map(Date);
    if let Some(next) = next {
        state.agenda.enter(next, Task::Schedule(arn.clone()));
    }
}

/// A schedule matches at `at`.
pub(crate) fn due(
    state: &mut State,
    options: &Options,
    arn: &Arn,
    at: Timestamp,
    allowance: &mut Allowance,
) {
    if allowance.take() {
        run(state, options, arn, at);
        enter(state, arn, at, at);
    } else {
        tracing::warn!(pipeline.arn = %arn, "the clock moved too far at once: matches are passed over");
        enter(state, arn, at, allowance.now);
    }
}

/// Starts a build, if the condition holds and the quota allows it. A run that is skipped leaves no
/// trace in the pipeline, as far as that is known; in life it is a line in a log.
fn run(state: &mut State, options: &Options, arn: &Arn, at: Timestamp) {
    let Some(pipeline) = state.pipelines.get(arn).cloned() else {
        return;
    };
    if !is_wanted(state, &pipeline) {
        tracing::debug!(pipeline.arn = %arn, "skipped: no dependency updates");
        return;
    }
    let tags = pipeline.settings.image_tags.clone().unwrap_or_default();
    let order = Order::of_pipeline(&pipeline, tags, BuildType::Scheduled);
    if let Err(refusal) = order.and_then(|order| start::start(state, options, order, at)) {
        tracing::info!(pipeline.arn = %arn, %refusal, "skipped a scheduled run");
    }
}

fn is_wanted(state: &State, pipeline: &Pipeline) -> bool {
    let schedule = pipeline.settings.schedule.as_ref();
    match schedule.map(|schedule| schedule.pipeline_execution_start_condition) {
        Some(StartCondition::ExpressionMatchOnly) => true,
        Some(StartCondition::ExpressionMatchAndDependencyUpdatesAvailable) => {
            let recipe = pipeline.settings.image_recipe_arn.as_ref();
            let recipe = recipe.and_then(|arn| state::newest(&state.recipes, arn));
            recipe.is_some_and(|(_, recipe)| condition::updates(state, &pipeline.arn, recipe))
        }
        None => false,
    }
}

/// A build starts; if a pipeline started it, by hand or by its schedule, it is remembered what the
/// recipe's wildcards stand for.
pub(crate) fn started(state: &mut State, image: &Arn) {
    let Some(begun) = state.images.get(image) else {
        return;
    };
    let resolved = condition::resolved(state, &begun.recipe);
    let pipeline = begun.pipeline.as_ref().filter(|_| !resolved.is_empty());
    if let Some(pipeline) = pipeline.map(|source| source.arn.clone()) {
        state
            .runs
            .entry(pipeline)
            .or_default()
            .started(image, resolved);
    }
}

/// An image enters a state: its pipeline hears of it. Any success ends a row of failures; of the
/// failures only those of scheduled builds count.
pub(crate) fn ended(state: &mut State, image: &Image, at: Timestamp) {
    let Some(arn) = image.pipeline.as_ref().map(|source| &source.arn) else {
        return;
    };
    let Some(pipeline) = state.pipelines.get_mut(arn) else {
        return;
    };
    let latest = pipeline
        .date_last_run
        .is_none_or(|date| date <= image.date_created);
    if latest {
        pipeline.last_run_status = Some(image.status);
    }
    if image.status.is_running() {
        return;
    }
    let successful = image.status == ImageStatus::Available;
    let failed = image.status == ImageStatus::Failed && image.build_type == BuildType::Scheduled;
    if successful {
        pipeline.consecutive_failures = 0;
    } else if failed {
        pipeline.consecutive_failures += 1;
    }
    if let Some(memory) = state.runs.get_mut(arn) {
        memory.ended(&image.arn, successful);
    }
    if failed {
        disable_if_hopeless(state, arn, at);
    }
}

/// Disables a pipeline after too many failures, and says so. That the default of five is told of,
/// too, is our choice: the User Guide promises the event to those who have a policy.
fn disable_if_hopeless(state: &mut State, arn: &Arn, at: Timestamp) {
    let Some(pipeline) = state.pipelines.get_mut(arn) else {
        return;
    };
    let failures = pipeline.consecutive_failures;
    let limit = pipeline
        .settings
        .schedule
        .as_ref()
        .map(super::Schedule::failures);
    let enabled = pipeline.settings.status == PipelineStatus::Enabled;
    if !enabled || limit.is_none_or(|limit| failures < limit) {
        return;
    }
    pipeline.settings.status = PipelineStatus::Disabled;
    plan(state, arn, at);
    state.tell(Notice::Event(
        AutoDisabled {
            pipeline: arn,
            failures,
            at,
        }
        .event(),
    ));
}
