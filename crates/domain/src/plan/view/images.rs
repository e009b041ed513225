//! Images of recipes.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::arn::{ImageArn, VersionArn};
use crate::desired::{BaseImage, RecipeEntry};
use crate::names::{AmiId, RecipeName, Region};
use crate::observed::{Depth, Image, ImageState, Pipeline};
use crate::plan::tags::{PUBLISHED_TAG, owed_cause};
use crate::promotion::{Hold, ImageVersion, is_approved, is_rejected};

/// Which of `images` a pipeline says is published, if it is available and of this pipeline's recipe. What it says
/// of any other image counts for nothing: anybody who may tag the pipeline can say it.
pub fn published_image<'a>(images: &'a [Image], pipeline: &Pipeline) -> Option<&'a Image> {
    images.iter().find(|image| is_published(image, pipeline))
}

fn is_published(image: &Image, pipeline: &Pipeline) -> bool {
    let name = pipeline.arn.as_str().rsplit('/').next();
    name == Some(image.arn.slug())
        && image.state == ImageState::Available
        && pipeline.tags.get(PUBLISHED_TAG) == Some(&image.arn.to_string())
}

impl<'a> View<'a> {
    /// The AMIs that are published by the recipes whose turn it is, by Region.
    pub(in crate::plan) fn amis_in_turn(self, depth: Depth) -> BTreeMap<Region, BTreeSet<AmiId>> {
        let mut amis: BTreeMap<Region, BTreeSet<AmiId>> = BTreeMap::new();
        let names = self.in_turn(depth).into_iter();
        let images = names.filter_map(|name| self.published_image(self.pipeline(&name)?));
        for (region, ami) in images.flat_map(|image| &image.amis) {
            amis.entry(region.clone()).or_default().insert(ami.clone());
        }
        amis
    }

