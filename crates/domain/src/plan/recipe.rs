//! One recipe: its recipe version and pipeline, and the order between them.

use super::content::known;
use super::{
    Change, CreatePipeline, EncryptedDevice, Planner, Refused, TagPipeline, UpdatePipeline, Waiting, owned,
};
use crate::arn::VersionArn;
use crate::desired::{Desired, RecipeEntry};
use crate::names::{Digest, PipelineArn, RecipeName};
use crate::observed::{Pipeline, PipelineStatus, Tags};
use crate::resources::{self, RecipeContent};
use crate::site::{DIGEST_TAG, Site, recipe_name};

/// The pipeline's tag for the recipe version that its digest stands for: a pipeline that was
/// repointed by hand differs from it.
const RECIPE_TAG: &str = "goldsmith:recipe";

/// Where a recipe version comes from.
enum Source {
    /// It exists.
    Known(VersionArn),
    /// It has to be made, with these devices.
    New(Vec<EncryptedDevice>),
}

/// What a pipeline points at.
struct Parts {
    recipe: VersionArn,
    infrastructure: String,
    distribution: String,
}

impl Parts {
    fn are_those_of(&self, pipeline: &Pipeline) -> bool {
        pipeline.recipe.as_ref() == Some(&self.recipe)
            && pipeline.infrastructure == self.infrastructure
            && pipeline.distribution.as_ref() == Some(&self.distribution)
    }
}

/// The pipeline of a recipe.
pub fn pipeline_arn(desired: &Desired, site: &Site, recipe: &RecipeName) -> PipelineArn {
    site.pipeline_arn(&recipe_name(&desired.family, &desired.environment, recipe))
}

/// The recipe version of a pipeline, if its tags say that it has the content with this digest.
pub(super) fn carried(pipeline: &Pipeline, digest: &Digest) -> Option<VersionArn> {
    let recipe = pipeline.recipe.clone()?;
    let claims = claim(&recipe, digest);
    claims.iter().all(|(key, value)| pipeline.tags.get(key) == Some(value)).then_some(recipe)
}

/// The tags that say which content a pipeline has been brought to. They are set after it was: a run
/// that is cut off leaves a pipeline that is looked into again.
fn claim(recipe: &VersionArn, digest: &Digest) -> Tags {
    [(DIGEST_TAG, digest.to_string()), (RECIPE_TAG, recipe.to_string())]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
}

/// Recipes that have a pipeline of ours and no entry, in the order of the pipelines' ARNs: lists come in
/// no order.
fn retired(desired: &Desired, pipelines: &[Pipeline], site: &Site) -> Vec<RecipeName> {
    let entries = desired.recipes.iter();
    let wanted: Vec<_> = entries.map(|entry| pipeline_arn(desired, site, &entry.name)).collect();
    let mut ours: Vec<&Pipeline> = owned(desired, pipelines).collect();
    ours.retain(|pipeline| !wanted.contains(&pipeline.arn));
    ours.sort_by(|a, b| a.arn.cmp(&b.arn));
    ours.into_iter().filter_map(Pipeline::recipename).collect()
}

/// Every recipe whose distribution is kept up to date: those of the documents, and the retired ones.
pub(super) fn looked_after(desired: &Desired, pipelines: &[Pipeline], site: &Site) -> Vec<RecipeName> {
    let entries = desired.recipes.iter().map(|entry| entry.name.clone());
    entries.chain(retired(desired, pipelines, site)).collect()
}

impl<'a> Planner<'a> {
    pub(super) fn recipes(&mut self) {
        for entry in &self.desired.recipes {
            if let Err(reason) = self.recipe(entry) {
                self.refuse(&entry.name, reason);
                self.last_good(&entry.name);
            }
        }
        for name in self.retired() {
            self.wait(&name, Waiting::Retirement(name.clone()));
            self.last_good(&name);
        }
    }

    /// One entry of `ami-version`, from its recipe version to its images.
    fn recipe(&mut self, entry: &RecipeEntry) -> Result<(), Refused> {
        let pipeline = self.pipeline(&entry.name)?;
        let content = resources::recipe(self.desired, self.site, entry);
        let digest = content.digest();
        let Some(source) = self.source(entry, pipeline, &content, &digest)? else {
            self.wait(&entry.name, Waiting::Observation(entry.name.clone()));
            return Ok(());
        };
        let (infrastructure, distribution) = (self.infrastructure()?, self.distribution(&entry.name)?);
        let recipe = match source {
            Source::Known(recipe) => recipe,
            Source::New(devices) => self.create_recipe(entry, content, &digest, devices),
        };
        let parts = Parts { recipe: recipe.clone(), infrastructure, distribution };
        match pipeline {
            None => self.create_pipeline(entry, &digest, parts),
            Some(pipeline) => self.point(entry, &digest, pipeline, parts),
        }
        self.images(&entry.name, pipeline, &recipe);
        Ok(())
    }

