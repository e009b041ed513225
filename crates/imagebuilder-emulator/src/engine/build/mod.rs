//! Builds: the states an image passes, how long each takes, and what happens at its end.
//!
//! The task queue drives them: a build that runs has a task there, [`step`]. BUILDING and TESTING
//! take as long as their workflows. So does the distribution if it has a workflow. Without one
//! Image Builder distributes by itself.

pub(crate) mod actions;
pub(crate) mod base_image;
pub(crate) mod distribute;
pub(crate) mod failure;
pub(crate) mod ids;
pub(crate) mod integrate;
pub(crate) mod kept;
pub(crate) mod output;
pub(crate) mod placeholder;
pub(crate) mod retry;
pub(crate) mod run;
pub(crate) mod start;
pub(crate) mod values;
pub(crate) mod waiting;

use jiff::{SignedDuration, Timestamp};

use crate::{
    common::{arn::Arn, options::Options},
    document::workflow::WorkflowKind,
    engine::{build::run::StageOutcome, events::kinds::StateChange, scan, schedule::history},
    records::{
        failure::Failure,
        image::{Image, ImageStatus, Origin},
        notification::Notification,
        task::Task,
    },
    state::State,
};

/// Seconds that Amazon's workflows take. With the times below it is twenty minutes, about what a
/// small image takes.
pub(crate) const BUILDING: i64 = 660;

pub(crate) const TESTING: i64 = 300;

/// How long an image stays in a state that no workflow runs.
fn duration(status: ImageStatus) -> SignedDuration {
    let seconds = match status {
        ImageStatus::Pending => 10,
        ImageStatus::Creating => 50,
        ImageStatus::Distributing => 150,
        ImageStatus::Integrating => 30,
        ImageStatus::Building
        | ImageStatus::Testing
        | ImageStatus::Available
        | ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted => 0,
    };
    SignedDuration::from_secs(seconds)
}

/// The kind of the workflows that run in the state that the image is in.
fn stage(image: &Image) -> Option<WorkflowKind> {
    match image.status {
        ImageStatus::Building => Some(WorkflowKind::Build),
        ImageStatus::Testing => Some(WorkflowKind::Test),
        ImageStatus::Distributing | ImageStatus::Integrating
            if has(image, WorkflowKind::Distribution) =>
        {
            Some(WorkflowKind::Distribution)
        }
        ImageStatus::Distributing
        | ImageStatus::Integrating
        | ImageStatus::Pending
        | ImageStatus::Creating
        | ImageStatus::Available
        | ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted => None,
    }
}

/// Whether the image runs workflows of a kind.
fn has(image: &Image, kind: WorkflowKind) -> bool {
    image
        .executions
        .iter()
        .any(|execution| execution.kind == kind)
}

/// The state after this one. A stage without workflows is skipped; a distribution workflow passes
/// DISTRIBUTING and INTEGRATING by itself.
fn next_status(image: &Image) -> ImageStatus {
    match image.status {
        ImageStatus::Pending if image.origin == Origin::Distributed => ImageStatus::Distributing,
        ImageStatus::Pending => ImageStatus::Creating,
        ImageStatus::Creating if has(image, WorkflowKind::Build) => ImageStatus::Building,
        ImageStatus::Creating | ImageStatus::Building if has(image, WorkflowKind::Test) => {
            ImageStatus::Testing
        }
        ImageStatus::Creating | ImageStatus::Building | ImageStatus::Testing => {
            ImageStatus::Distributing
        }
        ImageStatus::Distributing if !has(image, WorkflowKind::Distribution) => {
            ImageStatus::Integrating
        }
        ImageStatus::Distributing | ImageStatus::Integrating | ImageStatus::Available => {
            ImageStatus::Available
        }
        over @ (ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted) => over,
    }
}

/// Puts a new image into the store, PENDING.
pub(crate) fn begin(state: &mut State, image: Image, now: Timestamp) {
    let arn = image.arn.clone();
    state.images.insert(arn.clone(), image);
    state.running.insert(arn.clone());
    state
        .tasks
        .add(later(now, duration(ImageStatus::Pending)), Task::Build(arn));
}

/// Asks a running build to stop.
pub(crate) fn cancel(state: &mut State, options: &Options, arn: &Arn, now: Timestamp) {
    state.tasks.remove(&Task::Build(arn.clone()));
    if let Some(image) = state.images.get_mut(arn) {
        image.cancelling = true;
        let takes = SignedDuration::from_secs(options.unknowns.cancellation_seconds.into());
        state.tasks.add(later(now, takes), Task::Build(arn.clone()));
    }
}

/// Goes on with a build at once, because a step that waited was answered.
pub(crate) fn resume(state: &mut State, options: &Options, arn: &Arn, now: Timestamp) {
    if state.images.get(arn).is_some_and(|image| !image.cancelling) {
        state.tasks.remove(&Task::Build(arn.clone()));
        step(state, options, arn, now);
    }
}

