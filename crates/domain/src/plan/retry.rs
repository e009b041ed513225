//! Distributions that failed.

use super::change::{Action, RetryImage};
use super::digests;
use super::reason::Waiting;
use super::record::Plan;
use super::view::{failures, retries};
use crate::names::RecipeName;
use crate::observed::Image;

/// How often the distribution of one image is tried again. A role that is missing does not appear by
/// itself; a throttled copy succeeds at the next attempt or two.
pub(super) const MOST_RETRIES: u32 = 3;

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
