//! Images of recipes.

use super::View;
use crate::arn::VersionArn;
use crate::desired::{BaseImage, RecipeEntry};
use crate::names::{AmiId, RecipeName};
use crate::observed::{Image, ImageState, Pipeline};
use crate::plan::tags::PUBLISHED_TAG;

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
    /// The builds of a recipe version by its pipeline, oldest first.
    pub(in crate::plan) fn images_of(self, recipe: &VersionArn) -> Vec<&'a Image> {
        let builds = self.index.builds_of(recipe).iter().copied();
        builds.filter(|image| !self.is_foreign(image)).collect()
    }

    /// The newest available build of a recipe version.
    pub(in crate::plan) fn newest_available(self, recipe: &VersionArn) -> Option<&'a Image> {
        let mut newest_first = self.index.builds_of(recipe).iter().copied().rev();
        newest_first.find(|image| image.state == ImageState::Available && !self.is_foreign(image))
    }

    /// The image that consumers launch today, of a pipeline that builds `recipe`: the newest available
    /// one. While that version has no image, it is the one that the pipeline says is published.
    pub(in crate::plan) fn launched_image(
        self,
        pipeline: &Pipeline,
        recipe: &VersionArn,
    ) -> Option<&'a Image> {
        self.newest_available(recipe)
            .or_else(|| self.published_image(pipeline))
    }

    /// The available image that the pipeline says is published.
    pub(in crate::plan) fn published_image(self, pipeline: &Pipeline) -> Option<&'a Image> {
        let image = self
            .index
            .image(&pipeline.tags.get(PUBLISHED_TAG)?.parse().ok()?)?;
        Some(image).filter(|image| is_published(image, pipeline) && !self.is_foreign(image))
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
                let image = self.newest_available(&recipe)?;
                image.amis.get(&self.stack.region).cloned()
            }
        }
    }
}
