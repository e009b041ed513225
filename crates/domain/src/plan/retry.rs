//! Distributions that failed, and what trying again may cost.

use jiff::SignedDuration;

use super::change::{Action, Change, RetryImage};
use super::digests;
use super::reason::Waiting;
use super::record::Plan;
use super::tags::INSTEAD_OF_TAG;
use super::view::{View, failures, retries};
use crate::arn::ImageArn;
use crate::names::RecipeName;
use crate::observed::Image;

/// How often the distribution of one image is tried again. A role that is missing does not appear by
/// itself; a throttled copy succeeds at the next attempt or two.
pub(super) const MOST_RETRIES: u32 = 3;

/// How many tries more one recipe gets in a day, whatever fails: builds made again, and distributions and copies tried
/// again. A build made again, its distribution, and copies of two batches take ten. More than that is a loop: an
/// hourly schedule whose builds all fail would pay for each build twice.
pub(super) const MOST_A_DAY: u32 = 12;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Whether the recipe of a failed image has a try left. Otherwise that is told, and the tries of builds that are older
/// than a day count no more. Image Builder does not tell when something was tried again, so the build's time counts.
pub(super) fn has_tries_left(
    view: View<'_>,
    name: &RecipeName,
    failed: &Image,
    plan: &mut Plan,
) -> bool {
    let day_ago = view.observed.time - DAY;
    let images = view.all_images_of(name);
    let is_of_today = |image: &&&Image| image.created.is_some_and(|began| began > day_ago);
    let of_today = images.iter().filter(is_of_today);
    let before: u32 = of_today.map(|image| tries(image)).sum();
    let has_left = before + tries_in(plan, &images) < MOST_A_DAY;
    if !has_left {
        let (image, most, reason) = (failed.arn.clone(), MOST_A_DAY, failures(failed));
        let waiting = Waiting::NoTriesLeft {
            image,
            most,
            reason,
        };
        plan.wait(name, waiting);
    }
    has_left
}

/// How often this plan tries something again for one of these images. Batches of copies may fail together.
fn tries_in(plan: &Plan, images: &[&Image]) -> u32 {
    let is_one = |arn: &ImageArn| images.iter().any(|image| image.arn == *arn);
    let is_try = |change: &&Change| matches!(&change.action, Action::RetryImage(retry) if is_one(&retry.image));
    let tries = plan.changes.iter().filter(is_try).count();
    u32::try_from(tries).unwrap_or(u32::MAX)
}

/// How often something was tried again for an image. Its tags can be anybody's, so one image counts for no more than it
/// can have cost.
fn tries(image: &Image) -> u32 {
    let again = u32::from(image.tags.contains_key(INSTEAD_OF_TAG));
    again + retries(image).min(MOST_RETRIES)
}

/// Distributes an image again whose distribution failed.
pub(super) fn retry(name: &RecipeName, image: &Image, plan: &mut Plan) {
    let attempt = retries(image) + 1;
    let token = digests::retry_token(&image.arn, attempt).to_string();
    plan.change(Action::RetryImage(RetryImage {
        image: image.arn.clone(),
        attempt,
        token,
    }));
    let waiting = Waiting::Retry {
        image: image.arn.clone(),
        attempt,
        most: MOST_RETRIES,
        reason: failures(image),
    };
    plan.wait(name, waiting);
}
