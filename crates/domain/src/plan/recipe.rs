//! One recipe: its recipe version, distribution configuration and pipeline, and the order between them.

use super::content::known;
use super::digests::{Digests, distribution_is_carried, distribution_tags, retired};
use super::{Change, Configured, CreatePipeline, Planner, Refused, TagPipeline, UpdatePipeline, Waiting};
use crate::arn::VersionArn;
use crate::desired::RecipeEntry;
use crate::names::RecipeName;
use crate::observed::{Catalog, Pipeline, PipelineStatus, digest_of, is_owned};
use crate::resources;
use crate::site::recipe_name;

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

    /// Their targets: a pipeline's tags may claim a digest only if none of these failed.
    fn targets(&self) -> Vec<String> {
        vec![self.recipe.to_string(), self.infrastructure.clone(), self.distribution.clone()]
    }
}

impl<'a> Planner<'a> {
    pub(super) fn recipes(&mut self) {
        for entry in &self.desired.recipes {
            if let Err(reason) = self.recipe(entry) {
                self.refuse(&entry.name, reason);
                self.last_good(&entry.name);
            }
        }
        for (name, pipeline) in retired(self.desired, &self.observed.pipelines) {
            self.retired(&name, pipeline);
        }
    }

    /// One entry of `ami-version`, from its components to its images.
    fn recipe(&mut self, entry: &RecipeEntry) -> Result<(), Refused> {
        let digests = Digests::new(self.desired, self.site, entry);
        let pipeline = self.pipeline(&entry.name)?;
        match (pipeline, self.catalog()) {
            (Some(pipeline), _) if digests.are_carried_by(pipeline) => {
                let recipe =
                    pipeline.recipe.clone().ok_or_else(|| Refused::NotOurs(pipeline.arn.to_string()))?;
                self.images(&entry.name, Some(pipeline), &recipe);
            }
            (pipeline, Some(catalog)) => {
                let recipe = self.bring(entry, &digests, pipeline, catalog)?;
                self.images(&entry.name, pipeline, &recipe);
            }
            (_, None) => self.not_observed(&entry.name),
        }
        Ok(())
    }

    fn not_observed(&mut self, recipe: &RecipeName) {
        self.wait(recipe, Waiting::Observation(recipe.clone()));
    }

    /// The pipeline of a recipe, refused if the name is taken by somebody else's.
    fn pipeline(&self, recipe: &RecipeName) -> Result<Option<&'a Pipeline>, Refused> {
        let name = recipe_name(&self.desired.family, &self.desired.environment, recipe);
        let arn = self.site.pipeline_arn(&name);
        let pipeline = self.observed.pipelines.iter().find(|pipeline| pipeline.arn == arn);
        match pipeline {
            Some(foreign) if !foreign.is_owned(&self.desired.environment) => {
                Err(Refused::NotOurs(arn.to_string()))
            }
            Some(_) | None => Ok(pipeline),
        }
    }

    /// A refused entry changes nothing, but what its pipeline builds today is still looked after.
    fn last_good(&mut self, recipe: &RecipeName) {
        if let Ok(Some(pipeline)) = self.pipeline(recipe)
            && let Some(current) = pipeline.recipe.clone()
        {
            self.publication(recipe, pipeline, &current);
        }
    }

    fn retired(&mut self, recipe: &RecipeName, pipeline: &Pipeline) {
        self.wait(recipe, Waiting::Retirement(recipe.clone()));
        self.last_good(recipe);
        if distribution_is_carried(self.desired, self.site, recipe, pipeline) {
            return;
        }
        let Some(catalog) = self.catalog() else { return self.not_observed(recipe) };
        match self.distribution(recipe, catalog) {
            Ok(distribution) => {
                let tags = distribution_tags(self.desired, self.site, recipe);
                let arn = pipeline.arn.clone();
                self.change(Change::TagPipeline(TagPipeline { arn, tags, claims: vec![distribution] }));
            }
            Err(reason) => self.refuse(recipe, reason),
        }
    }

    /// Brings everything of one recipe to its digests; the recipe version that is then current.
    fn bring(
        &mut self,
        entry: &RecipeEntry,
        digests: &Digests,
        pipeline: Option<&Pipeline>,
        catalog: &Catalog,
    ) -> Result<VersionArn, Refused> {
        let content = resources::recipe(self.desired, self.site, entry);
        let known = known(catalog, &content, &digests.recipe, self.desired);
        // Refusals first: a recipe that is refused changes nothing.
        let devices = if known.is_none() { self.devices(entry, catalog)? } else { Vec::new() };
        let infrastructure = self.infrastructure(catalog)?;
        let distribution = self.distribution(&entry.name, catalog)?;
        let recipe = known.unwrap_or_else(|| self.create_recipe(content, &digests.recipe, devices, catalog));
        let parts = Parts { recipe: recipe.clone(), infrastructure, distribution };
        match pipeline {
            None => self.create_pipeline(entry, digests, parts),
            Some(pipeline) => self.point(entry, digests, pipeline, parts),
        }
        Ok(recipe)
    }

    /// Brings the distribution configuration of a recipe to its digest; its ARN.
    fn distribution(&mut self, recipe: &RecipeName, catalog: &Catalog) -> Result<String, Refused> {
        let content = resources::distribution(self.desired, self.site, recipe);
        let digest = content.digest();
        let arn = self.site.arn("distribution-configuration", &content.name);
        let tags = resources::resource_tags(self.desired, &digest);
        let existing = catalog.distributions.iter().find(|configuration| configuration.arn == arn);
        let configured = Configured { arn: arn.clone(), content, tags };
        match existing {
            None => self.change(Change::CreateDistribution(configured)),
            Some(existing) if !is_owned(&existing.tags, &self.desired.environment) => {
                return Err(Refused::NotOurs(arn));
            }
            Some(existing) if digest_of(&existing.tags) != Some(digest) => {
                self.change(Change::UpdateDistribution(configured));
            }
            Some(_) => {}
        }
        Ok(arn)
    }

    fn create_pipeline(&mut self, entry: &RecipeEntry, digests: &Digests, parts: Parts) {
        let name = recipe_name(&self.desired.family, &self.desired.environment, &entry.name);
        let tags = resources::recipe_tags(self.desired, &entry.name);
        let tags = tags.into_iter().chain(digests.tags(&parts.recipe)).collect();
        let arn = self.site.pipeline_arn(&name);
        let Parts { recipe, infrastructure, distribution } = parts;
        self.change(Change::CreatePipeline(CreatePipeline {
            arn,
            name,
            recipe,
            infrastructure,
            distribution,
            tags,
        }));
    }

    /// Points the pipeline at its resources, then records in its tags what it was brought to.
    fn point(&mut self, entry: &RecipeEntry, digests: &Digests, pipeline: &Pipeline, parts: Parts) {
        if let PipelineStatus::Unrecognized(state) = &pipeline.status {
            let subject = pipeline.arn.to_string();
            return self.wait(&entry.name, Waiting::Unrecognized { subject, state: state.clone() });
        }
        let (arn, status) = (pipeline.arn.clone(), pipeline.status.clone());
        let tag =
            TagPipeline { arn: arn.clone(), tags: digests.tags(&parts.recipe), claims: parts.targets() };
        if !parts.are_those_of(pipeline) {
            let Parts { recipe, infrastructure, distribution } = parts;
            let update = UpdatePipeline { arn, recipe, infrastructure, distribution, status };
            self.change(Change::UpdatePipeline(update));
        }
        self.change(Change::TagPipeline(tag));
    }
}
