//! Pipelines and recipe versions.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::arn::{Version, VersionArn};
use crate::desired::RecipeEntry;
use crate::names::{Digest, PipelineArn, RecipeName, fold};
use crate::observed::{Depth, Pipeline, digest_of, is_owned};
use crate::plan::turns::Turns;
use crate::resources::{self, Digested, RecipeContent};
use crate::stack::recipe_name;
use crate::tags::Tags;

impl<'a> View<'a> {
    /// The Image Builder name of everything that belongs to one recipe.
    pub(in crate::plan) fn recipe_name(self, recipe: &RecipeName) -> String {
        recipe_name(&self.desired.family, &self.desired.environment, recipe)
    }

    /// The tags of everything that belongs to one recipe.
    pub(in crate::plan) fn recipe_tags(self, recipe: &RecipeName) -> Tags {
        let entry = self.entry(recipe);
        entry.map_or_else(
            || resources::recipe_tags(self.desired, recipe),
            |entry| resources::entry_tags(self.desired, entry),
        )
    }

    /// The ARN of a recipe's pipeline.
    pub fn pipeline_arn(self, recipe: &RecipeName) -> PipelineArn {
        self.wanted().names(recipe).pipeline
    }

    /// The pipeline of a recipe, whoever's it is.
    pub(crate) fn pipeline(self, recipe: &RecipeName) -> Option<&'a Pipeline> {
        self.index.pipeline(&self.pipeline_arn(recipe))
    }

    /// The pipelines that belong to the documents' environment: they carry its tags, and have the name that
    /// the documents give them. Tags alone prove nothing, since anybody who may tag can set them.
    pub(in crate::plan) fn owned_pipelines(self) -> impl Iterator<Item = &'a Pipeline> {
        self.tagged_pipelines()
            .filter(move |pipeline| self.has_its_name(pipeline))
    }

    /// The pipelines that carry the environment's tags, and have another name than the documents give.
    pub(in crate::plan) fn misnamed_pipelines(self) -> impl Iterator<Item = &'a Pipeline> {
        self.tagged_pipelines()
            .filter(move |pipeline| !self.has_its_name(pipeline))
    }

    fn tagged_pipelines(self) -> impl Iterator<Item = &'a Pipeline> {
        let pipelines = self.observed.pipelines.iter();
        pipelines.filter(move |pipeline| pipeline.is_owned(&self.desired.environment))
    }

    fn has_its_name(self, pipeline: &Pipeline) -> bool {
        let name = pipeline.recipename();
        name.is_some_and(|name| self.pipeline_arn(&name) == pipeline.arn)
    }

    /// Recipes that have a pipeline of ours and no entry, in the order of the pipelines' ARNs: lists
    /// come in no order.
    pub(in crate::plan) fn retired_recipes(self) -> &'a [RecipeName] {
        self.index.retired()
    }

    pub(super) fn find_retired(self) -> Vec<RecipeName> {
        let wanted: BTreeSet<PipelineArn> = self
            .desired
            .recipes
            .iter()
            .map(|entry| self.pipeline_arn(&entry.name))
            .collect();
        let mut retired: Vec<&Pipeline> = self
            .owned_pipelines()
            .filter(|pipeline| !wanted.contains(&pipeline.arn))
            .collect();
        retired.sort_by(|a, b| a.arn.cmp(&b.arn));
        retired
            .into_iter()
            .filter_map(Pipeline::recipename)
            .collect()
    }

    /// Every recipe whose distribution is kept up to date: those of the documents, and the retired ones.
    pub(in crate::plan) fn managed_recipes(self) -> Vec<RecipeName> {
        let entries = self.desired.recipes.iter().map(|entry| entry.name.clone());
        let retired = self.retired_recipes().iter().cloned();
        entries.chain(retired).collect()
    }

    /// The recipes whose turn it is to be looked at closely.
    pub(in crate::plan) fn in_turn(self, depth: Depth) -> BTreeSet<RecipeName> {
        let mut names = if depth.is_close() {
            self.managed_recipes()
        } else {
            Vec::new()
        };
        let turns = Turns::of_recipes(depth, self.observed.time, names.len());
        names.retain(|name| turns.is_some_and(|turns| turns.has_recipe(name)));
        names.into_iter().collect()
    }

    /// The recipes that are looked after, by the folded names of their images.
    pub(super) fn managed_by_slug(self) -> BTreeMap<String, RecipeName> {
        let names = self.managed_recipes().into_iter();
        names
            .map(|name| (fold(&self.recipe_name(&name)), name))
            .collect()
    }

    /// The content that a recipe is to have, with its digest.
    pub(in crate::plan) fn wanted_content(self, entry: &RecipeEntry) -> (RecipeContent, Digest) {
        let Digested { content, digest } = self.wanted().recipe(entry);
        (content, digest)
    }

    /// The digest of the content that a recipe is to have.
    pub(in crate::plan) fn wanted_digest(self, entry: &RecipeEntry) -> Digest {
        self.wanted().recipe_digest(entry)
    }

    /// The entries whose pipeline is missing, or does not carry the digest that the documents want.
    pub(in crate::plan) fn unsatisfied(self) -> impl Iterator<Item = &'a RecipeEntry> {
        let entries = self.desired.recipes.iter();
        entries.filter(move |entry| self.current_version(entry).is_none())
    }

    /// Whether a plan needs the catalog: some pipeline is missing, or does not carry the digest that
    /// the documents want.
    pub fn needs_catalog(self) -> bool {
        self.unsatisfied().next().is_some()
    }

    /// The versions under a recipe's name whose tags say that they have this content.
    pub(in crate::plan) fn versions_tagged_as(
        self,
        content: &RecipeContent,
        digest: &Digest,
    ) -> impl Iterator<Item = VersionArn> + use<'a> {
        let digest = digest.clone();
        let versions = self.index.versions(&fold(&content.name)).iter();
        let same = versions.filter(move |recipe| {
            is_owned(&recipe.tags, &self.desired.environment)
                && digest_of(&recipe.tags).as_ref() == Some(&digest)
        });
        same.map(|recipe| recipe.arn.clone())
    }

    /// The versions of a recipe that there are, by its Image Builder name.
    pub(in crate::plan) fn versions_named(self, name: &str) -> impl Iterator<Item = Version> {
        let versions = self.index.versions(&fold(name)).iter();
        versions.map(|recipe| recipe.arn.version())
    }

    /// The newest recipe version of ours that says what the documents want, as far as the catalog was read.
    pub(in crate::plan) fn find_version(self, entry: &RecipeEntry) -> Option<VersionArn> {
        let (content, digest) = self.wanted_content(entry);
        self.versions_tagged_as(&content, &digest)
            .filter(|version| self.says_what_is_wanted(entry, version) == Some(true))
            .max()
    }

    /// The recipe version of the wanted content, if it exists: what the pipeline builds already, or
    /// what the catalog has.
    pub(in crate::plan) fn wanted_version(self, entry: &RecipeEntry) -> Option<VersionArn> {
        self.current_version(entry)
            .or_else(|| self.find_version(entry))
    }
}
