//! StartResourceStateUpdate: the state of one image, changed by hand.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use crate::{
    api::imagebuilder::{
        image,
        lifecycle_checks::check_snapshots,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        date::Epoch,
        error::ApiError,
    },
    engine::lifecycle::{self, action},
    records::{
        image::{Image, ImageStatus},
        lifecycle_execution::PlannedAction,
        lifecycle_rule::{ActionName, ExclusionRules, IncludeResources},
    },
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[("StartResourceStateUpdate", start)];

/// A deprecation without AMIs is scheduled if it is "far enough in the future"; how far is not
/// documented. EC2 keeps deprecations to the minute.
const FAR_ENOUGH: SignedDuration = SignedDuration::from_mins(1);

/// The request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    resource_arn: Arn,
    state: ResourceState,
    execution_role: Option<String>,
    include_resources: Option<IncludeResources>,
    exclusion_rules: Option<ExclusionRules>,
    update_at: Option<Epoch>,
}

#[derive(Deserialize)]
struct ResourceState {
    status: Option<ResourceStatus>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ResourceStatus {
    Available,
    Deleted,
    Deprecated,
    Disabled,
}

impl ResourceStatus {
    fn action(self) -> ActionName {
        match self {
            Self::Available => ActionName::Available,
            Self::Deleted => ActionName::Delete,
            Self::Deprecated => ActionName::Deprecate,
            Self::Disabled => ActionName::Disable,
        }
    }
}

/// StartResourceStateUpdate: at once if it is about nothing but the image resource, else as a
/// lifecycle execution.
pub(crate) fn start(request: &mut Request<'_>) -> Answer {
    let input: Input = request.read()?;
    let arn = input.resource_arn.clone();
    let planned = planned(request, input)?;
    let image = image::find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    check_transition(image, planned.action)?;
    let now = request.now();
    let soon = now.checked_add(FAR_ENOUGH).unwrap_or(now);
    let scheduled = planned.at.is_some_and(|at| at.0 >= soon);
    if !planned.include.amis() && !scheduled {
        lifecycle::update_now(request.state, &arn, &planned, now);
        return Ok(json!({"resourceArn": arn}));
    }
    check_concurrency(request, &arn)?;
    let id = lifecycle::update(request.state, &arn, planned, now);
    Ok(json!({"lifecycleExecutionId": id, "resourceArn": arn}))
}

/// What is to be done, if the members go together.
fn planned(request: &Request<'_>, input: Input) -> Result<PlannedAction, ApiError> {
    let status = input
        .state
        .status
        .ok_or_else(|| ApiError::invalid("state", "'status' must not be null"))?;
    let include = input.include_resources.unwrap_or_default();
    if input.execution_role.is_some() != input.include_resources.is_some() {
        let message = "Specify 'executionRole' and 'includeResources' together, or neither.";
        return Err(ApiError::combination(message));
    }
    if include.containers() {
        return Err(ApiError::combination(
            "Containers can't be included: the image is an AMI.",
        ));
    }
    check_snapshots(status.action(), include)?;
    if status == ResourceStatus::Deleted && !include.amis() {
        let message = "An image can only become DELETED together with its AMIs: include them. \
                       To delete only the image resource, use DeleteImage.";
        return Err(ApiError::combination(message));
    }
    check_time(request, status, input.update_at)?;
    Ok(PlannedAction {
        action: status.action(),
        include,
        exclusions: input.exclusion_rules.and_then(|rules| rules.amis),
        at: input.update_at,
        keeps_image_of_spared: true,
    })
}

fn check_time(
    request: &Request<'_>,
    status: ResourceStatus,
    at: Option<Epoch>,
) -> Result<(), ApiError> {
    match at {
        Some(_) if status != ResourceStatus::Deprecated => Err(ApiError::combination(
            "'updateAt' is only for the state DEPRECATED.",
        )),
        Some(at) if at.0 <= request.now() => Err(ApiError::invalid(
            "updateAt",
            "It must be a time in the future.",
        )),
        Some(_) | None => Ok(()),
    }
}

/// Which of its two codes AWS answers is not recorded anywhere.
fn check_transition(image: &Image, action: ActionName) -> Result<(), ApiError> {
    let (arn, status) = (&image.arn, image.status);
    if status.is_running() {
        return Err(ApiError::in_use(
            arn,
            &format!("The image is in state {status}."),
        ));
    }
    if action::allows(status, action) {
        return Ok(());
    }
    let only = matches!(status, ImageStatus::Failed | ImageStatus::Cancelled);
    let rule = if only {
        "It can only transition to DELETED."
    } else {
        "It cannot make this transition."
    };
    Err(ApiError::request(format!(
        "The image '{arn}' is in state {status}. {rule}"
    )))
}

/// One execution at a time for an image, and so many for an account in a Region.
fn check_concurrency(request: &Request<'_>, arn: &Arn) -> Result<(), ApiError> {
    let executions = request.state.lifecycle_executions.values();
    let running: Vec<_> = executions.filter(|one| !one.status.is_over()).collect();
    if running.iter().any(|one| one.concerns(arn)) {
        return Err(ApiError::in_use(
            arn,
            "A lifecycle execution is in progress for it.",
        ));
    }
    let same_place = |cause: &Arn| cause.account == arn.account && cause.region == arn.region;
    let updates = running
        .iter()
        .filter(|one| one.cause.kind == Kind::Image && same_place(&one.cause));
    let limit = request.options().quotas.concurrent_state_updates;
    if updates.count() < limit {
        return Ok(());
    }
    Err(ApiError::quota("Concurrent resource state updates", limit))
}
