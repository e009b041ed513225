//! A lifecycle action on one image: its AMIs and snapshots first, then the image resource.

use jiff::Timestamp;

use crate::{
    common::{arn::Arn, date::Epoch, error::ApiError},
    engine::ec2::retirement::SnapshotDeletion,
    records::{
        ec2::ami::Ami,
        image::{Image, ImageStatus},
        lifecycle_execution::{AmiImpact, ImpactStatus, Outcome, PlannedAction},
        lifecycle_rule::ActionName,
    },
    state::{State, ec2::Ec2},
};

/// The tag that a deprecated AMI has (User Guide, "How lifecycle actions affect associated
/// resources").
const DEPRECATED_BY: (&str, &str) = ("DeprecatedBy", "EC2 Image Builder");

/// Carries out an action; answers what became of the image and of its AMIs.
pub(crate) fn carry_out(
    state: &mut State,
    arn: &Arn,
    planned: &PlannedAction,
    now: Timestamp,
) -> (Outcome, Vec<AmiImpact>) {
    let Some(image) = state
        .images
        .get(arn)
        .filter(|image| image.status != ImageStatus::Deleted)
    else {
        // "Already deleted" is a success (User Guide, "externally modified resources").
        return (Outcome::success(), Vec::new());
    };
    if let Some(outcome) = unsuitable(image, planned.action) {
        return (outcome, Vec::new());
    }
    let amis = if planned.include.amis() {
        amis(state, image)
    } else {
        Vec::new()
    };
    let amis: Vec<_> = amis
        .into_iter()
        .map(|ami| act(&mut state.ec2, ami, planned, now))
        .collect();
    let outcome = image_outcome(&amis, planned);
    if outcome.status == ImpactStatus::Success
        && let Some(image) = state.images.get_mut(arn)
    {
        enter(image, planned, now);
    }
    (outcome, amis)
}

/// Why an image cannot take an action any more that was decided on earlier.
fn unsuitable(image: &Image, action: ActionName) -> Option<Outcome> {
    if image.status.is_running() {
        return Some(Outcome::skipped("The image has a build in progress."));
    }
    let moved = !allows(image.status, action) && image.status != target(action);
    moved.then(|| Outcome::failed(format!("The image is in state {}.", image.status)))
}

/// The transitions that there are (User Guide, "Allowed resource state transitions").
pub(crate) fn allows(status: ImageStatus, action: ActionName) -> bool {
    match action {
        ActionName::Deprecate => status == ImageStatus::Available,
        ActionName::Disable => matches!(status, ImageStatus::Available | ImageStatus::Deprecated),
        ActionName::Available => matches!(status, ImageStatus::Deprecated | ImageStatus::Disabled),
        ActionName::Delete => !status.is_running() && status != ImageStatus::Deleted,
    }
}

/// The state that an action leads to.
fn target(action: ActionName) -> ImageStatus {
    match action {
        ActionName::Deprecate => ImageStatus::Deprecated,
        ActionName::Disable => ImageStatus::Disabled,
        ActionName::Available => ImageStatus::Available,
        ActionName::Delete => ImageStatus::Deleted,
    }
}

/// Sets an image's state, without a look at its AMIs.
pub(crate) fn enter(image: &mut Image, planned: &PlannedAction, now: Timestamp) {
    image.status = target(planned.action);
    // Both explain the state that is left.
    image.reason = None;
    image.failure_context = None;
    let past = image.lifecycle.get_or_insert_default();
    match planned.action {
        ActionName::Deprecate => past.deprecation_time = Some(planned.at.unwrap_or(Epoch(now))),
        ActionName::Available => past.deprecation_time = None,
        ActionName::Disable | ActionName::Delete => {}
    }
}

/// The AMIs of an image: id, Region and owner.
type AmiLocation = (String, String, String);

/// The AMIs that an image lists. A failed or cancelled one may list none: what it left behind is
/// found by its tag, in any Region and account.
fn amis(state: &State, image: &Image) -> Vec<AmiLocation> {
    let listed = image.outputs.iter();
    let mut places: Vec<AmiLocation> = listed
        .map(|ami| {
            (
                ami.image.to_string(),
                ami.region.to_string(),
                ami.account_id.to_string(),
            )
        })
        .collect();
    let mut add = |ami: &Ami| {
        if places.iter().all(|(id, _, _)| *id != ami.id) {
            places.push((
                ami.id.to_string(),
                ami.region.to_string(),
                ami.owner.to_string(),
            ));
        }
    };
    image
        .ami
        .iter()
        .filter_map(|id| state.ec2.amis.get(id))
        .for_each(&mut add);
    if matches!(image.status, ImageStatus::Failed | ImageStatus::Cancelled) {
        let arn = image.arn.to_string();
        state
            .ec2
            .amis
            .values()
            .filter(|ami| is_tagged(ami, &arn))
            .for_each(add);
    }
    places
}