    /// The builds of a recipe version by its pipeline, oldest first.
    pub(in crate::plan) fn images_of(self, recipe: &VersionArn) -> Vec<&'a Image> {
        let builds = self.index.builds_of(recipe).iter().copied();
        builds.filter(|image| !self.is_foreign(image)).collect()
    }

    /// Our builds of all versions of a recipe, and the images that copy them.
    pub(in crate::plan) fn all_images_of(self, recipe: &RecipeName) -> Vec<&'a Image> {
        let pipeline = self.pipeline_arn(recipe);
        let slug = pipeline.as_str().rsplit('/').next().unwrap_or_default();
        let builds = self.index.newest_first(slug);
        let builds: Vec<&Image> = builds.filter(|image| !self.is_foreign(image)).collect();
        let copies = builds.iter().flat_map(|image| self.copy_images(&image.arn));
        let copies: Vec<&Image> = copies.collect();
        [builds, copies].concat()
    }

    /// The recipe that a recipe is built on, if a build on it has to wait: Image Builder takes its newest available
    /// image, whatever holds that back.
    pub(in crate::plan) fn held_parent(self, recipe: &RecipeName) -> Option<&'a RecipeName> {
        let (parent, pipeline) = self.parent(recipe)?;
        let builds = self.index.builds_of(pipeline.recipe.as_ref()?);
        let mut newest_first = builds.iter().rev();
        let newest = newest_first.find(|image| image.state == ImageState::Available)?;
        let is_held = self.hold(newest).is_some() || self.is_foreign(newest);
        is_held.then_some(parent)
    }

    /// The recipe that a recipe is built on, if it is to be built first, or is held back.
    pub(in crate::plan) fn due_parent(self, recipe: &RecipeName) -> Option<&'a RecipeName> {
        let (parent, pipeline) = self.parent(recipe)?;
        let mut builds = self.index.builds_of(pipeline.recipe.as_ref()?).iter();
        let is_due = owed_cause(pipeline).is_some()
            || builds.any(|image| matches!(image.state, ImageState::Running(_)));
        is_due
            .then_some(parent)
            .or_else(|| self.held_parent(recipe))
    }

    /// Whether a recipe is built on another one.
    pub(in crate::plan) fn is_on_recipe(self, recipe: &RecipeName) -> bool {
        self.parent(recipe).is_some()
    }

    fn parent(self, recipe: &RecipeName) -> Option<(&'a RecipeName, &'a Pipeline)> {
        let BaseImage::Recipe(parent) = &self.entry(recipe)?.base else {
            return None;
        };
        Some((parent, self.pipeline(parent)?))
    }

    /// What keeps an available image from being published; nothing if it may be.
    pub(in crate::plan) fn hold(self, image: &Image) -> Option<&'a Hold> {
        self.index.hold(&image.arn)
    }

    /// The newest available build of a recipe version that nobody and nothing holds back.
    pub(in crate::plan) fn newest_promotable(self, recipe: &VersionArn) -> Option<&'a Image> {
        let newest_first = self.index.builds_of(recipe).iter().copied().rev();
        self.first_promotable(newest_first)
    }

    fn first_promotable(self, mut images: impl Iterator<Item = &'a Image>) -> Option<&'a Image> {
        images.find(|image| {
            image.state == ImageState::Available
                && self.hold(image).is_none()
                && !self.is_foreign(image)
        })
    }

    /// The image that consumers launch today, of a pipeline that builds `recipe`: the newest promotable
    /// one. While that version has none, it is the one that the pipeline says is published; and if a person has
    /// rejected that one, the newest before it.
    pub(in crate::plan) fn launched_image(
        self,
        pipeline: &Pipeline,
        recipe: &VersionArn,
    ) -> Option<&'a Image> {
        self.newest_promotable(recipe)
            .or_else(|| self.published_image(pipeline))
            .or_else(|| self.instead_of_rejected(pipeline))
    }

    /// What takes the place of a published image that a person has rejected.
    fn instead_of_rejected(self, pipeline: &Pipeline) -> Option<&'a Image> {
        let published: ImageArn = pipeline.tags.get(PUBLISHED_TAG)?.parse().ok()?;
        let rejected = self.index.image(&published)?;
        self.hold(rejected)?;
        let newest_first = self.index.newest_first(rejected.arn.slug());
        self.first_promotable(newest_first.filter(|image| image.arn < rejected.arn))
    }

    /// The available image that the pipeline says is published, unless a person has rejected it.
    pub(in crate::plan) fn published_image(self, pipeline: &Pipeline) -> Option<&'a Image> {
        let image = self
            .index
            .image(&pipeline.tags.get(PUBLISHED_TAG)?.parse().ok()?)?;
        Some(image).filter(|image| {
            is_published(image, pipeline) && self.hold(image).is_none() && !self.is_foreign(image)
        })
    }

    /// Whether there is such an image, by its name one of this pipeline.
    pub(in crate::plan) fn is_image_of(self, image: &ImageArn, pipeline: &Pipeline) -> bool {
        let name = pipeline.arn.as_str().rsplit('/').next();
        name == Some(image.slug()) && self.index.image(image).is_some()
    }

    /// The images whose results have to be judged before they are published, each with its recipe: of each recipe
    /// the newest available one that nobody has rejected, and the newest one that a person has approved.
    pub(in crate::plan) fn results_to_read(self) -> BTreeMap<ImageArn, RecipeName> {
        let names = self.managed_recipes().into_iter();
        let limited = names.filter(|name| self.desired.promotion(name).has_limits);
        let of = |name: RecipeName| {
            let images = self.to_judge(&name).into_iter();
            images.map(move |image| (image.arn.clone(), name.clone()))
        };
        limited.flat_map(of).collect()
    }

    fn to_judge(self, name: &RecipeName) -> Vec<&'a Image> {
        let recipe = self
            .pipeline(name)
            .and_then(|pipeline| pipeline.recipe.as_ref());
        let builds = recipe.map(|recipe| self.index.builds_of(recipe));
        let newest_first = builds.into_iter().flatten().copied().rev();
        let usable = newest_first
            .filter(|image| image.state == ImageState::Available && !is_rejected(&image.tags));
        let usable: Vec<&Image> = usable.collect();
        let approved = self.desired.promotion(name).approved;
        let has_approval = |image: &&&Image| {
            is_approved(&image.tags) || approved == Some(ImageVersion::from(&image.arn))
        };
        let judged = usable
            .first()
            .into_iter()
            .chain(usable.iter().find(has_approval));
        let is_open =
            |image: &&Image| matches!(self.hold(image), Some(Hold::Unjudged | Hold::Results(_)));
        judged.copied().filter(is_open).collect()
    }

    /// The image of a recipe that consumers launch today, with its pipeline.
    pub(in crate::plan) fn current_image(
        self,
        recipe: &RecipeName,
    ) -> Option<(&'a Pipeline, &'a Image)> {
        let pipeline = self.pipeline(recipe)?;
        let image = self.launched_image(pipeline, pipeline.recipe.as_ref()?)?;
        Some((pipeline, image))
    }

    /// The AMI behind the base of an entry; none before it is resolved.
    pub fn base_ami(self, entry: &RecipeEntry) -> Option<AmiId> {
        let catalog = self.catalog()?;
        match &entry.base {
            BaseImage::Ami(ami) => Some(ami.clone()),
            BaseImage::Parameter(name) => catalog.parameters.get(name).cloned(),
            BaseImage::Image(arn) => catalog.parents.get(arn).cloned(),
            BaseImage::Recipe(name) => {
                let recipe = self.wanted_version(self.entry(name)?)?;
                let image = self.newest_promotable(&recipe)?;
                image.amis.get(&self.stack.region).cloned()
            }
        }
    }
}
