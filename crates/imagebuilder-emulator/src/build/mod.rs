//! Builds: the states an image passes, how long each takes, and what happens at its end.
//!
//! The agenda drives them: a build that is under way has a task there, [`step`].

mod distribute;
mod failure;
mod output;

use jiff::{SignedDuration, Timestamp};

use self::failure::Failure;
use crate::{
    agenda::Task,
    arn::{Arn, Kind},
    events::{Notice, StateChange},
    options::Options,
    resources::image::{Image, ImageStatus},
    state::State,
};

/// How long a cancellation takes. Not documented; some time, so that clients must wait for it.
const CANCELLING: SignedDuration = SignedDuration::from_secs(5);

/// How long an image stays in a state. The sum is twenty minutes, about what a small image takes.
fn duration(status: ImageStatus) -> Option<SignedDuration> {
    let seconds = match status {
        ImageStatus::Pending => 10,
        ImageStatus::Creating => 50,
        ImageStatus::Building => 660,
        ImageStatus::Testing => 300,
        ImageStatus::Distributing => 150,
        ImageStatus::Integrating => 30,
        ImageStatus::Available
        | ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted => return None,
    };
    Some(SignedDuration::from_secs(seconds))
}

/// The state after this one.
fn following(image: &Image) -> ImageStatus {
    match image.status {
        ImageStatus::Pending => ImageStatus::Creating,
        ImageStatus::Creating => ImageStatus::Building,
        ImageStatus::Building if is_tested(image) => ImageStatus::Testing,
        ImageStatus::Building | ImageStatus::Testing => ImageStatus::Distributing,
        ImageStatus::Distributing => ImageStatus::Integrating,
        ImageStatus::Integrating | ImageStatus::Available => ImageStatus::Available,
        over @ (ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted) => over,
    }
}

/// Tests run if they are enabled; a list of workflows replaces the defaults, so that it must name
/// a test workflow.
fn is_tested(image: &Image) -> bool {
    let in_workflows = image.workflows.as_ref().is_none_or(|workflows| {
        workflows.iter().any(|workflow| workflow.workflow_arn.kind == Kind::TestWorkflow)
    });
    image.tests.image_tests_enabled && in_workflows
}

/// Puts a new image into the store, PENDING.
pub(crate) fn begin(state: &mut State, image: Image, now: Timestamp) {
    let arn = image.arn.clone();
    state.images.insert(arn.clone(), image);
    state.running.insert(arn.clone());
    schedule(state, &arn, ImageStatus::Pending, now);
}

/// Asks a running build to stop.
pub(crate) fn cancel(state: &mut State, arn: &Arn, now: Timestamp) {
    state.agenda.strike(&Task::Build(arn.clone()));
    if let Some(image) = state.images.get_mut(arn) {
        image.cancelling = true;
        state.agenda.enter(later(now, CANCELLING), Task::Build(arn.clone()));
    }
}

/// Leaves a state: does its work, and enters the next one.
pub(crate) fn step(state: &mut State, options: &Options, arn: &Arn, at: Timestamp) {
    let Some(image) = state.images.get(arn) else { return };
    let next = if image.cancelling { ImageStatus::Cancelled } else { following(image) };
    let outcome = if next == ImageStatus::Cancelled { Ok(()) } else { work(state, arn, at) };
    match outcome {
        Ok(()) => enter(state, options, arn, next, at),
        Err(failure) => fail(state, options, arn, failure, at),
    }
}

/// What happens at the end of the state that the image is in.
fn work(state: &mut State, arn: &Arn, at: Timestamp) -> Result<(), Failure> {
    let Some(image) = state.images.get(arn).cloned() else { return Ok(()) };
    failure::injected(state, &image)?;
    match image.status {
        ImageStatus::Creating => output::check_base(state, &image),
        ImageStatus::Building => output::make(state, &image, at),
        ImageStatus::Distributing => distribute::distribute(state, &image, at),
        ImageStatus::Pending
        | ImageStatus::Testing
        | ImageStatus::Integrating
        | ImageStatus::Available
        | ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted => Ok(()),
    }
}

fn fail(state: &mut State, options: &Options, arn: &Arn, failure: Failure, at: Timestamp) {
    if let Some(image) = state.images.get_mut(arn) {
        image.reason = Some(failure.reason);
        image.failure_context = failure.context;
    }
    enter(state, options, arn, ImageStatus::Failed, at);
}

/// Enters a state: tells the pipeline and whoever listens, and schedules the next step.
fn enter(state: &mut State, options: &Options, arn: &Arn, next: ImageStatus, at: Timestamp) {
    let Some(image) = state.images.get_mut(arn) else { return };
    let previous = std::mem::replace(&mut image.status, next);
    let hidden = !options.unknowns.amis_of_unfinished_images;
    if matches!(next, ImageStatus::Failed | ImageStatus::Cancelled) && hidden {
        image.outputs.clear();
    }
    let image = image.clone();
    if !next.is_running() {
        state.running.remove(arn);
    }
    tell_pipeline(state, &image);
    announce(state, &image, previous, at);
    schedule(state, arn, next, at);
}

fn schedule(state: &mut State, arn: &Arn, status: ImageStatus, at: Timestamp) {
    if let Some(duration) = duration(status) {
        state.agenda.enter(later(at, duration), Task::Build(arn.clone()));
    }
}

/// A success started by hand resets the failure counter; a failure started by hand leaves it.
fn tell_pipeline(state: &mut State, image: &Image) {
    let pipeline = image.pipeline.as_ref();
    let Some(pipeline) = pipeline.and_then(|source| state.pipelines.get_mut(&source.arn)) else {
        return;
    };
    let latest = pipeline.date_last_run.is_none_or(|date| date <= image.date_created);
    if latest {
        pipeline.last_run_status = Some(image.status);
    }
    if image.status == ImageStatus::Available {
        pipeline.consecutive_failures = 0;
    }
}

/// Events name seven states only; the SNS topic hears of two.
fn announce(state: &mut State, image: &Image, previous: ImageStatus, at: Timestamp) {
    if !matches!(image.status, ImageStatus::Pending | ImageStatus::Creating) {
        let change = StateChange::new(&image.arn, previous, image.status, at);
        state.tell(Notice::Event(change.event()));
    }
    let topic = image.infrastructure.settings.sns_topic_arn.clone();
    let heard = matches!(image.status, ImageStatus::Available | ImageStatus::Failed);
    if let Some(topic) = topic.filter(|_| heard) {
        state.tell(Notice::to_topic(topic, image));
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tested_build_takes_twenty_minutes() {
        let states = [
            ImageStatus::Pending,
            ImageStatus::Creating,
            ImageStatus::Building,
            ImageStatus::Testing,
            ImageStatus::Distributing,
            ImageStatus::Integrating,
        ];
        let total: SignedDuration = states.into_iter().filter_map(duration).sum();
        assert_eq!(total, SignedDuration::from_mins(20));
    }
}