    /// Where the recipe version of this content comes from; none if that was not observed. A recipe
    /// that cannot be made is refused here, before anything is changed for it.
    fn source(
        &self,
        entry: &RecipeEntry,
        pipeline: Option<&Pipeline>,
        content: &RecipeContent,
        digest: &Digest,
    ) -> Result<Option<Source>, Refused> {
        if let Some(recipe) = pipeline.and_then(|pipeline| carried(pipeline, digest)) {
            return Ok(Some(Source::Known(recipe)));
        }
        let Some(catalog) = self.catalog() else { return Ok(None) };
        match known(catalog, content, digest, self.desired) {
            Some(recipe) => Ok(Some(Source::Known(recipe))),
            None => self.devices(entry, catalog).map(|devices| Some(Source::New(devices))),
        }
    }

    /// The pipeline of a recipe, refused if the name is taken by somebody else's.
    fn pipeline(&self, recipe: &RecipeName) -> Result<Option<&'a Pipeline>, Refused> {
        let arn = pipeline_arn(self.desired, self.site, recipe);
        let pipeline = self.observed.pipelines.iter().find(|pipeline| pipeline.arn == arn);
        match pipeline {
            Some(foreign) if !foreign.is_owned(&self.desired.environment) => {
                Err(Refused::NotOurs(arn.to_string()))
            }
            Some(_) | None => Ok(pipeline),
        }
    }

    fn retired(&self) -> Vec<RecipeName> {
        retired(self.desired, &self.observed.pipelines, self.site)
    }

    /// What a refused or retired recipe builds today is still looked after: whoever left gets nothing
    /// new, and what was built is published.
    fn last_good(&mut self, recipe: &RecipeName) {
        let Ok(Some(pipeline)) = self.pipeline(recipe) else { return };
        for brought in [self.infrastructure(), self.distribution(recipe)] {
            if let Err(reason) = brought {
                self.refuse(recipe, reason);
            }
        }
        if let Some(current) = pipeline.recipe.clone() {
            self.publication(recipe, pipeline, &current);
        }
    }

    fn create_pipeline(&mut self, entry: &RecipeEntry, digest: &Digest, parts: Parts) {
        let name = recipe_name(&self.desired.family, &self.desired.environment, &entry.name);
        let tags = self.pipeline_tags(&entry.name, &parts.recipe, digest);
        let arn = self.site.pipeline_arn(&name);
        let Parts { recipe, infrastructure, distribution } = parts;
        let create = CreatePipeline { arn, name, recipe, infrastructure, distribution, tags };
        self.change(Change::CreatePipeline(create));
    }

    /// Points the pipeline at its resources, then records in its tags what it was brought to.
    fn point(&mut self, entry: &RecipeEntry, digest: &Digest, pipeline: &Pipeline, parts: Parts) {
        if let PipelineStatus::Unrecognized(state) = &pipeline.status {
            let subject = pipeline.arn.to_string();
            return self.wait(&entry.name, Waiting::Unrecognized { subject, state: state.clone() });
        }
        let (arn, status) = (pipeline.arn.clone(), pipeline.status.clone());
        let tags = self.pipeline_tags(&entry.name, &parts.recipe, digest);
        if !parts.are_those_of(pipeline) {
            let Parts { recipe, infrastructure, distribution } = parts;
            let update = UpdatePipeline { arn: arn.clone(), recipe, infrastructure, distribution, status };
            self.change(Change::UpdatePipeline(update));
        }
        if tags.iter().any(|(key, value)| pipeline.tags.get(key) != Some(value)) {
            self.change(Change::TagPipeline(TagPipeline { arn, tags }));
        }
    }

    fn pipeline_tags(&self, name: &RecipeName, recipe: &VersionArn, digest: &Digest) -> Tags {
        resources::recipe_tags(self.desired, name).into_iter().chain(claim(recipe, digest)).collect()
    }
}
