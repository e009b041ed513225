//! Lifecycle executions as things that happen by themselves: the daily run of a policy, and the
//! steps of an execution.
//!
//! The task queue drives them, as it does the builds.

pub(crate) mod action;
pub(crate) mod selection;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    common::{arn::Arn, date::Epoch},
    records::{
        lifecycle_execution::{
            Execution, ExecutionStatus, Impact, ImpactStatus, Outcome, PlannedAction,
        },
        lifecycle_policy::{LifecyclePolicy, PolicyStatus},
        lifecycle_rule::PolicyDetail,
        task::Task,
    },
    state::State,
};

/// Policies run once a day (User Guide, "Execution schedule"), at a time that Image Builder
/// chooses. Here the first run is a day after the policy was enabled.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long an execution looks for resources. Not documented; some time, so that it can be seen
/// in progress.
const LOOKING: SignedDuration = SignedDuration::from_secs(5);

/// How long an action on one image takes, and a cancellation, which waits for its end. Not
/// documented.
const ACTING: SignedDuration = SignedDuration::from_secs(2);

/// Puts a policy on the schedule.
pub(crate) fn enable(state: &mut State, policy: &Arn, now: Timestamp) {
    state
        .tasks
        .add(later(now, DAY), Task::LifecyclePolicy(policy.clone()));
}

/// Takes a policy off the schedule, and cancels its execution if there is one.
pub(crate) fn disable(state: &mut State, policy: &Arn, now: Timestamp) {
    state.tasks.remove(&Task::LifecyclePolicy(policy.clone()));
    let executions = state.lifecycle_executions.values();
    let running = executions.filter(|one| one.cause == *policy && !one.status.is_over());
    for id in running.map(|one| one.id.clone()).collect::<Vec<_>>() {
        cancel(state, &id, now);
    }
}

/// The daily run of a policy. One that is still busy with the last one goes on with that.
pub(crate) fn run(state: &mut State, arn: &Arn, at: Timestamp) {
    let Some(policy) = state.lifecycle_policies.get(arn) else {
        return;
    };
    if policy.settings.status == PolicyStatus::Disabled {
        return;
    }
    let busy = state
        .lifecycle_executions
        .values()
        .any(|one| one.cause == *arn && !one.status.is_over());
    if !busy {
        let impacts = selection::evaluate(state, policy, at);
        let planned_actions = planned_actions(policy);
        begin(
            state,
            Execution {
                planned_actions,
                impacts,
                ..started(state, arn, at)
            },
            later(at, LOOKING),
        );
        if let Some(policy) = state.lifecycle_policies.get_mut(arn) {
            policy.date_last_run = Some(Epoch(at));
        }
    }
    state
        .tasks
        .add(later(at, DAY), Task::LifecyclePolicy(arn.clone()));
}

fn planned_actions(policy: &LifecyclePolicy) -> Vec<PlannedAction> {
    let planned = |rule: &PolicyDetail| PlannedAction {
        action: rule.action.kind,
        include: rule.action.include_resources.unwrap_or_default(),
        exclusions: rule
            .exclusion_rules
            .as_ref()
            .and_then(|rules| rules.amis.clone()),
        at: None,
        keeps_image_of_spared: false,
    };
    policy.settings.policy_details.iter().map(planned).collect()
}

/// Starts the update of an image's state, at once or at the planned's time; returns the id.
pub(crate) fn update(
    state: &mut State,
    image: &Arn,
    planned: PlannedAction,
    now: Timestamp,
) -> String {
    let mut execution = started(state, image, now);
    let id = execution.id.clone();
    if let Some(at) = planned.at {
        action::announce(state, image, &planned, now);
        execution.scheduled = Some((at, planned));
        begin(state, execution, at.0);
    } else {
        execution.impacts = vec![Impact::waiting(image.clone(), planned.action)];
        execution.planned_actions = vec![planned];
        begin(state, execution, later(now, LOOKING));
    }
    id
}

/// Changes an image's state at once, and nothing but the image resource.
pub(crate) fn update_now(state: &mut State, image: &Arn, planned: &PlannedAction, now: Timestamp) {
    if let Some(image) = state.images.get_mut(image) {
        action::enter(image, planned, now);
    }
}

