//! RetryImage: the stage that failed runs again, in place.

use jiff::Timestamp;

use crate::{
    common::{arn::Arn, options::Options},
    document::workflow::WorkflowKind,
    engine::build::{self, output::listed},
    records::{
        execution::Execution,
        image::{Image, ImageStatus},
    },
    state::State,
};

/// The kind of the workflows that a retry runs again, if the image can be retried.
///
/// It can if its test or its distribution failed or was cancelled. What a retry does not cover by
/// AWS's own guide for agents is a failure in INTEGRATING.
fn repeated(image: &Image) -> Option<WorkflowKind> {
    match image.stopped_in? {
        ImageStatus::Testing => Some(WorkflowKind::Test),
        ImageStatus::Distributing => Some(WorkflowKind::Distribution),
        ImageStatus::Pending
        | ImageStatus::Creating
        | ImageStatus::Building
        | ImageStatus::Integrating
        | ImageStatus::Available
        | ImageStatus::Cancelled
        | ImageStatus::Failed
        | ImageStatus::Deprecated
        | ImageStatus::Disabled
        | ImageStatus::Deleted => None,
    }
}

/// Enters the state again in which a failed or cancelled image stopped; says whether it can.
pub(crate) fn retry(state: &mut State, options: &Options, arn: &Arn, at: Timestamp) -> bool {
    let Some(image) = state.images.get_mut(arn) else {
        return false;
    };
    let stopped = matches!(image.status, ImageStatus::Failed | ImageStatus::Cancelled);
    let Some((kind, status)) = repeated(image).filter(|_| stopped).zip(image.stopped_in) else {
        return false;
    };
    image.stopped_in = None;
    repeat(image, kind);
    image.reason = None;
    image.failure_context = None;
    let made = image
        .ami
        .as_ref()
        .and_then(|id| state.ec2.amis.get(id))
        .map(listed);
    if image.outputs.is_empty() && image.origin.makes_ami() {
        image.outputs.extend(made);
    }
    state.running.insert(arn.clone());
    build::enter(state, options, arn, status, at);
    true
}

/// Marks what ran as retried, and plans it again, in the same order.
fn repeat(image: &mut Image, kind: WorkflowKind) {
    let mut again = Vec::new();
    for execution in image
        .executions
        .iter_mut()
        .filter(|one| one.kind == kind && !one.retried)
    {
        execution.retried = true;
        again.push(Execution::planned(
            execution.workflow,
            kind,
            execution.named,
        ));
    }
    image.executions.extend(again);
}
