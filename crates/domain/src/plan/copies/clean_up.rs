//! Deletion of distribution configurations that nothing is copied with any more.

use super::Copies;
use crate::arn::ImageArn;
use crate::observed::{Image, ImageState, is_owned};
use crate::plan::change::Action;
use crate::plan::record::Plan;
use crate::plan::retry::MOST_RETRIES;
use crate::plan::tags::{COPIES_OF_TAG, DISTRIBUTION_TAG};
use crate::plan::view::{View, retries};

/// Deletes the distribution configurations whose copies are made, or given up.
pub(in crate::plan) fn clean_up(view: View<'_>, copies: &Copies<'_>, plan: &mut Plan) {
    let ours = view.observed.distributions.iter().filter(|configuration| {
        is_owned(&configuration.tags, &view.desired.environment)
            && configuration.tags.contains_key(COPIES_OF_TAG)
    });
    for configuration in ours {
        let arn = &configuration.arn;
        if !copies.distributions.contains(arn) && !copies.is_distributing(view, arn) {
            plan.change(Action::DeleteDistribution(arn.clone()));
        }
    }
}

impl Copies<'_> {
    /// Whether an image is being distributed by this configuration, or will be again.
    fn is_distributing(&self, view: View<'_>, arn: &String) -> bool {
        let images = view.observed.images.iter();
        images
            .filter(|image| image.tags.get(DISTRIBUTION_TAG) == Some(arn))
            .any(|image| match image.state {
                ImageState::Running(_) | ImageState::Unrecognized(_) => true,
                ImageState::Failed => retries(image) < MOST_RETRIES && !self.is_excluded(image),
                ImageState::Available | ImageState::Cancelled | ImageState::Retired => false,
            })
    }

    /// Whether an image was made to copy one that is not copied.
    fn is_excluded(&self, copying: &Image) -> bool {
        let of = copying.tags.get(COPIES_OF_TAG);
        of.and_then(|arn| arn.parse().ok())
            .is_some_and(|image: ImageArn| self.excluded.contains_key(&image))
    }
}