fn is_tagged(ami: &Ami, image: &str) -> bool {
    let tags = ami.tags.get(&ami.owner);
    tags.and_then(|tags| tags.get("Ec2ImageBuilderArn"))
        .is_some_and(|arn| arn == image)
}

fn act(
    ec2: &mut Ec2,
    (id, region, account): AmiLocation,
    planned: &PlannedAction,
    now: Timestamp,
) -> AmiImpact {
    let impact = |outcome, snapshots| AmiImpact {
        id: id.clone(),
        region,
        account,
        outcome,
        snapshots,
    };
    let Some(ami) = ec2.amis.get(id.as_str()) else {
        return impact(Outcome::success(), Vec::new());
    };
    let spared = planned
        .exclusions
        .as_ref()
        .and_then(|rules| rules.spares(ami, now));
    if let Some(reason) = spared {
        return impact(Outcome::skipped(reason), Vec::new());
    }
    match changed(ec2, &id, planned, now) {
        Ok(snapshots) => impact(Outcome::success(), snapshots),
        Err(error) => impact(Outcome::failed(error.message), Vec::new()),
    }
}

fn changed(
    ec2: &mut Ec2,
    id: &str,
    planned: &PlannedAction,
    now: Timestamp,
) -> Result<Vec<(String, Outcome)>, ApiError> {
    match planned.action {
        ActionName::Deprecate => {
            ec2.deprecate(id, planned.at.map_or(now, |at| at.0))?;
            let (key, value) = DEPRECATED_BY;
            let ami = ec2.ami_mut(id)?;
            let owner = ami.owner.clone();
            ami.tag(&owner, [(key.into(), value.into())]);
        }
        ActionName::Disable => {
            ec2.disable(id)?;
            untag(ec2, id)?;
        }
        ActionName::Available => {
            ec2.undeprecate(id)?;
            ec2.enable(id)?;
            untag(ec2, id)?;
        }
        ActionName::Delete => return deregistered(ec2, id, planned.include.snapshots(), now),
    }
    Ok(Vec::new())
}

fn untag(ec2: &mut Ec2, id: &str) -> Result<(), ApiError> {
    for (_, tags) in ec2.ami_mut(id)?.tags.iter_mut() {
        tags.remove(DEPRECATED_BY.0);
    }
    Ok(())
}

fn deregistered(
    ec2: &mut Ec2,
    id: &str,
    with_snapshots: bool,
    now: Timestamp,
) -> Result<Vec<(String, Outcome)>, ApiError> {
    let deletions = ec2.deregister(id, with_snapshots, now)?.into_iter();
    let outcome = |one: &SnapshotDeletion| {
        let in_use = || {
            Outcome::failed(format!(
                "The snapshot '{}' is in use by another AMI.",
                one.snapshot
            ))
        };
        if one.deleted {
            Outcome::success()
        } else {
            in_use()
        }
    };
    Ok(deletions
        .map(|one| (one.snapshot.clone(), outcome(&one)))
        .collect())
}

/// The image follows its AMIs, unless one of them failed. A spared AMI keeps an image from being
/// deleted if the action is a state update (model, `exclusionRules` of StartResourceStateUpdate).
fn image_outcome(amis: &[AmiImpact], planned: &PlannedAction) -> Outcome {
    let is = |ami: &AmiImpact, status| {
        ami.outcome.status == status
            || ami
                .snapshots
                .iter()
                .any(|(_, outcome)| outcome.status == status)
    };
    if amis.iter().any(|ami| is(ami, ImpactStatus::Failed)) {
        return Outcome::failed(
            "The action failed for at least one of the image's AMIs or snapshots.",
        );
    }
    let spared = amis.iter().any(|ami| is(ami, ImpactStatus::Skipped));
    if spared && planned.action == ActionName::Delete && planned.keeps_image_of_spared {
        return Outcome::skipped("An exclusion rule spares at least one of the image's AMIs.");
    }
    Outcome::success()
}

/// Sets the deprecation time of the included AMIs ahead of a scheduled deprecation, which EC2
/// then keeps by itself.
pub(crate) fn announce(state: &mut State, arn: &Arn, planned: &PlannedAction, now: Timestamp) {
    let Some((image, at)) = state.images.get(arn).zip(planned.at) else {
        return;
    };
    let amis = if planned.include.amis() {
        amis(state, image)
    } else {
        Vec::new()
    };
    for (id, _, _) in amis {
        let ami = state.ec2.amis.get(id.as_str());
        let spared = ami
            .zip(planned.exclusions.as_ref())
            .and_then(|(ami, rules)| rules.spares(ami, now));
        if spared.is_none() {
            // An AMI that is gone needs no deprecation.
            let _gone = state.ec2.deprecate(&id, at.0);
        }
    }
    if let Some(image) = state.images.get_mut(arn) {
        image.lifecycle.get_or_insert_default().deprecation_time = Some(at);
    }
}
