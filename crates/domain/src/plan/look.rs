//! What a run has to look at beyond the lists, by what the lists say: nothing is read that no decision
//! needs.

use std::collections::BTreeSet;

use super::content::known;
use super::hard;
use super::images::newest_available;
use super::keys::{self, joining, leaving};
use super::rebuild;
pub use super::rebuild::ToObserve;
use super::recipe::{self, carried, pipeline_arn};
use crate::arn::VersionArn;
use crate::desired::{BaseImage, Desired, RecipeEntry};
use crate::names::{AmiId, Digest, KeyArn, ParameterName, ParentImageArn, RecipeName, Region};
use crate::observed::{Configuration, Depth, Observed, Pipeline, is_owned};
use crate::resources;
use crate::stack::StackContext;

/// Whether a plan needs the catalog: some pipeline is missing, or does not carry the digest that the
/// documents want.
pub fn needs_catalog(desired: &Desired, observed: &Observed, stack: &StackContext) -> bool {
    unsatisfied(desired, observed, stack).next().is_some()
}

/// The entries whose pipeline is missing, or does not carry the digest that the documents want, each
/// with that pipeline and digest.
pub(super) fn unsatisfied<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
    stack: &'a StackContext,
) -> impl Iterator<Item = (&'a RecipeEntry, Option<&'a Pipeline>, Digest)> {
    desired.recipes.iter().filter_map(move |entry| {
        let arn = pipeline_arn(desired, stack, &entry.name);
        let digest = resources::recipe(desired, stack, entry).digest();
        let pipeline = observed
            .pipelines
            .iter()
            .find(|pipeline| pipeline.arn == arn);
        let satisfied = pipeline.is_some_and(|pipeline| carried(pipeline, &digest).is_some());
        (!satisfied).then_some((entry, pipeline, digest))
    })
}

/// The infrastructure configurations to get: ours, if it is not as it should be, or in search of drift.
pub fn infrastructure_to_get(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    depth: Depth,
) -> BTreeSet<String> {
    let arn = resources::infrastructure_arn(desired, stack);
    let digest = || resources::infrastructure(desired, stack).digest();
    to_get(desired, &observed.infrastructure, depth, |standing| {
        (*standing == arn).then(digest)
    })
}

/// The distribution configurations to get: those of ours that are not as they should be, or all of ours
/// in search of drift.
pub fn distributions_to_get(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    depth: Depth,
) -> BTreeSet<String> {
    let names: Vec<RecipeName> = recipe::looked_after(desired, &observed.pipelines, stack);
    let digest = |arn: &String| {
        let name = names
            .iter()
            .find(|name| resources::distribution_arn(desired, stack, name) == *arn)?;
        Some(resources::distribution(desired, stack, name).digest())
    };
    to_get(desired, &observed.distributions, depth, digest)
}

fn to_get<T>(
    desired: &Desired,
    all: &[Configuration<T>],
    depth: Depth,
    wanted: impl Fn(&String) -> Option<Digest>,
) -> BTreeSet<String> {
    let ours = all
        .iter()
        .filter(|standing| is_owned(&standing.tags, &desired.environment));
    let differing = ours.filter(|standing| {
        wanted(&standing.arn).is_some_and(|digest| {
            depth == Depth::Content || standing.digest.as_ref() != Some(&digest)
        })
    });
    differing.map(|standing| standing.arn.clone()).collect()
}

