//! What the documents want as Image Builder resources, each made and digested once.
//!
//! A run asks for the same content in many steps, and what a recipe is built on is part of its content.
//! Made anew for every question, the digests of 1,000 recipes took most of a run's instructions.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::recipe::recipe;
use super::{Distribution, Infrastructure, RecipeContent};
use super::{distribution, distribution_arn, infrastructure, infrastructure_arn};
use crate::desired::{Desired, RecipeEntry};
use crate::names::{Digest, PipelineArn, RecipeName};
use crate::stack::{StackContext, recipe_name};

/// Content with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digested<T> {
    /// What is wanted.
    pub content: T,
    /// The digest of it.
    pub digest: Digest,
}

/// The documents, with the resources that they ask for in this stack.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// What the documents say.
    pub desired: &'a Desired,
    /// Where the run happens.
    pub stack: &'a StackContext,
    /// By folded name.
    recipes: BTreeMap<String, WantedRecipe<'a>>,
    infrastructure_arn: String,
    infrastructure: OnceLock<Digested<Infrastructure>>,
}

/// One entry, with what is made of it.
#[derive(Debug)]
struct WantedRecipe<'a> {
    entry: &'a RecipeEntry,
    names: Names,
    content: OnceLock<Digested<RecipeContent>>,
    distribution: OnceLock<Digested<Distribution>>,
}

/// What the resources of a recipe are called.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) pipeline: PipelineArn,
    pub(crate) distribution: String,
}

impl Names {
    fn new(desired: &Desired, stack: &StackContext, recipe: &RecipeName) -> Self {
        let name = recipe_name(&desired.family, &desired.environment, recipe);
        Self {
            pipeline: stack.pipeline_arn(&name),
            distribution: distribution_arn(desired, stack, recipe),
        }
    }
}

impl<'a> Wanted<'a> {
    /// What `desired` wants in this stack.
    pub fn new(desired: &'a Desired, stack: &'a StackContext) -> Self {
        let of = |entry: &'a RecipeEntry| WantedRecipe {
            entry,
            names: Names::new(desired, stack, &entry.name),
            content: OnceLock::new(),
            distribution: OnceLock::new(),
        };
        let entries = desired.recipes.iter();
        Self {
            desired,
            stack,
            recipes: entries
                .map(|entry| (entry.name.folded(), of(entry)))
                .collect(),
            infrastructure_arn: infrastructure_arn(desired, stack),
            infrastructure: OnceLock::new(),
        }
    }

    /// The entry of a recipe; names that fold to the same are the same.
    pub fn entry(&self, recipe: &RecipeName) -> Option<&'a RecipeEntry> {
        Some(self.of(recipe)?.entry)
    }

    /// The entries by the folded names of their Image Builder resources.
    pub(crate) fn by_slug(&self) -> BTreeMap<String, &'a RecipeEntry> {
        let slug = |wanted: &WantedRecipe<'a>| {
            let arn = wanted.names.pipeline.as_str();
            (
                arn.rsplit('/').next().unwrap_or_default().to_owned(),
                wanted.entry,
            )
        };
        self.recipes.values().map(slug).collect()
    }

    fn of(&self, recipe: &RecipeName) -> Option<&WantedRecipe<'a>> {
        self.recipes.get(&recipe.folded())
    }

    /// What the resources of a recipe are called, whether the documents have it or not.
    pub(crate) fn names(&self, recipe: &RecipeName) -> Names {
        let of_entry = self.of(recipe).map(|wanted| wanted.names.clone());
        of_entry.unwrap_or_else(|| Names::new(self.desired, self.stack, recipe))
    }

    /// The recipe content that `entry` is to have.
    pub fn recipe(&self, entry: &RecipeEntry) -> Digested<RecipeContent> {
        match self.of(&entry.name) {
            Some(wanted) => wanted
                .content
                .get_or_init(|| self.make_recipe(entry))
                .clone(),
            None => self.make_recipe(entry),
        }
    }

    /// The digest of the content that `entry` is to have.
    pub fn recipe_digest(&self, entry: &RecipeEntry) -> Digest {
        match self.of(&entry.name) {
            Some(wanted) => {
                let made = wanted.content.get_or_init(|| self.make_recipe(entry));
                made.digest.clone()
            }
            None => self.make_recipe(entry).digest,
        }
    }

    /// Parents first: a line of recipes that are built on each other is no deeper than the documents allow.
    fn make_recipe(&self, entry: &RecipeEntry) -> Digested<RecipeContent> {
        let parent = |name: &RecipeName| Some(self.recipe_digest(self.entry(name)?));
        let content = recipe(self.desired, self.stack, entry, parent);
        let digest = content.digest();
        Digested { content, digest }
    }

    /// The distribution configuration that a recipe is to have.
    pub fn distribution(&self, recipe: &RecipeName) -> Digested<Distribution> {
        let made = self.of(recipe).map(|wanted| {
            let make = || self.make_distribution(recipe);
            wanted.distribution.get_or_init(make).clone()
        });
        made.unwrap_or_else(|| self.make_distribution(recipe))
    }

    /// The digest of the distribution configuration that a recipe is to have.
    pub fn distribution_digest(&self, recipe: &RecipeName) -> Digest {
        let made = self.of(recipe).map(|wanted| {
            let make = || self.make_distribution(recipe);
            wanted.distribution.get_or_init(make).digest.clone()
        });
        made.unwrap_or_else(|| self.make_distribution(recipe).digest)
    }

    fn make_distribution(&self, recipe: &RecipeName) -> Digested<Distribution> {
        let content = distribution(self.desired, self.stack, recipe);
        let digest = content.digest();
        Digested { content, digest }
    }

    /// The ARN of the infrastructure configuration.
    pub fn infrastructure_arn(&self) -> &str {
        &self.infrastructure_arn
    }

    /// The infrastructure configuration of the environment.
    pub fn infrastructure(&self) -> &Digested<Infrastructure> {
        self.infrastructure.get_or_init(|| {
            let content = infrastructure(self.desired, self.stack);
            let digest = content.digest();
            Digested { content, digest }
        })
    }
}
