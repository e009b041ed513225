//! What makes components, recipe versions and pipelines in the simulated world.

use std::collections::BTreeMap;

use goldsmith_domain::arn::VersionArn;
use goldsmith_domain::digest;
use goldsmith_domain::observed::{Component, Pipeline, PipelineStatus, Recipe, RecipeContents};
use goldsmith_domain::plan::{
    CreateComponent, CreatePipeline, CreateRecipe, PutKeyPolicy, UpdatePipeline,
};
use goldsmith_domain::scan::ImageScan;

use super::{World, stack};

impl World {
    pub(super) fn put_key_policy(&mut self, put: &PutKeyPolicy) {
        if put.key == stack().key {
            self.key_policy.clone_from(&put.policy);
        } else {
            self.further_key_policies
                .insert(put.key.clone(), put.policy.clone());
        }
    }

    pub(super) fn create_component(&mut self, create: &CreateComponent) {
        let mut existing = self.catalog.components.iter();
        assert!(
            existing.all(|existing| existing.arn != create.arn),
            "exists"
        );
        let digest = digest::of_bytes(create.data.as_bytes());
        let data = &mut self.catalog.component_data;
        data.insert(create.arn.clone(), digest);
        self.catalog.components.push(Component {
            arn: create.arn.clone(),
            tags: create.tags.clone(),
        });
    }

    pub(super) fn create_recipe(&mut self, create: &CreateRecipe) {
        assert!(!self.has_recipe(&create.arn), "exists");
        self.catalog.recipes.push(Recipe {
            arn: create.arn.clone(),
            tags: create.tags.clone(),
        });
        self.catalog
            .contents
            .insert(create.arn.clone(), RecipeContents::from(create));
    }

    pub(super) fn has_recipe(&self, arn: &VersionArn) -> bool {
        let mut existing = self.catalog.recipes.iter();
        existing.any(|existing| existing.arn == *arn)
    }

    pub(super) fn create_pipeline(&mut self, create: &CreatePipeline) {
        assert!(self.has_recipe(&create.recipe), "no such recipe");
        self.pipelines.push(Pipeline {
            arn: create.arn.clone(),
            description: create.description.clone(),
            status: PipelineStatus::Enabled,
            recipe: Some(create.recipe.clone()),
            infrastructure: create.infrastructure.clone(),
            distribution: Some(create.distribution.clone()),
            tags: create.tags.clone(),
            others: scans(create.scan),
        });
    }

    pub(super) fn update_pipeline(&mut self, update: &UpdatePipeline) {
        assert!(self.has_recipe(&update.recipe), "no such recipe");
        let pipeline = self.pipeline_mut(update.arn.as_str());
        pipeline.recipe = Some(update.recipe.clone());
        pipeline.description.clone_from(&update.description);
        pipeline.infrastructure.clone_from(&update.infrastructure);
        pipeline.distribution = Some(update.distribution.clone());
        pipeline.status.clone_from(&update.status);
        pipeline.others = scans(update.scan);
    }
}

/// What Image Builder says of a pipeline's scans.
fn scans(scan: Option<ImageScan>) -> BTreeMap<String, String> {
    let scan = scan.map(|scan| ("scans".to_owned(), scan.to_string()));
    scan.into_iter().collect()
}
