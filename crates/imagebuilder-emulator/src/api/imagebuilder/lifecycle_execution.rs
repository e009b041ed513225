//! The operations on lifecycle executions: looking at them, and cancelling one.

use std::cmp::Reverse;

use serde_json::{Value, json};

use crate::{
    api::imagebuilder::request::{Answer, Handlers, Request},
    common::{
        arn::{Arn, Kind},
        error::ApiError,
    },
    engine::lifecycle,
    records::lifecycle_execution::{Execution, Impact},
    wire::paging,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("GetLifecycleExecution", get),
    ("ListLifecycleExecutions", list),
    ("ListLifecycleExecutionResources", list_resources),
    ("CancelLifecycleExecution", cancel),
];

/// GetLifecycleExecution
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    Ok(json!({"lifecycleExecution": found(request)?.view()}))
}

fn found<'r>(request: &'r Request<'_>) -> Result<&'r Execution, ApiError> {
    let id = request.text("lifecycleExecutionId").unwrap_or_default();
    let execution = request.state.lifecycle_executions.get(id);
    execution
        .filter(|one| is_ours(request, &one.cause))
        .ok_or_else(|| ApiError::not_found(id))
}

fn is_ours(request: &Request<'_>, arn: &Arn) -> bool {
    let caller = request.caller();
    arn.account == caller.account && arn.region == caller.region
}

/// ListLifecycleExecutions: those of a policy, or the state updates of an image, newest first; the
/// order is not documented. How long AWS keeps them is not either; here it is until the reset.
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("resourceArn")?;
    let image = arn.kind == Kind::Image && arn.build.is_some();
    if !image && arn.kind != Kind::LifecyclePolicy {
        let rule = "It must be the ARN of a lifecycle policy or of an image build version.";
        return Err(ApiError::invalid("resourceArn", rule));
    }
    let ours = is_ours(request, &arn);
    let executions = request.state.lifecycle_executions.values();
    let mut executions: Vec<_> = executions.filter(|one| ours && one.cause == arn).collect();
    let state = &request.state;
    let known = state.lifecycle_policies.contains_key(&arn) || state.images.contains_key(&arn);
    if executions.is_empty() && !(ours && known) {
        return Err(ApiError::not_found(&arn));
    }
    executions.sort_by_key(|one| Reverse(one.number));
    paging::page(request, "lifecycleExecutions", &executions, |one| {
        one.view()
    })
}

/// ListLifecycleExecutionResources: the images, or the AMIs of one of them.
pub(crate) fn list_resources(request: &mut Request<'_>) -> Answer {
    let execution = found(request)?;
    let mut page = match request.text("parentResourceId") {
        None => paging::page(request, "resources", &execution.impacts, Impact::view),
        Some(parent) => {
            let parent = execution
                .impacts
                .iter()
                .find(|impact| impact.image.to_string() == parent);
            let amis: Vec<Value> = parent.into_iter().flat_map(Impact::views_of_amis).collect();
            paging::page(request, "resources", &amis, Value::clone)
        }
    }?;
    page["lifecycleExecutionId"] = json!(execution.id);
    page["lifecycleExecutionState"] = execution.state();
    Ok(page)
}

/// CancelLifecycleExecution: takes effect a little later, and undoes nothing.
pub(crate) fn cancel(request: &mut Request<'_>) -> Answer {
    let execution = found(request)?;
    if execution.status.is_over() {
        let message = "A lifecycle execution that is over cannot be cancelled.";
        return Err(ApiError::request(message));
    }
    let (id, now) = (execution.id.clone(), request.now());
    lifecycle::cancel(request.state, &id, now);
    Ok(json!({"lifecycleExecutionId": id}))
}
