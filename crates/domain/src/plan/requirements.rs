//! What a run has to look at beyond the lists, by what the lists say: nothing is read that no decision
//! needs.
//!
//! Some parts depend on others: which base AMIs matter is only known once the catalog says where
//! parameters point. So [`requirements`] is a function of all that was observed so far. It is asked
//! again after each reading, and what depends on something unread is then simply more than before. A
//! caller that asks too early reads too little in that round, and never the wrong thing: there is no
//! order of fourteen functions to keep.

use std::collections::{BTreeMap, BTreeSet};

use super::recipes::check_names;
use super::turns::Slice;
use super::view::{self, PublicationToCompare, RebuildsToObserve, View};
use crate::arn::{ComponentBuildArn, ImageArn, VersionArn};
use crate::desired::{BaseImage, Desired, RecipeEntry};
use crate::names::{AmiId, Digest, KeyArn, ParameterName, ParentImageArn, RecipeName, Region};
use crate::observed::{Configuration, Depth, is_owned};
use crate::resources;
use crate::stack::StackContext;

/// What a run has to read, as far as it can be said of what it has read by now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The configurations to get by content.
    pub configurations: Configurations,
    /// What new resources are made from; none if nothing has to be made.
    pub catalog: Option<CatalogRequirements>,
    /// The facts of the account that a plan is checked against.
    pub facts: FactRequirements,
    /// Who may launch and use what is there.
    pub access: AccessRequirements,
    /// The AMIs of ours whose licence has to be read.
    pub licences: BTreeSet<AmiId>,
    /// The accounts to look into for what they build again.
    pub rebuilds: RebuildsToObserve,
    /// What consumers read, as it has to be; only in search of drift.
    pub publications: Vec<PublicationToCompare>,
    /// The images of which it has to be known who built them.
    pub origins: BTreeSet<ImageArn>,
    /// The images whose results have to be judged, each with its recipe.
    pub results: BTreeMap<ImageArn, RecipeName>,
    /// The published AMIs whose snapshots are looked at, by Region.
    pub snapshots: BTreeMap<Region, BTreeSet<AmiId>>,
    /// The failed images whose leftovers are looked for, and the Regions to look in.
    pub leftovers: (BTreeSet<ImageArn>, BTreeSet<Region>),
    /// Whether instances are listed that failed builds may have kept.
    pub kept_instances: bool,
}

/// The configurations to get by content: those of ours that are not as they should be, or all of ours
/// in search of drift.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configurations {
    /// Infrastructure configurations.
    pub infrastructure: BTreeSet<String>,
    /// Distribution configurations.
    pub distributions: BTreeSet<String>,
}

/// What is read of the catalog beside its lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogRequirements {
    /// The parameters that recipes are built on.
    pub parameters: BTreeSet<ParameterName>,
    /// The Image Builder images that recipes are built on.
    pub parents: BTreeSet<ParentImageArn>,
    /// The base AMIs; complete once parameters and parents are resolved.
    pub base_amis: BTreeSet<AmiId>,
    /// The recipe versions to get by content: what an unsatisfied recipe is today, and what it was
    /// before if it becomes that again. None before the recipes are listed.
    pub recipes: BTreeSet<VersionArn>,
    /// The component builds to get by content. None before the components are listed.
    pub components: BTreeSet<ComponentBuildArn>,
}

/// The facts to ask for: nothing, if nothing has to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactRequirements {
    /// Instance types.
    pub instance_types: BTreeSet<String>,
    /// Keys.
    pub keys: BTreeSet<KeyArn>,
    /// Regions.
    pub regions: BTreeSet<Region>,
    /// The subnet.
    pub subnet: Option<String>,
    /// The instance profile, if it is not the stack's own.
    pub instance_profile: Option<String>,
}

/// What has to be known of who may launch and use what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessRequirements {
    /// The Regions whose AMIs of ours are listed with their launch permissions; none if no consumer
    /// joins or leaves, and nobody searches for drift.
    pub regions: Option<BTreeSet<Region>>,
    /// Whether the AMIs are only listed in search of drift.
    pub regions_only_for_drift: bool,
    /// The AMIs whose launch permissions are read, if not those of all.
    pub slice: Option<Slice>,
    /// The keys whose grants are listed: those that a consumer leaves, and in search of drift all of them.
    pub keys_left: BTreeSet<KeyArn>,
    /// How many of these keys are only searched for drift.
    pub keys_only_for_drift: usize,
    /// Whether it has to be known whom KMS or S3 has lately refused: a consumer is still to get access.
    pub quarantine: bool,
}

