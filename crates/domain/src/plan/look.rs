//! What a run has to look at beyond the lists, by what the lists say: nothing is read that no decision
//! needs.

use std::collections::BTreeSet;

use super::content::known;
use super::recipe::{self, carried, pipeline_arn};
use crate::arn::VersionArn;
use crate::desired::{BaseImage, Desired, RecipeEntry};
use crate::names::{AmiId, Digest, RecipeName};
use crate::observed::{Configuration, Depth, Observed, Pipeline, is_owned};
use crate::resources;
use crate::site::Site;

/// Whether a plan needs the catalog: some pipeline is missing, or does not carry the digest that the
/// documents want.
pub fn needs_catalog(desired: &Desired, observed: &Observed, site: &Site) -> bool {
    unsatisfied(desired, observed, site).next().is_some()
}

/// The entries whose pipeline is missing, or does not carry the digest that the documents want, each
/// with that pipeline and digest.
pub(super) fn unsatisfied<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
    site: &'a Site,
) -> impl Iterator<Item = (&'a RecipeEntry, Option<&'a Pipeline>, Digest)> {
    desired.recipes.iter().filter_map(move |entry| {
        let arn = pipeline_arn(desired, site, &entry.name);
        let digest = resources::recipe(desired, site, entry).digest();
        let pipeline = observed.pipelines.iter().find(|pipeline| pipeline.arn == arn);
        let satisfied = pipeline.is_some_and(|pipeline| carried(pipeline, &digest).is_some());
        (!satisfied).then_some((entry, pipeline, digest))
    })
}

/// The infrastructure configurations to get: ours, if it is not as it should be, or in search of drift.
pub fn infrastructure_to_get(
    desired: &Desired,
    observed: &Observed,
    site: &Site,
    depth: Depth,
) -> BTreeSet<String> {
    let arn = resources::infrastructure_arn(desired, site);
    let digest = || resources::infrastructure(desired, site).digest();
    to_get(desired, &observed.infrastructure, depth, |standing| (*standing == arn).then(digest))
}

/// The distribution configurations to get: those of ours that are not as they should be, or all of ours
/// in search of drift.
pub fn distributions_to_get(
    desired: &Desired,
    observed: &Observed,
    site: &Site,
    depth: Depth,
) -> BTreeSet<String> {
    let names: Vec<RecipeName> = recipe::looked_after(desired, &observed.pipelines, site);
    let digest = |arn: &String| {
        let name = names.iter().find(|name| resources::distribution_arn(desired, site, name) == *arn)?;
        Some(resources::distribution(desired, site, name).digest())
    };
    to_get(desired, &observed.distributions, depth, digest)
}

fn to_get<T>(
    desired: &Desired,
    all: &[Configuration<T>],
    depth: Depth,
    wanted: impl Fn(&String) -> Option<Digest>,
) -> BTreeSet<String> {
    let ours = all.iter().filter(|standing| is_owned(&standing.tags, &desired.environment));
    let differing = ours.filter(|standing| {
        wanted(&standing.arn)
            .is_some_and(|digest| depth == Depth::Content || standing.digest.as_ref() != Some(&digest))
    });
    differing.map(|standing| standing.arn.clone()).collect()
}

/// The recipe versions to get: what an unsatisfied recipe is today, and what it was before if it becomes
/// that again. Without the catalog, none.
pub fn recipes_to_get(desired: &Desired, observed: &Observed, site: &Site) -> BTreeSet<VersionArn> {
    let Some(catalog) = &observed.catalog else { return BTreeSet::new() };
    let versions = unsatisfied(desired, observed, site).flat_map(|(entry, pipeline, digest)| {
        let content = resources::recipe(desired, site, entry);
        let today = pipeline.and_then(|pipeline| pipeline.recipe.clone());
        today.into_iter().chain(known(catalog, &content, &digest, desired))
    });
    versions.collect()
}

/// The base AMIs that a plan may have to look into.
pub fn base_amis(desired: &Desired) -> BTreeSet<AmiId> {
    let ami = |entry: &RecipeEntry| match &entry.base {
        BaseImage::Ami(ami) => Some(ami.clone()),
        BaseImage::Parameter(_) | BaseImage::Image(_) | BaseImage::Recipe(_) => None,
    };
    desired.recipes.iter().filter_map(ami).collect()
}
