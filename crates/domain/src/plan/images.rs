//! The images of a recipe: start one that was never built, publish the newest that is available.

use super::recipe::pipeline_arn;
use super::{Change, Planner, Publish, Refused, StartBuild, Waiting, copies, digests};
use crate::arn::VersionArn;
use crate::names::{PipelineArn, RecipeName};
use crate::observed::{Image, ImageState, Observed, Pipeline};
use crate::publication::replaces;
use crate::resources;

/// The pipeline's tag for the image that is published: it is read with the pipelines, so that
/// looking for missed publications costs no call.
pub const PUBLISHED_TAG: &str = "goldsmith:published";

impl Planner<'_> {
    /// Publishes or starts what the current recipe version needs.
    ///
    /// Nothing is started while it is `held`.
    pub(super) fn images(
        &mut self,
        name: &RecipeName,
        pipeline: Option<&Pipeline>,
        recipe: &VersionArn,
        held: Option<Waiting>,
    ) {
        if let Some(pipeline) = pipeline {
            self.publication(name, pipeline, recipe);
        }
        let of_recipe: Vec<&Image> = images_of(&self.observed.images, recipe);
        let newest = of_recipe.last().copied();
        let Some(newest) = newest.filter(|_| {
            of_recipe
                .iter()
                .any(|image| image.state != ImageState::Retired)
        }) else {
            // After retired ones the token of the first build would only bring its old answer back.
            let cause = newest.map_or_else(|| "first".to_owned(), |newest| newest.arn.to_string());
            return match held {
                Some(waiting) => self.wait(name, waiting),
                None => self.start(name, recipe, &cause),
            };
        };
        if newest.state == ImageState::Failed && !newest.failed_targets.is_empty() {
            return self.distribution_failed(name, newest);
        }
        let has_available = of_recipe
            .iter()
            .any(|image| image.state == ImageState::Available);
        if let Some(reason) = progress(newest, has_available) {
            self.wait(name, reason);
        }
    }

    /// Publishes the newest available image of `recipe` if the pipeline does not say that it is. As long as
    /// there is none, who joins gets copies of the one that is published.
    pub(super) fn publication(
        &mut self,
        name: &RecipeName,
        pipeline: &Pipeline,
        recipe: &VersionArn,
    ) {
        let current = current(self.observed, pipeline, recipe);
        let Some(image) = current.filter(|image| !image.amis.is_empty()) else {
            return;
        };
        // Whoever reads what is published finds all the copies there.
        if !self.copies(name, pipeline, image) {
            return;
        }
        let published = pipeline
            .tags
            .get(PUBLISHED_TAG)
            .and_then(|arn| arn.parse().ok());
        if !replaces(&image.arn, published.as_ref()) {
            return;
        }
        self.change(Change::Publish(Publish {
            recipename: name.clone(),
            pipeline: pipeline.arn.clone(),
            recipe: recipe.clone(),
            image: image.arn.clone(),
            amis: image.amis.clone(),
        }));
    }

    /// An image that was built is distributed again, and never built again for it.
    fn distribution_failed(&mut self, name: &RecipeName, image: &Image) {
        if copies::retries(image) < copies::MOST_RETRIES {
            return self.retry(name, image);
        }
        let (image, reason) = (image.arn.clone(), copies::failures(image));
        self.refuse(
            name,
            Refused::Distribution {
                image,
                retries: copies::MOST_RETRIES,
                reason,
            },
        );
    }

    fn start(&mut self, name: &RecipeName, recipe: &VersionArn, cause: &str) {
        let pipeline = pipeline_arn(self.desired, self.stack, name);
        self.change(Change::StartBuild(StartBuild {
            token: token(&pipeline, recipe, cause),
            pipeline,
            recipename: name.clone(),
            tags: resources::recipe_tags(self.desired, name),
        }));
    }
}

/// The builds of a recipe version, oldest first.
fn images_of<'a>(images: &'a [Image], recipe: &VersionArn) -> Vec<&'a Image> {
    let mut images: Vec<&Image> = images
        .iter()
        .filter(|image| image.arn.is_of(recipe))
        .collect();
    images.sort_by_key(|image| image.arn.build());
    images
}

/// The newest available build of a recipe version.
pub(super) fn newest_available<'a>(images: &'a [Image], recipe: &VersionArn) -> Option<&'a Image> {
    images_of(images, recipe)
        .into_iter()
        .rev()
        .find(|image| image.state == ImageState::Available)
}

/// The image that consumers launch today: the newest available one of `recipe`, or, as long as that has none
/// or will never have one, the one that the pipeline says is published.
pub(super) fn current<'a>(
    observed: &'a Observed,
    pipeline: &Pipeline,
    recipe: &VersionArn,
) -> Option<&'a Image> {
    let published = || {
        let arn = pipeline.tags.get(PUBLISHED_TAG)?;
        let available = |image: &&Image| image.state == ImageState::Available;
        observed
            .images
            .iter()
            .filter(available)
            .find(|image| image.arn.to_string() == *arn)
    };
    newest_available(&observed.images, recipe).or_else(published)
}

/// The client token of a build: the same pipeline, recipe version and cause give the same build.
///
/// 64 characters, the most that `clientToken` takes (API reference).
pub fn token(pipeline: &PipelineArn, recipe: &VersionArn, cause: &str) -> String {
    digests::build_token(pipeline, recipe, cause).to_string()
}

/// What the newest build of a recipe version makes us wait for.
fn progress(newest: &Image, has_available: bool) -> Option<Waiting> {
    let image = newest.arn.clone();
    match &newest.state {
        ImageState::Running(state) => Some(Waiting::Build {
            image,
            state: state.clone(),
        }),
        ImageState::Failed | ImageState::Cancelled if !has_available => {
            let reason = newest
                .reason
                .clone()
                .unwrap_or_else(|| "no reason given".to_owned());
            Some(Waiting::FailedBuild { image, reason })
        }
        ImageState::Unrecognized(state) => Some(Waiting::Unrecognized {
            subject: image.to_string(),
            state: state.clone(),
        }),
        ImageState::Failed
        | ImageState::Cancelled
        | ImageState::Available
        | ImageState::Retired => None,
    }
}