/// The further Regions' keys and the former ones, whose policies every run reads. They follow from the
/// documents alone, so that they are known before anything is observed.
pub fn further_keys(desired: &Desired, stack: &StackContext) -> BTreeSet<KeyArn> {
    view::further_keys(desired, stack)
}

/// What has to be read for a plan, looked at as closely as `depth` says.
pub fn requirements(view: View<'_>, depth: Depth) -> Requirements {
    Requirements {
        configurations: configurations(view, depth),
        catalog: catalog(view, depth),
        facts: facts(view, depth),
        access: access(view, depth),
        licences: view.as_served(licences),
        rebuilds: view.rebuilds_to_observe(depth),
        publications: view.as_served(|view| publications(view, depth)),
        origins: view.origins_to_read(depth),
        results: view.results_to_read(),
        snapshots: view.amis_in_turn(depth),
        leftovers: view.leftovers_to_read(),
        kept_instances: depth.is_close(),
    }
}

fn licences(view: View<'_>) -> BTreeSet<AmiId> {
    view.licences_to_read()
}

fn publications(view: View<'_>, depth: Depth) -> Vec<PublicationToCompare> {
    view.publications_to_compare(depth)
}

fn configurations(view: View<'_>, depth: Depth) -> Configurations {
    let View { observed, .. } = view;
    let infrastructure = view.wanted().infrastructure_arn();
    let of_infrastructure = |arn: &String| {
        let digest = || view.wanted().infrastructure().digest.clone();
        (arn == infrastructure).then(digest)
    };
    let names = view.managed_recipes().into_iter();
    let by_arn = names.map(|name| (view.wanted().names(&name).distribution, name));
    let by_arn: BTreeMap<String, RecipeName> = by_arn.collect();
    let of_distribution = |arn: &String| Some(view.wanted().distribution_digest(by_arn.get(arn)?));
    let recipes = view.in_turn(depth);
    let in_turn = |arn: &String| by_arn.get(arn).is_some_and(|name| recipes.contains(name));
    let close = |_: &String| depth.is_close();
    Configurations {
        infrastructure: differing(view, &observed.infrastructure, close, of_infrastructure),
        distributions: differing(view, &observed.distributions, in_turn, of_distribution),
    }
}

/// The configurations of ours whose digest is not the wanted one, or that `looks` says to look at.
fn differing<T>(
    view: View<'_>,
    all: &[Configuration<T>],
    looks: impl Fn(&String) -> bool,
    wanted: impl Fn(&String) -> Option<Digest>,
) -> BTreeSet<String> {
    let differs = |configuration: &&Configuration<T>| {
        wanted(&configuration.arn).is_some_and(|digest| {
            looks(&configuration.arn) || configuration.digest.as_ref() != Some(&digest)
        })
    };
    all.iter()
        .filter(|configuration| is_owned(&configuration.tags, &view.desired.environment))
        .filter(differs)
        .map(|configuration| configuration.arn.clone())
        .collect()
}

/// The catalog is read if something has to be made, in search of drift, or if instance types may change: they
/// have to fit every base.
fn catalog(view: View<'_>, depth: Depth) -> Option<CatalogRequirements> {
    if !depth.is_close() && !view.needs_catalog() && !differs_infrastructure(view) {
        return None;
    }
    let mut required = CatalogRequirements {
        recipes: recipes(view, depth),
        components: components(view, depth),
        ..CatalogRequirements::default()
    };
    for entry in inspected(view, depth) {
        match &entry.base {
            BaseImage::Parameter(name) => {
                required.parameters.insert(name.clone());
            }
            BaseImage::Image(arn) => {
                required.parents.insert(arn.clone());
            }
            BaseImage::Ami(_) | BaseImage::Recipe(_) => {}
        }
        required.base_amis.extend(view.base_ami(entry));
    }
    Some(required)
}

/// The entries whose base has to be known: those that have to be made, or all if `depth` says so. Bases are read
/// many at once.
fn inspected(view: View<'_>, depth: Depth) -> impl Iterator<Item = &RecipeEntry> {
    let all = depth.is_close() || differs_infrastructure(view);
    to_look_at(view, move |_| all)
}

/// The entries whose recipe versions have to be known: those that have to be made, and those whose turn it is.
fn compared(view: View<'_>, depth: Depth) -> impl Iterator<Item = &RecipeEntry> {
    let all = differs_infrastructure(view);
    let in_turn = view.in_turn(depth);
    to_look_at(view, move |name| all || in_turn.contains(name))
}

