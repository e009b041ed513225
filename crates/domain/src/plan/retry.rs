//! Distributions that failed, and what trying again may cost.

use jiff::SignedDuration;

use super::change::{Action, RetryImage};
use super::digests;
use super::reason::Waiting;
use super::record::Plan;
use super::tags::INSTEAD_OF_TAG;
use super::view::{View, failures, retries};
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
    let images = view.newest_first(&failed.arn);
    let of_today = images.filter(|image| image.created.is_some_and(|began| began > day_ago));
    let has_left = of_today.map(tries).sum::<u32>() < MOST_A_DAY;
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