/// Does what is due in the state that the image is in, and enters the next one when it is over.
pub(crate) fn step(state: &mut State, options: &Options, arn: &Arn, at: Timestamp) {
    let Some(image) = state.images.get(arn) else {
        return;
    };
    if image.cancelling {
        return stop(state, options, arn, at);
    }
    let outcome = match stage(image) {
        Some(kind) => run::advance_stage(state, options, arn, kind, at),
        None => finish_status(state, arn, at).map_or_else(
            |failure| StageOutcome::Failed(Box::new(failure)),
            |()| StageOutcome::Over,
        ),
    };
    match outcome {
        StageOutcome::Until(due) => state.tasks.add(due, Task::Build(arn.clone())),
        StageOutcome::Over => match scanned(state, arn) {
            Some(failure) => fail(state, options, arn, failure, at),
            None => leave(state, options, arn, at),
        },
        StageOutcome::Failed(failure) => fail(state, options, arn, *failure, at),
    }
}

/// Why the scan fails an image whose stage is over.
fn scanned(state: &State, arn: &Arn) -> Option<Failure> {
    scan::failure(state, state.images.get(arn)?)
}

/// What happens at the end of a state that no workflow runs.
fn finish_status(state: &mut State, arn: &Arn, at: Timestamp) -> Result<(), Failure> {
    let Some(image) = state.images.get(arn).cloned() else {
        return Ok(());
    };
    let entries = distribute::entries(&image);
    let spared = failure::spared(state, &image, &entries);
    if let Err(failure) = failure::injected(state, &image) {
        // Only the injected failure is reported, even if another one happens.
        let _ = distribute::place(state, &image, &spared, at);
        let _ = distribute::share(state, &image, &spared);
        return Err(failure);
    }
    match image.status {
        ImageStatus::Creating => output::check_base(state, &image),
        ImageStatus::Distributing => distribute::distribute(state, &image, at),
        ImageStatus::Integrating => integrate::apply(state, &image, None, at),
        ImageStatus::Pending
        | ImageStatus::Building
        | ImageStatus::Testing
        | ImageStatus::Available
        | ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted => Ok(()),
    }
}

fn leave(state: &mut State, options: &Options, arn: &Arn, at: Timestamp) {
    if let Some(next) = state.images.get(arn).map(next_status) {
        enter(state, options, arn, next, at);
    }
}

fn fail(state: &mut State, options: &Options, arn: &Arn, failure: Failure, at: Timestamp) {
    if let Some(image) = state.images.get_mut(arn) {
        image.reason = Some(failure.reason);
        image.failure_context = failure.context.map(Box::new);
    }
    enter(state, options, arn, ImageStatus::Failed, at);
}

/// A cancellation takes effect. What was made stays.
fn stop(state: &mut State, options: &Options, arn: &Arn, at: Timestamp) {
    if let Some(image) = state.images.get_mut(arn) {
        image.cancelling = false;
        image.failure = None;
        image
            .executions
            .iter_mut()
            .for_each(|execution| execution.cancel(at));
    }
    enter(state, options, arn, ImageStatus::Cancelled, at);
}

/// Enters a state, and sees to it that it is left again.
pub(crate) fn enter(
    state: &mut State,
    options: &Options,
    arn: &Arn,
    next: ImageStatus,
    at: Timestamp,
) {
    change(state, options, arn, next, at);
    let Some(image) = state
        .images
        .get(arn)
        .filter(|image| image.status.is_running())
    else {
        return;
    };
    match stage(image) {
        Some(kind) => {
            run::add_steps(state, arn, kind);
            step(state, options, arn, at);
        }
        None => state
            .tasks
            .add(later(at, duration(next)), Task::Build(arn.clone())),
    }
}

/// Changes the state, and publishes and records the change.
pub(crate) fn change(
    state: &mut State,
    options: &Options,
    arn: &Arn,
    next: ImageStatus,
    at: Timestamp,
) {
    let Some(image) = state.images.get_mut(arn) else {
        return;
    };
    let previous = std::mem::replace(&mut image.status, next);
    if matches!(next, ImageStatus::Failed | ImageStatus::Cancelled) {
        image.stopped_in = Some(previous);
        if !options.unknowns.amis_of_unfinished_images {
            image.outputs.clear();
        }
    }
    if !next.is_running() {
        image.shrink();
        state.running.remove(arn);
    }
    let image = image.clone();
    history::ended(state, &image, at);
    scan::ended(state, &image, previous, at);
    announce(state, &image, previous, at);
}

/// Events name seven states only; the SNS topic gets two of them.
fn announce(state: &mut State, image: &Image, previous: ImageStatus, at: Timestamp) {
    if !matches!(image.status, ImageStatus::Pending | ImageStatus::Creating) {
        let change = StateChange::new(&image.arn, previous, image.status, at);
        state.publish(Notification::Event(change.event()));
    }
    let topic = image.infrastructure.settings.sns_topic_arn.clone();
    let heard = matches!(image.status, ImageStatus::Available | ImageStatus::Failed);
    if let Some(topic) = topic.filter(|_| heard) {
        state.publish(Notification::to_topic(topic, image));
    }
}

pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