/// The recipe versions to get: what an unsatisfied recipe is today, and what it was before if it becomes
/// that again. Without the catalog, none.
pub fn recipes_to_get(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> BTreeSet<VersionArn> {
    let Some(catalog) = &observed.catalog else {
        return BTreeSet::new();
    };
    let versions = unsatisfied(desired, observed, stack).flat_map(|(entry, pipeline, digest)| {
        let content = resources::recipe(desired, stack, entry);
        let today = pipeline.and_then(|pipeline| pipeline.recipe.clone());
        today
            .into_iter()
            .chain(known(catalog, &content, &digest, desired))
    });
    versions.collect()
}

/// The entries whose base has to be known: those that have to be made, or all if `depth` says so.
fn looked_into<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
    stack: &'a StackContext,
    depth: Depth,
) -> impl Iterator<Item = &'a RecipeEntry> {
    let unsatisfied: BTreeSet<&RecipeName> = unsatisfied(desired, observed, stack)
        .map(|(entry, _, _)| &entry.name)
        .collect();
    desired
        .recipes
        .iter()
        .filter(move |entry| depth == Depth::Content || unsatisfied.contains(&entry.name))
}

/// The parameters and the Image Builder images to resolve.
pub fn bases_to_resolve(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    depth: Depth,
) -> (BTreeSet<ParameterName>, BTreeSet<ParentImageArn>) {
    let (mut parameters, mut images) = (BTreeSet::new(), BTreeSet::new());
    for entry in looked_into(desired, observed, stack, depth) {
        match &entry.base {
            BaseImage::Parameter(name) => {
                parameters.insert(name.clone());
            }
            BaseImage::Image(arn) => {
                images.insert(arn.clone());
            }
            BaseImage::Ami(_) | BaseImage::Recipe(_) => {}
        }
    }
    (parameters, images)
}

/// The base AMIs to look into, once the rest of the catalog is there.
pub fn base_amis(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    depth: Depth,
) -> BTreeSet<AmiId> {
    let Some(catalog) = &observed.catalog else {
        return BTreeSet::new();
    };
    let ami = |entry: &RecipeEntry| match &entry.base {
        BaseImage::Ami(ami) => Some(ami.clone()),
        BaseImage::Parameter(name) => catalog.parameters.get(name)?.parse().ok(),
        BaseImage::Image(arn) => catalog.parents.get(arn).cloned(),
        BaseImage::Recipe(name) => ami_of_recipe(desired, observed, stack, name),
    };
    looked_into(desired, observed, stack, depth)
        .filter_map(ami)
        .collect()
}

/// The AMI of the newest available image of what another recipe is to be.
fn ami_of_recipe(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    name: &RecipeName,
) -> Option<AmiId> {
    let entry = desired
        .recipes
        .iter()
        .find(|entry| entry.name.folded() == name.folded())?;
    let content = resources::recipe(desired, stack, entry);
    let (digest, arn) = (content.digest(), pipeline_arn(desired, stack, &entry.name));
    let pipeline = observed
        .pipelines
        .iter()
        .find(|pipeline| pipeline.arn == arn);
    let carried = pipeline.and_then(|pipeline| carried(pipeline, &digest));
    let recipe =
        carried.or_else(|| known(observed.catalog.as_ref()?, &content, &digest, desired))?;
    newest_available(&observed.images, &recipe)?
        .amis
        .get(&stack.region)
        .cloned()
}

/// The AMIs of ours to ask for their licence: none, once every pipeline tells that of its images or no
/// copy is missing. Refused copies are missing for ever; their pipelines tell.
pub fn licences_to_read(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> BTreeSet<AmiId> {
    hard::licences_to_read(
        &desired.without(&keys::unknown(desired, observed, stack)),
        observed,
        stack,
    )
}

/// The facts to ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// Instance types.
    pub instance_types: BTreeSet<String>,
    /// Keys.
    pub keys: BTreeSet<KeyArn>,
    /// Regions.
    pub regions: BTreeSet<Region>,
    /// The subnet.
    pub subnet: Option<String>,
}

