//! The digests that a pipeline carries as tags: how a satisfied world is recognised from a list of
//! pipelines alone.

use std::collections::BTreeMap;

use super::owned;
use crate::arn::VersionArn;
use crate::desired::{Desired, RecipeEntry};
use crate::names::{Digest, RecipeName};
use crate::observed::{Pipeline, Tags};
use crate::resources;
use crate::site::{DIGEST_TAG, Site, recipe_name};

/// The pipeline's tag for the recipe version that its digest stands for: a pipeline that was
/// repointed by hand differs from it.
const RECIPE_TAG: &str = "goldsmith:recipe";
/// The pipeline's tag for the digest of its infrastructure configuration.
const INFRASTRUCTURE_TAG: &str = "goldsmith:infrastructure";
/// The pipeline's tag for the digest of its distribution configuration.
const DISTRIBUTION_TAG: &str = "goldsmith:distribution";

/// The digests that a pipeline is to be brought to.
pub(super) struct Digests {
    pub(super) recipe: Digest,
    infrastructure: Digest,
    distribution: Digest,
}

impl Digests {
    pub(super) fn new(desired: &Desired, site: &Site, entry: &RecipeEntry) -> Self {
        Self {
            recipe: resources::recipe(desired, site, entry).digest(),
            infrastructure: resources::infrastructure(desired, site).digest(),
            distribution: resources::distribution(desired, site, &entry.name).digest(),
        }
    }

    /// The pipeline's tags once it has been brought to these digests with this recipe version.
    pub(super) fn tags(&self, recipe: &VersionArn) -> Tags {
        [
            (DIGEST_TAG, self.recipe.to_string()),
            (RECIPE_TAG, recipe.to_string()),
            (INFRASTRUCTURE_TAG, self.infrastructure.to_string()),
            (DISTRIBUTION_TAG, self.distribution.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }

    pub(super) fn are_carried_by(&self, pipeline: &Pipeline) -> bool {
        let carried =
            |recipe| self.tags(recipe).iter().all(|(key, value)| pipeline.tags.get(key) == Some(value));
        pipeline.recipe.as_ref().is_some_and(carried)
    }
}

/// Whether some pipeline is missing or does not carry the digests that the documents want.
pub(super) fn any_unsatisfied(desired: &Desired, pipelines: &[Pipeline], site: &Site) -> bool {
    let unsatisfied = |entry: &RecipeEntry| {
        let arn = site.pipeline_arn(&recipe_name(&desired.family, &desired.environment, &entry.name));
        let digests = Digests::new(desired, site, entry);
        pipelines.iter().find(|pipeline| pipeline.arn == arn).is_none_or(|p| !digests.are_carried_by(p))
    };
    desired.recipes.iter().any(unsatisfied)
        || retired(desired, pipelines)
            .iter()
            .any(|(name, pipeline)| !distribution_is_carried(desired, site, name, pipeline))
}

/// Pipelines of ours whose entry left `ami-version`, by recipe name: lists come in no order.
pub(super) fn retired<'a>(
    desired: &Desired,
    pipelines: &'a [Pipeline],
) -> BTreeMap<RecipeName, &'a Pipeline> {
    let listed = |name: &RecipeName| desired.recipes.iter().any(|entry| entry.name.folded() == name.folded());
    let named = owned(desired, pipelines).filter_map(|pipeline| Some((pipeline.recipename()?, pipeline)));
    named.filter(|(name, _)| !listed(name)).collect()
}

/// Whether a pipeline whose entry left carries the distribution that the documents want.
pub(super) fn distribution_is_carried(
    desired: &Desired,
    site: &Site,
    recipe: &RecipeName,
    pipeline: &Pipeline,
) -> bool {
    distribution_tags(desired, site, recipe).iter().all(|(key, value)| pipeline.tags.get(key) == Some(value))
}

/// The tags of a pipeline whose distribution alone was brought up to date.
pub(super) fn distribution_tags(desired: &Desired, site: &Site, recipe: &RecipeName) -> Tags {
    let digest = resources::distribution(desired, site, recipe).digest();
    [(DISTRIBUTION_TAG.to_owned(), digest.to_string())].into()
}
