//! What a new recipe version is made from, and the components in it.

use std::collections::BTreeSet;

use super::{
    Change, ComponentWithParameters, CreateComponent, CreateRecipe, EncryptedDevice, Planner,
    RecipeComponent,
};
use crate::arn::{ComponentBuildArn, Version, VersionArn};
use crate::desired::{ComponentDocument, ComponentRef, Desired, RecipeEntry};
use crate::names::{Digest, fold};
use crate::observed::{Catalog, Component, digest_of, is_owned};
use crate::resources::{self, RecipeContent, component_name};

impl<'a> Planner<'a> {
    /// Makes the next version of a recipe; its ARN.
    pub(super) fn create_recipe(
        &mut self,
        entry: &RecipeEntry,
        content: RecipeContent,
        digest: &Digest,
        (parent, devices): (String, Vec<EncryptedDevice>),
    ) -> VersionArn {
        let catalog = self.catalog();
        let series = self.stack.recipe_arn(&content.name, Version::FIRST);
        let recipes = catalog.iter().flat_map(|catalog| &catalog.recipes);
        let existing = recipes
            .map(|recipe| &recipe.arn)
            .filter(|arn| arn.slug() == series.slug());
        let arn = self.stack.recipe_arn(
            &content.name,
            Version::after(existing.map(VersionArn::version)),
        );
        let components = self.components(entry);
        self.change(Change::CreateRecipe(CreateRecipe {
            arn: arn.clone(),
            name: content.name,
            parent,
            components,
            devices,
            ami_tags: content.ami_tags,
            tags: resources::resource_tags(self.desired, digest),
        }));
        arn
    }

    /// The components of a recipe, in order; those of ours that are missing are made.
    fn components(&mut self, entry: &RecipeEntry) -> Vec<ComponentWithParameters> {
        let all = resources::components(self.desired, self.stack, entry);
        all.map(|used| {
            let component = match &used.component {
                ComponentRef::Arn(arn) => RecipeComponent::Foreign(arn.clone()),
                ComponentRef::Document(document) => RecipeComponent::Ours(self.component(document)),
            };
            ComponentWithParameters {
                component,
                parameters: used.parameters.clone(),
            }
        })
        .collect()
    }

    /// The build of our component with this document's content, made if there is none.
    fn component(&mut self, document: &ComponentDocument) -> ComponentBuildArn {
        let name = component_name(self.desired, &document.stem);
        if let Some(planned) = self.components.get(&name) {
            return planned.clone();
        }
        let next = Version::after(self.builds(&name).map(|component| component.arn.version()));
        let arn = self.known_component(document);
        let arn = arn.unwrap_or_else(|| self.create_component(document, &name, next));
        self.components.insert(name, arn.clone());
        arn
    }

    /// Every build of our component of this name.
    fn builds(&self, name: &str) -> impl Iterator<Item = &'a Component> + use<'a> {
        let series = self.stack.component_arn(name, Version::FIRST);
        let components = self
            .catalog()
            .into_iter()
            .flat_map(|catalog| &catalog.components);
        components.filter(move |component| component.arn.slug() == series.slug())
    }

    /// The newest build of ours with this document's content.
    fn known_component(&self, document: &ComponentDocument) -> Option<ComponentBuildArn> {
        let builds = self.builds(&component_name(self.desired, &document.stem));
        let same = builds.filter(|component| {
            is_owned(&component.tags, &self.desired.environment)
                && digest_of(&component.tags).as_ref() == Some(&document.digest)
        });
        same.map(|component| component.arn.clone()).max()
    }

    /// How many components have to be made for `entry`.
    pub(super) fn missing_components(&self, entry: &RecipeEntry) -> usize {
        let mut missing = BTreeSet::new();
        for document in resources::component_documents(self.desired, entry) {
            let name = component_name(self.desired, &document.stem);
            if !self.components.contains_key(&name) && self.known_component(document).is_none() {
                missing.insert(name);
            }
        }
        missing.len()
    }

    fn create_component(
        &mut self,
        document: &ComponentDocument,
        name: &str,
        version: Version,
    ) -> ComponentBuildArn {
        let arn = ComponentBuildArn::first_of(self.stack.component_arn(name, version));
        self.change(Change::CreateComponent(CreateComponent {
            arn: arn.clone(),
            name: name.to_owned(),
            description: document.key.clone(),
            platform: document.platform,
            data: document.data.clone(),
            tags: resources::resource_tags(self.desired, &document.digest),
        }));
        arn
    }
}

/// The newest recipe version of ours with this content.
pub(super) fn known(
    catalog: &Catalog,
    content: &RecipeContent,
    digest: &Digest,
    desired: &Desired,
) -> Option<VersionArn> {
    let slug = fold(&content.name);
    let same = catalog.recipes.iter().filter(|recipe| {
        recipe.arn.slug() == slug
            && is_owned(&recipe.tags, &desired.environment)
            && digest_of(&recipe.tags).as_ref() == Some(digest)
    });
    same.map(|recipe| recipe.arn.clone()).max()
}
