//! Which pipeline built an image.
//!
//! Whoever may call `CreateImage` with a recipe of ours makes an image under our name, on an instance and with
//! a distribution of their own. Only `GetImage` tells who built it, so that it is asked of what would become
//! current, and in search of drift of what is.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::arn::ImageArn;
use crate::names::{RecipeName, fold};
use crate::observed::{Depth, Image, ImageState};

impl<'a> View<'a> {
    /// Whether an image was read to be built by something else than the pipeline of its recipe.
    pub(in crate::plan) fn is_foreign(self, image: &Image) -> bool {
        let origin = self.observed.origins.get(&image.arn);
        origin.is_some_and(|origin| {
            let pipeline = self.stack.pipeline_arn(image.arn.slug());
            origin.as_ref() != Some(&pipeline)
        })
    }

    /// The images that were read to be built by somebody else, each with its recipe.
    pub(in crate::plan) fn foreign_images(self) -> Vec<(&'a Image, RecipeName)> {
        let images = self.observed.images.iter();
        let read = images.filter(|image| self.observed.origins.contains_key(&image.arn));
        let foreign: Vec<&Image> = read.filter(|image| self.is_foreign(image)).collect();
        if foreign.is_empty() {
            return Vec::new();
        }
        let names = self.managed_recipes().into_iter();
        let by_slug = names.map(|name| (fold(&self.recipe_name(&name)), name));
        let by_slug: BTreeMap<String, RecipeName> = by_slug.collect();
        let of = |image: &'a Image| Some((image, by_slug.get(image.arn.slug())?.clone()));
        foreign.into_iter().filter_map(of).collect()
    }

    /// The images whose pipeline has to be known: those that are newer than what is published, since the
    /// newest becomes current, and in search of drift what is current.
    pub(in crate::plan) fn origins_to_read(self, depth: Depth) -> BTreeSet<ImageArn> {
        let names = self.managed_recipes().into_iter();
        names
            .flat_map(|name| self.origins_of(&name, depth))
            .collect()
    }

    fn origins_of(self, name: &RecipeName, depth: Depth) -> Vec<ImageArn> {
        let Some((pipeline, current)) = self.current_image(name) else {
            return Vec::new();
        };
        let published = self.published_image(pipeline).map(|image| &image.arn);
        if published == Some(&current.arn) && !depth.is_close() {
            return Vec::new();
        }
        let is_newer = |image: &&Image| {
            image.arn == current.arn || published.is_none_or(|published| image.arn > *published)
        };
        let of_version = self.index.builds_beside(&current.arn).iter().copied();
        of_version
            .filter(|image| image.state == ImageState::Available)
            .filter(is_newer)
            .map(|image| image.arn.clone())
            .collect()
    }
}