fn started(state: &State, cause: &Arn, now: Timestamp) -> Execution {
    Execution {
        id: format!("lce-{}", Uuid::new_v4()),
        number: state.lifecycle_executions.len(),
        cause: cause.clone(),
        status: ExecutionStatus::InProgress,
        started: Epoch(now),
        ended: None,
        scheduled: None,
        impacted: false,
        planned_actions: Vec::new(),
        impacts: Vec::new(),
        next: 0,
    }
}

fn begin(state: &mut State, execution: Execution, first_step: Timestamp) {
    let to_act = |impact: &Impact| impact.outcome.status == ImpactStatus::InProgress;
    let impacted = execution.impacts.iter().any(to_act);
    state
        .tasks
        .add(first_step, Task::LifecycleExecution(execution.id.clone()));
    state.lifecycle_executions.insert(
        execution.id.clone(),
        Execution {
            impacted,
            ..execution
        },
    );
}

/// Asks an execution to stop; it finishes what it is at. Nothing is undone.
pub(crate) fn cancel(state: &mut State, id: &str, now: Timestamp) {
    let Some(execution) = state.lifecycle_executions.get_mut(id) else {
        return;
    };
    if execution.status == ExecutionStatus::InProgress {
        execution.status = ExecutionStatus::Cancelling;
        let task = Task::LifecycleExecution(id.to_owned());
        state.tasks.remove(&task);
        state.tasks.add(later(now, ACTING), task);
    }
}

/// The next step of an execution: one image, or the end.
pub(crate) fn step(state: &mut State, id: &str, at: Timestamp) {
    let Some(mut execution) = state.lifecycle_executions.remove(id) else {
        return;
    };
    if execution.status == ExecutionStatus::Cancelling {
        cancelled(state, &mut execution, at);
    } else if let Some((_, planned)) = execution.scheduled.take() {
        execution.impacts = vec![Impact::waiting(execution.cause.clone(), planned.action)];
        execution.planned_actions = vec![planned];
        execution.impacted = true;
        act(state, &mut execution, at);
    } else if execution.next < execution.impacts.len() {
        act(state, &mut execution, at);
    } else {
        let failed = execution
            .impacts
            .iter()
            .any(|one| one.outcome.status == ImpactStatus::Failed);
        finish(
            &mut execution,
            if failed {
                ExecutionStatus::Failed
            } else {
                ExecutionStatus::Success
            },
            at,
        );
    }
    if !execution.status.is_over() {
        state
            .tasks
            .add(later(at, ACTING), Task::LifecycleExecution(id.to_owned()));
    }
    state.lifecycle_executions.insert(id.to_owned(), execution);
}

/// Acts on the next image that is not spared.
fn act(state: &mut State, execution: &mut Execution, at: Timestamp) {
    let waiting = |impact: &Impact| impact.outcome.status == ImpactStatus::InProgress;
    let next = execution
        .impacts
        .iter()
        .skip(execution.next)
        .position(waiting);
    let Some(next) = next.map(|skipped| execution.next + skipped) else {
        execution.next = execution.impacts.len();
        return;
    };
    execution.next = next + 1;
    let impact = &mut execution.impacts[next];
    let planned = execution
        .planned_actions
        .iter()
        .find(|planned| planned.action == impact.action);
    let Some(planned) = planned else { return };
    let (outcome, amis) = action::carry_out(state, &impact.image, planned, at);
    (impact.outcome, impact.amis) = (outcome, amis);
    impact.started = Some(Epoch(at));
    impact.ended = Some(Epoch(at));
    if let Some(image) = state.images.get_mut(&impact.image) {
        image.lifecycle.get_or_insert_default().execution = Some(execution.id.clone());
    }
}

/// "Image Builder skips unprocessed resources." A deprecation that was scheduled will not come,
/// but EC2 keeps to the times that the AMIs were given.
fn cancelled(state: &mut State, execution: &mut Execution, at: Timestamp) {
    for impact in execution.impacts.iter_mut().skip(execution.next) {
        if impact.outcome.status == ImpactStatus::InProgress {
            impact.outcome = Outcome::skipped("The lifecycle execution was cancelled.");
        }
    }
    let image = execution
        .scheduled
        .take()
        .and_then(|_| state.images.get_mut(&execution.cause));
    if let Some(past) = image.and_then(|image| image.lifecycle.as_mut()) {
        past.deprecation_time = None;
    }
    finish(execution, ExecutionStatus::Cancelled, at);
}

fn finish(execution: &mut Execution, status: ExecutionStatus, at: Timestamp) {
    execution.status = status;
    execution.ended = Some(Epoch(at));
    execution.planned_actions = Vec::new();
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
