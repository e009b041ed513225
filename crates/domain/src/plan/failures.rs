//! Failed builds leave nothing behind: no AMI, and no snapshot.
//!
//! Image Builder deregisters nothing when a test fails or a build is cancelled, and often names no AMI of such an
//! image (aws-parallelcluster#3210 finds it by its tag). So what is left is looked for by that tag, in every Region,
//! until nothing is found. The image itself stays, because it tells why it failed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::change::{Action, CleanUpImage, LabelImage};
use super::labels::expiry_tag;
use super::reason::{Refused, Waiting};
use super::record::Plan;
use super::view::View;
use crate::desired::OnFailure;
use crate::names::RecipeName;
use crate::observed::{Image, Leftover, is_owned};

/// How long a failed build is kept where the environment says so: a working day and the night after it.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Removes what failed builds have left, and marks those that have left nothing.
pub(super) fn clean_up_failures(view: View<'_>, plan: &mut Plan) {
    for (image, recipe) in view.failed_images() {
        if let Some(left) = view.observed.leftovers.get(&image.arn) {
            clean_up(view, image, &recipe, left, plan);
        }
    }
}

fn clean_up(
    view: View<'_>,
    image: &Image,
    recipe: &RecipeName,
    left: &[Leftover],
    plan: &mut Plan,
) {
    let newest = left.iter().filter_map(|leftover| leftover.created).max();
    let ends = newest.and_then(|created| created.checked_add(KEPT).ok());
    if let Some(ends) = ends.filter(|ends| is_kept(view, recipe) && *ends > view.observed.time) {
        if let Some(expiring) = expiring(recipe, image, left, ends) {
            plan.change(expiring);
        }
        let image = image.arn.clone();
        return plan.wait(recipe, Waiting::FailedImage { image, ends });
    }
    let (theirs, ours): (Vec<_>, Vec<_>) = left
        .iter()
        .partition(|leftover| is_of_another(view, image, leftover));
    for leftover in &theirs {
        plan.refuse(&leftover.ami, Refused::LeftoverInUse(image.arn.clone()));
    }
    // The role may not tag an image that was started by hand, without our tags: it is looked for again instead.
    let may_be_marked = theirs.is_empty() && is_owned(&image.tags, &view.desired.environment);
    if may_be_marked || !ours.is_empty() {
        plan.change(Action::CleanUpImage(CleanUpImage {
            recipename: recipe.clone(),
            image: image.arn.clone(),
            amis: ours
                .into_iter()
                .map(|leftover| (leftover.region.clone(), leftover.ami.clone()))
                .collect(),
        }));
    }
}

fn is_kept(view: View<'_>, recipe: &RecipeName) -> bool {
    view.desired.life(recipe).on_failure == OnFailure::Expire
}

/// Gives what is kept of a failed build the date on which it goes, once: by then nobody should have come to need it.
fn expiring(
    recipe: &RecipeName,
    image: &Image,
    left: &[Leftover],
    ends: Timestamp,
) -> Option<Action> {
    let unmarked = left.iter().filter(|leftover| !leftover.expires);
    let amis: BTreeMap<_, _> = unmarked
        .map(|leftover| (leftover.region.clone(), leftover.ami.clone()))
        .collect();
    (!amis.is_empty()).then(|| {
        Action::LabelImage(LabelImage {
            recipename: recipe.clone(),
            image: image.arn.clone(),
            amis,
            tags: [expiry_tag(ends)].into(),
            deprecated_at: Some(ends),
            mark: None,
        })
    })
}

/// Whether another image has the AMI: somebody has moved the tag.
fn is_of_another(view: View<'_>, failed: &Image, leftover: &Leftover) -> bool {
    let mut others = view.observed.images.iter();
    others.any(|other| {
        other.arn != failed.arn && other.amis.get(&leftover.region) == Some(&leftover.ami)
    })
}
