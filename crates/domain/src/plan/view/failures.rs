//! Builds that failed, and may have left something.

use std::collections::BTreeSet;

use super::View;
use crate::arn::ImageArn;
use crate::names::{RecipeName, Region};
use crate::observed::{Image, ImageState};
use crate::plan::tags::CLEANED_UP_TAG;

impl<'a> View<'a> {
    /// The failed and cancelled builds of our recipes that may have left something, each with its recipe. One whose
    /// distribution failed is distributed again, or waits for a person: it has good AMIs. So has one of which Image
    /// Builder does not say where it failed, for all that is known.
    pub(in crate::plan) fn failed_images(self) -> Vec<(&'a Image, RecipeName)> {
        let images = self.observed.images.iter();
        let failed: Vec<&Image> = images.filter(|image| may_have_left(image)).collect();
        if failed.is_empty() {
            return Vec::new();
        }
        let by_slug = self.managed_by_slug();
        let of = |image: &'a Image| Some((image, by_slug.get(image.arn.slug())?.clone()));
        failed.into_iter().filter_map(of).collect()
    }

    /// The recipe of one of our images whose build has ended without an image; none of any other image.
    pub(in crate::plan) fn recipe_of_failed(self, image: &ImageArn) -> Option<RecipeName> {
        let state = &self.index.image(image)?.state;
        let has_failed = matches!(state, ImageState::Failed | ImageState::Cancelled);
        has_failed.then(|| self.managed_by_slug().remove(image.slug()))?
    }

    /// The images whose leftovers are looked for, and where.
    pub(in crate::plan) fn leftovers_to_read(self) -> (BTreeSet<ImageArn>, BTreeSet<Region>) {
        let failed = self.failed_images().into_iter();
        let images: BTreeSet<_> = failed.map(|(image, _)| image.arn.clone()).collect();
        if images.is_empty() {
            return (images, BTreeSet::new());
        }
        let further = self.desired.regions.keys().cloned();
        (images, further.chain([self.stack.region.clone()]).collect())
    }
}

fn may_have_left(image: &Image) -> bool {
    let failed_early = || matches!(image.failed_in.as_deref(), Some("BUILDING" | "TESTING"));
    let has_ended = match image.state {
        ImageState::Cancelled => true,
        ImageState::Failed => failed_early(),
        ImageState::Running(_)
        | ImageState::Available
        | ImageState::Retired
        | ImageState::Unrecognized(_) => false,
    };
    has_ended && image.failed_targets.is_empty() && !image.tags.contains_key(CLEANED_UP_TAG)
}
