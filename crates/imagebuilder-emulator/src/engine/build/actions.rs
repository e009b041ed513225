//! What steps do, and how long they take. Nothing runs on an instance: what counts is what is left
//! in EC2 and on the image.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    common::arn::Arn,
    document::workflow::{Step, StepAction, WorkflowKind},
    engine::build::{
        BUILDING, TESTING, distribute, failure, integrate, output,
        values::{self, Values},
    },
    records::{
        distribution::Distribution,
        failure::Failure,
        image::{Image, ImageStatus},
    },
    state::State,
};

/// Seconds that a step of an action takes. Those of a build, of a test and of a distribution by
/// Amazon's own workflows make up the times of BUILDING, TESTING, and DISTRIBUTING with
/// INTEGRATING.
fn seconds(action: StepAction) -> i64 {
    match action {
        StepAction::LaunchInstance => 150,
        StepAction::ExecuteComponents | StepAction::CreateImage => 200,
        StepAction::DistributeImage => 120,
        StepAction::CollectImageMetadata => 90,
        StepAction::ModifyImageAttributes
        | StepAction::ApplyImageConfigurations
        | StepAction::RunCommand
        | StepAction::WaitForSSMAgent => 30,
        StepAction::RunSysPrep | StepAction::SanitizeInstance | StepAction::TerminateInstance => 10,
        StepAction::BootstrapInstanceForContainer
        | StepAction::CollectImageScanFindings
        | StepAction::CreateImageFromIso
        | StepAction::DistributeContainerImage
        | StepAction::ExecuteStateMachine
        | StepAction::RegisterImage => 60,
        StepAction::WaitForAction => i64::MAX,
    }
}

/// How long a step takes. A step that waits for an action takes its whole timeout. Any other takes
/// at most its timeout, since nothing really runs.
///
/// In Amazon's workflows the launch takes the rest of the stage's time. So a build takes equally
/// long with and without components.
pub(crate) fn duration(values: &Values<'_>, position: usize) -> SignedDuration {
    let Some(step) = values.step(position) else {
        return SignedDuration::ZERO;
    };
    let managed = values.workflow.is_managed() && step.action == StepAction::LaunchInstance;
    let seconds = if managed {
        launching(values, position)
    } else {
        seconds(step.action)
    };
    SignedDuration::from_secs(seconds.min(i64::from(step.timeout_seconds)))
}

fn launching(values: &Values<'_>, launch: usize) -> i64 {
    let whole = match values.execution.kind {
        WorkflowKind::Build => BUILDING,
        WorkflowKind::Test => TESTING,
        WorkflowKind::Distribution => return seconds(StepAction::LaunchInstance),
    };
    let steps = values.workflow.document.steps.iter().enumerate();
    let others = steps.filter(|(position, step)| *position != launch && runs(values, step));
    whole - others.map(|(_, step)| seconds(step.action)).sum::<i64>()
}

/// Whether a step runs, or is skipped: its condition decides, and for components that there are
/// any. An injected failure needs a step to fail, so then it runs.
pub(crate) fn runs(values: &Values<'_>, step: &Step) -> bool {
    let testing = values.execution.kind == WorkflowKind::Test;
    let (state, image) = (values.state, values.image);
    let idle = step.action == StepAction::ExecuteComponents
        && failure::components(state, image, testing).next().is_none()
        && !failure::is_to_fail(state, image);
    values.admits(step) && !idle
}

/// Does what a step does at its end.
pub(crate) fn carry_out(
    state: &mut State,
    arn: &Arn,
    (index, position): (usize, usize),
    at: Timestamp,
) -> Result<(), Failure> {
    let Some(image) = state.images.get(arn).cloned() else {
        return Ok(());
    };
    let Some(values) = Values::of(state, &image, index) else {
        return Ok(());
    };
    let Some(action) = values.step(position).map(|step| step.action) else {
        return Ok(());
    };
    let inputs = Inputs::of(&values, position);
    if failure::is_at_step(&values, position) {
        inject_failure(state, &image, &inputs, at)?;
    }
    act(state, &image, action, inputs, at)
}