/// The entries that have to be made, and those that `looks` says to look at. Nothing is asked for a recipe whose
/// parts are refused by their names: no service sees a name that the stack does not read.
fn to_look_at(
    view: View<'_>,
    looks: impl Fn(&RecipeName) -> bool,
) -> impl Iterator<Item = &RecipeEntry> {
    let unsatisfied: BTreeSet<&RecipeName> = view.unsatisfied().map(|entry| &entry.name).collect();
    let entries = view.desired.recipes.iter();
    entries
        .filter(move |entry| looks(&entry.name) || unsatisfied.contains(&entry.name))
        .filter(move |entry| check_names(view, entry).is_ok())
}

/// The recipe versions to read: what pipelines build, and what would be used by its tags.
fn recipes(view: View<'_>, depth: Depth) -> BTreeSet<VersionArn> {
    if view.catalog().is_none() {
        return BTreeSet::new();
    }
    let versions = compared(view, depth).flat_map(|entry| {
        let (content, digest) = view.wanted_content(entry);
        let pipeline = view.pipeline(&entry.name);
        let today = pipeline.and_then(|pipeline| pipeline.recipe.clone());
        today
            .into_iter()
            .chain(view.versions_tagged_as(&content, &digest))
    });
    versions.collect()
}

/// The component builds to read: those that these recipe versions use, or would use by their tags.
fn components(view: View<'_>, depth: Depth) -> BTreeSet<ComponentBuildArn> {
    let entries = compared(view, depth);
    let documents = entries.flat_map(|entry| resources::component_documents(view.desired, entry));
    let builds = documents.flat_map(|document| view.builds_tagged_as(document));
    builds.cloned().collect()
}

fn facts(view: View<'_>, depth: Depth) -> FactRequirements {
    let desired = view.desired;
    let all = depth.is_close() || view.needs_catalog();
    let infrastructure = all || differs_infrastructure(view);
    let regions = all || differs_distribution(view);
    let further = || {
        let further = desired
            .regions
            .iter()
            .filter(move |(region, _)| regions && !view.is_home(region));
        further.filter_map(|(region, settings)| Some((region, settings.kms_key.as_ref()?)))
    };
    let own = all.then(|| view.stack.key.clone());
    let types = desired.instances.types.iter().filter(|_| infrastructure);
    FactRequirements {
        instance_types: types.cloned().collect(),
        keys: further().map(|(_, key)| key.clone()).chain(own).collect(),
        regions: further().map(|(region, _)| region.clone()).collect(),
        subnet: desired.instances.subnet.clone().filter(|_| infrastructure),
        instance_profile: view.further_profile().filter(|_| infrastructure).cloned(),
    }
}

fn access(view: View<'_>, depth: Depth) -> AccessRequirements {
    // Who leaves may only be known from what could not be read.
    let changes =
        differs_distribution(view) || view.has_leaving() || !view.observed.unreadable.is_empty();
    let listed = changes || depth.is_close();
    AccessRequirements {
        regions: listed.then(|| regions_to_search(view)),
        regions_only_for_drift: listed && !changes,
        slice: (depth == Depth::Hour && !changes).then(|| view.slice()),
        keys_left: match depth {
            Depth::Digest => view.keys_left(),
            Depth::Hour | Depth::Content => view
                .keys_left()
                .union(&view.keys_to_search())
                .cloned()
                .collect(),
        },
        keys_only_for_drift: match depth {
            Depth::Digest => 0,
            Depth::Hour | Depth::Content => {
                view.keys_to_search().difference(&view.keys_left()).count()
            }
        },
        quarantine: view.has_joining(),
    }
}

/// The Regions that may hold AMIs of ours: those of the documents, and those that images went to once.
fn regions_to_search(view: View<'_>) -> BTreeSet<Region> {
    let own = view
        .observed
        .images
        .iter()
        .filter(|image| is_owned(&image.tags, &view.desired.environment));
    let once = own.flat_map(|image| image.amis.keys());
    view.desired
        .regions
        .keys()
        .chain(once)
        .chain([&view.stack.region])
        .cloned()
        .collect()
}

fn differs_infrastructure(view: View<'_>) -> bool {
    let arn = view.wanted().infrastructure_arn();
    let digest = &view.wanted().infrastructure().digest;
    let mut all = view.observed.infrastructure.iter();
    !view.managed_recipes().is_empty()
        && !all.any(|found| found.arn == arn && found.digest.as_ref() == Some(digest))
}

fn differs_distribution(view: View<'_>) -> bool {
    view.managed_recipes().iter().any(|name| {
        let found = view.distribution_configuration(&view.wanted().names(name).distribution);
        let Some(found) = found else {
            // Where nothing was built yet, nothing is shared: a recipe that is refused for good must not make
            // every run look into all AMIs.
            return view.pipeline(name).is_some();
        };
        found.digest.as_ref() != Some(&view.wanted().distribution_digest(name))
    })
}
