//! Who made an image.
//!
//! Whoever may call `CreateImage` with a recipe of ours makes an image under our name, on an instance and with
//! a distribution of their own. Whoever may tag can say that an image of theirs made our copies. Only `GetImage`
//! tells who made it, so that it is asked of what would become current, and in search of drift of what is.

use std::collections::BTreeSet;

use super::View;
use crate::arn::ImageArn;
use crate::names::RecipeName;
use crate::observed::{Depth, Image, ImageState, Origin};
use crate::plan::digests;
use crate::plan::tags::{COPIES_OF_TAG, PUBLISHED_COPIES_TAG};

impl<'a> View<'a> {
    /// Whether an image was read to be built by something else than the pipeline of its recipe.
    pub(in crate::plan) fn is_foreign(self, image: &Image) -> bool {
        let origin = self.observed.origins.get(&image.arn);
        origin.is_some_and(|origin| {
            let pipeline = self.stack.pipeline_arn(image.arn.slug());
            *origin != Origin::Pipeline(pipeline)
        })
    }

    /// Whether an image that says that it made our copies was read to be somebody else's.
    pub(super) fn is_foreign_copy(self, image: &Image) -> bool {
        let origin = self.observed.origins.get(&image.arn);
        origin.is_some_and(|origin| *origin != Origin::Distribution)
    }

    /// The images that were read to be built by somebody else, each with its recipe.
    pub(in crate::plan) fn foreign_images(self) -> Vec<(&'a Image, RecipeName)> {
        let foreign = |image: &&Image| !says_it_copied(image) && self.is_foreign(image);
        self.with_recipes(foreign, |image| Some(image.arn.slug().to_owned()))
    }

    /// The images that say that they made our copies and were read to be somebody else's, each with its recipe.
    pub(in crate::plan) fn foreign_copies(self) -> Vec<(&'a Image, RecipeName)> {
        let foreign = |image: &&Image| says_it_copied(image) && self.is_foreign_copy(image);
        self.with_recipes(foreign, |image| {
            let of: ImageArn = image.tags.get(COPIES_OF_TAG)?.parse().ok()?;
            Some(of.slug().to_owned())
        })
    }

    /// The images whose origin was read and that `filter` keeps, each with the recipe that its slug is of.
    fn with_recipes(
        self,
        filter: impl Fn(&&Image) -> bool,
        slug: impl Fn(&Image) -> Option<String>,
    ) -> Vec<(&'a Image, RecipeName)> {
        let images = self.observed.images.iter();
        let read = images.filter(|image| self.observed.origins.contains_key(&image.arn));
        let kept: Vec<&Image> = read.filter(filter).collect();
        if kept.is_empty() {
            return Vec::new();
        }
        let by_slug = self.managed_by_slug();
        let of = |image: &'a Image| Some((image, by_slug.get(&slug(image)?)?.clone()));
        kept.into_iter().filter_map(of).collect()
    }

    /// The images whose origin has to be known: those that are newer than what is published, since the newest
    /// becomes current, and in search of drift what is current. Likewise those that made copies of what is
    /// current, until the copies are published.
    pub(in crate::plan) fn origins_to_read(self, depth: Depth) -> BTreeSet<ImageArn> {
        let names = self.managed_recipes().into_iter();
        let in_turn = self.in_turn(depth);
        let of = |name| {
            let mut images = self.origins_of(&name, in_turn.contains(&name));
            images.extend(self.copiers_of(&name));
            images
        };
        names.flat_map(of).collect()
    }

    /// The images that say that they made copies of what is current, if these are not published.
    fn copiers_of(self, name: &RecipeName) -> Vec<ImageArn> {
        let Some((pipeline, current)) = self.current_image(name) else {
            return Vec::new();
        };
        let copies = self.copies_to_publish(current);
        let digest = digests::published_copies(&copies).to_string();
        if copies.is_empty() || pipeline.tags.get(PUBLISHED_COPIES_TAG) == Some(&digest) {
            return Vec::new();
        }
        let copying = self.copy_images(&current.arn).into_iter();
        copying
            .filter(|image| !image.copies.is_empty())
            .map(|image| image.arn.clone())
            .collect()
    }

    fn origins_of(self, name: &RecipeName, is_in_turn: bool) -> Vec<ImageArn> {
        let Some((pipeline, current)) = self.current_image(name) else {
            return Vec::new();
        };
        let published = self.published_image(pipeline).map(|image| &image.arn);
        if published == Some(&current.arn) && !is_in_turn {
            return Vec::new();
        }
        let is_newer = |image: &&Image| {
            image.arn == current.arn || published.is_none_or(|published| image.arn > *published)
        };
        let of_version = self.index.builds_beside(&current.arn).iter().copied();
        of_version
            .filter(|image| image.state == ImageState::Available && self.hold(image).is_none())
            .filter(is_newer)
            .map(|image| image.arn.clone())
            .collect()
    }
}

fn says_it_copied(image: &Image) -> bool {
    image.tags.contains_key(COPIES_OF_TAG)
}