/// The inputs of a step that name destinations.
struct Inputs {
    distributions: Option<Value>,
    attributes: Option<Value>,
    configurations: Option<Value>,
}

impl Inputs {
    fn of(values: &Values<'_>, position: usize) -> Self {
        let given = |name: &str| values.input(position, name);
        Self {
            distributions: given("distributions"),
            attributes: given("attributes"),
            configurations: given("configurations"),
        }
    }
}

/// Fails as a fault demands. Destinations that the fault spares are still served.
fn inject_failure(
    state: &mut State,
    image: &Image,
    inputs: &Inputs,
    at: Timestamp,
) -> Result<(), Failure> {
    let spared = failure::spared(state, image, &entries(image, inputs.distributions.clone()));
    failure::injected(state, image).inspect_err(|_| {
        // Only the injected failure is reported, even if another one happens.
        let _ = distribute::place(state, image, &spared, at);
    })
}

fn act(
    state: &mut State,
    image: &Image,
    action: StepAction,
    inputs: Inputs,
    at: Timestamp,
) -> Result<(), Failure> {
    match action {
        StepAction::CreateImage => output::make(state, image, at),
        StepAction::CollectImageMetadata => {
            note_os_version(state, image);
            Ok(())
        }
        StepAction::DistributeImage => {
            distribute::place(state, image, &entries(image, inputs.distributions), at)
        }
        StepAction::ModifyImageAttributes => {
            distribute::share(state, image, &entries(image, inputs.attributes))
        }
        StepAction::ApplyImageConfigurations => {
            integrate::apply(state, image, inputs.configurations.as_ref(), at)
        }
        StepAction::WaitForAction => Err(Failure::of_step(image, "Step timed out.")),
        StepAction::BootstrapInstanceForContainer
        | StepAction::CollectImageScanFindings
        | StepAction::CreateImageFromIso
        | StepAction::DistributeContainerImage
        | StepAction::ExecuteComponents
        | StepAction::ExecuteStateMachine
        | StepAction::LaunchInstance
        | StepAction::RegisterImage
        | StepAction::RunCommand
        | StepAction::RunSysPrep
        | StepAction::SanitizeInstance
        | StepAction::TerminateInstance
        | StepAction::WaitForSSMAgent => Ok(()),
    }
}

/// What a step's input says, Region by Region; without it what the image's distribution
/// configuration says.
fn entries(image: &Image, given: Option<Value>) -> Vec<Distribution> {
    let Some(given) = given else {
        return distribute::entries(image);
    };
    let entry = |one: &Value| {
        let entry = json!({"region": one["region"], "amiDistributionConfiguration": one});
        serde_json::from_value(entry).ok()
    };
    given
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(entry)
        .collect()
}

fn note_os_version(state: &mut State, image: &Image) {
    let version = output::os_version(state, image);
    if let Some(stored) = state.images.get_mut(&image.arn) {
        stored.os_version = version;
    }
}

/// Whether a step is the one that takes a distribution from DISTRIBUTING to INTEGRATING.
pub(crate) fn integrates(image: &Image, step: &Step) -> bool {
    step.action == StepAction::ApplyImageConfigurations && image.status == ImageStatus::Distributing
}

/// Whether a step is undone when its workflow is aborted: the instance is terminated, the inventory
/// association removed.
pub(crate) fn has_rollback(action: StepAction) -> bool {
    matches!(
        action,
        StepAction::LaunchInstance | StepAction::CollectImageMetadata
    )
}

/// Whether the rollback of a completed step is left out: the step or the infrastructure
/// configuration asks for it.
pub(crate) fn keeps_its_work(values: &Values<'_>, step: &Step) -> bool {
    let enabled = step
        .rollback_enabled
        .as_ref()
        .map(|enabled| values.resolved(enabled));
    let terminated = values
        .image
        .infrastructure
        .settings
        .terminate_instance_on_failure;
    let disabled = enabled.is_some_and(|enabled| values::is_false(&enabled));
    disabled || (step.action == StepAction::LaunchInstance && !terminated)
}
