//! What a pipeline remembers of its builds: the last run, and failures in a row.

use jiff::Timestamp;

use crate::{
    common::arn::Arn,
    engine::{
        events::kinds::AutoDisabled,
        schedule::{dependencies, next_run::plan},
    },
    records::{
        image::{BuildType, Image, ImageStatus},
        notification::Notification,
        pipeline::PipelineStatus,
        schedule::Schedule,
    },
    state::State,
};

/// A build starts; if a pipeline started it, by hand or by its schedule, it is remembered what the
/// recipe's wildcards stand for.
pub(crate) fn started(state: &mut State, image: &Arn) {
    let Some(begun) = state.images.get(image) else {
        return;
    };
    let resolved = dependencies::resolved(state, &begun.recipe);
    let pipeline = begun.pipeline.as_ref().filter(|_| !resolved.is_empty());
    if let Some(pipeline) = pipeline.map(|source| source.arn.clone()) {
        state
            .runs
            .entry(pipeline)
            .or_default()
            .started(image, resolved);
    }
}

/// An image enters a state: its pipeline records it. Any success ends a row of failures; of the
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
        disable_after_failures(state, arn, at);
    }
}

/// Disables a pipeline after too many failures, and publishes an event. That the default of five
/// has an event, too, is our choice. The User Guide promises the event for a policy only.
fn disable_after_failures(state: &mut State, arn: &Arn, at: Timestamp) {
    let Some(pipeline) = state.pipelines.get_mut(arn) else {
        return;
    };
    let failures = pipeline.consecutive_failures;
    let limit = pipeline.settings.schedule.as_ref().map(Schedule::failures);
    let enabled = pipeline.settings.status == PipelineStatus::Enabled;
    if !enabled || limit.is_none_or(|limit| failures < limit) {
        return;
    }
    pipeline.settings.status = PipelineStatus::Disabled;
    plan(state, arn, at);
    state.publish(Notification::Event(
        AutoDisabled {
            pipeline: arn,
            failures,
            at,
        }
        .event(),
    ));
}