/// What a plan has to be checked against: nothing, if nothing has to be made and `depth` does not ask
/// for more.
pub fn questions(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    depth: Depth,
) -> Questions {
    let all = depth == Depth::Content || needs_catalog(desired, observed, stack);
    let infrastructure = all || differs_infrastructure(desired, observed, stack);
    let regions = all || differs_distribution(desired, observed, stack);
    let further = || {
        let further = desired
            .regions
            .iter()
            .filter(move |(region, _)| regions && **region != stack.region);
        further.filter_map(|(region, settings)| Some((region, settings.kms_key.as_ref()?)))
    };
    let own = all.then(|| stack.key.clone());
    let types = desired.instances.types.iter().filter(|_| infrastructure);
    Questions {
        instance_types: types.cloned().collect(),
        keys: further().map(|(_, key)| key.clone()).chain(own).collect(),
        regions: further().map(|(region, _)| region.clone()).collect(),
        subnet: desired.instances.subnet.clone().filter(|_| infrastructure),
    }
}

/// The further Regions' keys and the former ones, whose policies are compared in every run.
pub fn further_keys(desired: &Desired, stack: &StackContext) -> BTreeSet<KeyArn> {
    let current = desired
        .regions
        .iter()
        .filter(|(region, _)| **region != stack.region);
    let current = current.filter_map(|(_, settings)| settings.kms_key.as_ref());
    let former = desired
        .regions
        .values()
        .flat_map(|settings| &settings.former_kms_keys);
    current
        .chain(former.filter(|key| **key != stack.key))
        .cloned()
        .collect()
}

/// Whether launch permissions have to be read: somebody joins or leaves, or may have been let in by
/// somebody else.
pub fn needs_amis(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    depth: Depth,
) -> bool {
    let keys = keys::keys(desired, observed, stack);
    depth == Depth::Content
        || differs_distribution(desired, observed, stack)
        || keys
            .iter()
            .any(|key| !leaving(key, desired, observed, stack).is_empty())
}

/// The Regions that may hold AMIs of ours: those of the documents, and those that images went to once.
pub fn regions_to_search(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> BTreeSet<Region> {
    let once = observed
        .images
        .iter()
        .filter(|image| is_owned(&image.tags, &desired.environment));
    let once = once.flat_map(|image| image.amis.keys());
    desired
        .regions
        .keys()
        .chain(once)
        .chain([&stack.region])
        .cloned()
        .collect()
}

/// The keys that somebody leaves, whose grants have to be read.
pub fn keys_left(desired: &Desired, observed: &Observed, stack: &StackContext) -> BTreeSet<KeyArn> {
    let keys = keys::keys(desired, observed, stack).into_iter();
    keys.filter(|key| !leaving(key, desired, observed, stack).accounts.is_empty())
        .map(|key| key.arn.clone())
        .collect()
}

/// The accounts to look into for what they build again, once everything else is there.
pub fn rebuilds_to_observe(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> ToObserve {
    rebuild::to_observe(desired, observed, stack)
}

/// Whether it has to be known whom KMS or S3 has not taken lately: somebody is still to be let in.
pub fn needs_quarantine(desired: &Desired, observed: &Observed, stack: &StackContext) -> bool {
    keys::readers_join(desired, observed, stack)
        || keys::keys(desired, observed, stack)
            .iter()
            .any(|key| !joining(key, desired, observed, stack).is_empty())
}

fn differs_infrastructure(desired: &Desired, observed: &Observed, stack: &StackContext) -> bool {
    let arn = resources::infrastructure_arn(desired, stack);
    let digest = resources::infrastructure(desired, stack).digest();
    let pipelines = !recipe::looked_after(desired, &observed.pipelines, stack).is_empty();
    pipelines && !stands(&observed.infrastructure, &arn, &digest)
}

fn differs_distribution(desired: &Desired, observed: &Observed, stack: &StackContext) -> bool {
    recipe::looked_after(desired, &observed.pipelines, stack)
        .iter()
        .any(|name| {
            let arn = resources::distribution_arn(desired, stack, name);
            !stands(
                &observed.distributions,
                &arn,
                &resources::distribution(desired, stack, name).digest(),
            )
        })
}

fn stands<T>(all: &[Configuration<T>], arn: &str, digest: &Digest) -> bool {
    all.iter()
        .any(|standing| standing.arn == arn && standing.digest.as_ref() == Some(digest))
}
