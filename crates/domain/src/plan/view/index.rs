//! What is looked up often, put in order once: a plan asks for each recipe's pipeline, images and copies in
//! many steps. Searched for in the lists each time, 1,000 recipes took 13 billion instructions.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::arn::{ImageArn, Version, VersionArn};
use crate::consumers::Account;
use crate::names::{AccountId, PipelineArn, RecipeName};
use crate::observed::{
    Component, Configuration, Image, ImageState, Observed, Pipeline, Recipe, Target, is_owned,
};
use crate::plan::tags::{COPIES_FOR_TAG, COPIES_OF_TAG, PUBLISHED_TAG};
use crate::promotion::{Hold, hold};
use crate::resources::{Distribution, Wanted};

/// The builds of each version of each recipe, by its folded Image Builder name; oldest first.
type Builds<'a> = BTreeMap<&'a str, BTreeMap<Version, Vec<&'a Image>>>;

/// The documents and the world, in the order in which a plan asks for them.
#[derive(Debug)]
pub struct Index<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    observed: &'a Observed,
    pipelines: BTreeMap<&'a PipelineArn, &'a Pipeline>,
    images: Builds<'a>,
    /// What keeps available images from being published.
    held: BTreeMap<&'a ImageArn, Hold>,
    /// The images that copy another one, by that one's ARN, oldest first.
    copying: BTreeMap<&'a str, Vec<&'a Image>>,
    /// Where the copies of an image are, each with the tag of its batch, by the image's ARN.
    copied: BTreeMap<&'a str, BTreeSet<(&'a Target, &'a str)>>,
    distributions: BTreeMap<&'a str, &'a Configuration<Distribution>>,
    /// The versions of each recipe and the builds of each component, by folded name.
    recipes: BTreeMap<&'a str, Vec<&'a Recipe>>,
    components: BTreeMap<&'a str, Vec<&'a Component>>,
    accounts: BTreeMap<&'a AccountId, &'a Account>,
    retired: Vec<RecipeName>,
}

impl<'a> Index<'a> {
    /// Puts what is wanted and what was observed in order.
    pub fn new(wanted: &'a Wanted<'a>, observed: &'a Observed) -> Self {
        let copying = copying(wanted, observed);
        let accounts = wanted.desired.consumers.accounts.iter();
        let catalog = observed.catalog.as_ref();
        let pipelines = first_by(&observed.pipelines, |pipeline| &pipeline.arn);
        let mut index = Self {
            wanted,
            observed,
            held: held(wanted, observed, &pipelines),
            pipelines,
            images: images(observed),
            copied: copied(&copying),
            copying,
            distributions: first_by(&observed.distributions, |one| one.arn.as_str()),
            recipes: by_slug(catalog.map(|catalog| catalog.recipes.as_slice()), |one| {
                one.arn.slug()
            }),
            components: by_slug(
                catalog.map(|catalog| catalog.components.as_slice()),
                |one| one.arn.slug(),
            ),
            accounts: accounts.map(|account| (&account.id, account)).collect(),
            retired: Vec::new(),
        };
        index.retired = index.view().find_retired();
        index
    }

    /// Documents, world and stack, looked at together.
    pub fn view(&'a self) -> View<'a> {
        View {
            desired: self.wanted.desired,
            observed: self.observed,
            stack: self.wanted.stack,
            index: self,
            rejected: &[],
        }
    }

    pub(super) fn pipeline(&self, arn: &PipelineArn) -> Option<&'a Pipeline> {
        self.pipelines.get(arn).copied()
    }

    /// The builds of a recipe version, by whatever pipeline, oldest first.
    pub(super) fn builds_of(&self, recipe: &VersionArn) -> &[&'a Image] {
        self.builds(recipe.slug(), recipe.version())
    }

    /// The builds of the version that an image is of, oldest first.
    pub(super) fn builds_beside(&self, image: &ImageArn) -> &[&'a Image] {
        self.builds(image.slug(), image.version())
    }

    fn builds(&self, slug: &str, version: Version) -> &[&'a Image] {
        let versions = self.images.get(slug);
        let builds = versions.and_then(|versions| versions.get(&version));
        builds.map(Vec::as_slice).unwrap_or_default()
    }

    /// The image of this ARN.
    pub(super) fn image(&self, arn: &ImageArn) -> Option<&'a Image> {
        let mut builds = self.builds_beside(arn).iter().copied();
        builds.find(|image| image.arn == *arn)
    }

    /// What keeps an available image from being published.
    pub(super) fn hold(&self, image: &ImageArn) -> Option<&Hold> {
        self.held.get(image)
    }

    /// The builds of all versions of a recipe, the highest version first, and of each the newest build.
    pub(super) fn newest_first(&self, slug: &str) -> impl Iterator<Item = &'a Image> {
        let versions = self.images.get(slug).into_iter();
        versions.flat_map(|versions| {
            let builds = versions.values().rev();
            builds.flat_map(|builds| builds.iter().rev().copied())
        })
    }

    pub(super) fn copying(&self, image: &str) -> &[&'a Image] {
        self.copying
            .get(image)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether a copy of an image is in a place, under the key of a batch.
    pub(super) fn is_copied(&self, image: &str, target: &Target, batch: &str) -> bool {
        let copied = self.copied.get(image);
        copied.is_some_and(|copied| copied.contains(&(target, batch)))
    }

    pub(super) fn distribution(&self, arn: &str) -> Option<&'a Configuration<Distribution>> {
        self.distributions.get(arn).copied()
    }

    /// The versions of a recipe, as far as the catalog was read.
    pub(super) fn versions(&self, slug: &str) -> &[&'a Recipe] {
        self.recipes
            .get(slug)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The builds of a component, as far as the catalog was read.
    pub(super) fn component_builds(&self, slug: &str) -> &[&'a Component] {
        self.components
            .get(slug)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn account(&self, id: &AccountId) -> Option<&'a Account> {
        self.accounts.get(id).copied()
    }

    pub(super) fn retired(&self) -> &[RecipeName] {
        &self.retired
    }
}

/// Items by their folded name, in the order of the list.
fn by_slug<'a, T>(
    items: Option<&'a [T]>,
    slug: impl Fn(&'a T) -> &'a str,
) -> BTreeMap<&'a str, Vec<&'a T>> {
    let mut all: BTreeMap<_, Vec<&T>> = BTreeMap::new();
    for item in items.unwrap_or_default() {
        all.entry(slug(item)).or_default().push(item);
    }
    all
}

/// Items by a key of theirs; of several with one key, the first.
fn first_by<'a, T, K: Ord>(items: &'a [T], key: impl Fn(&'a T) -> K) -> BTreeMap<K, &'a T> {
    let mut all = BTreeMap::new();
    for item in items {
        all.entry(key(item)).or_insert(item);
    }
    all
}

fn images(observed: &Observed) -> Builds<'_> {
    let mut all = Builds::new();
    for image in &observed.images {
        let versions = all.entry(image.arn.slug()).or_default();
        versions.entry(image.arn.version()).or_default().push(image);
    }
    for builds in all.values_mut().flat_map(BTreeMap::values_mut) {
        builds.sort_by_key(|image| image.arn.build());
    }
    all
}

/// What keeps available images from being published. What is published already, perhaps by an earlier release that
/// set no tag, needs nothing any more but that nobody rejects it.
fn held<'a>(
    wanted: &Wanted<'_>,
    observed: &'a Observed,
    pipelines: &BTreeMap<&PipelineArn, &Pipeline>,
) -> BTreeMap<&'a ImageArn, Hold> {
    let by_slug = wanted.by_slug();
    let is_published = |image: &Image| {
        let pipeline = pipelines.get(&wanted.stack.pipeline_arn(image.arn.slug()));
        pipeline.and_then(|pipeline| pipeline.tags.get(PUBLISHED_TAG))
            == Some(&image.arn.to_string())
    };
    let hold = |image: &'a Image| {
        let entry = by_slug.get(image.arn.slug());
        let promotion = entry.map_or(wanted.desired.promotion, |entry| entry.promotion);
        let objections = observed.objections.get(&image.arn).map(Vec::as_slice);
        let hold = hold(&promotion, &image.arn, &image.tags, objections)?;
        let is_rejected = matches!(hold, Hold::Rejected(_));
        (is_rejected || !is_published(image)).then_some((&image.arn, hold))
    };
    let images = observed.images.iter();
    let available = images.filter(|image| image.state == ImageState::Available);
    available.filter_map(hold).collect()
}

fn copying<'a>(wanted: &Wanted<'_>, observed: &'a Observed) -> BTreeMap<&'a str, Vec<&'a Image>> {
    let mut all: BTreeMap<_, Vec<&Image>> = BTreeMap::new();
    for image in &observed.images {
        let of = image.tags.get(COPIES_OF_TAG);
        if let Some(of) = of.filter(|_| is_owned(&image.tags, &wanted.desired.environment)) {
            all.entry(of.as_str()).or_default().push(image);
        }
    }
    for images in all.values_mut() {
        images.sort_by(|a, b| a.arn.cmp(&b.arn));
    }
    all
}

fn copied<'a>(
    copying: &BTreeMap<&'a str, Vec<&'a Image>>,
) -> BTreeMap<&'a str, BTreeSet<(&'a Target, &'a str)>> {
    let of = |images: &Vec<&'a Image>| {
        let batches = images
            .iter()
            .filter_map(|image| Some((*image, image.tags.get(COPIES_FOR_TAG)?.as_str())));
        let copies = batches.flat_map(|(image, batch)| {
            let copies = image.copies.iter();
            copies.map(move |copy| (&copy.target, batch))
        });
        copies.collect()
    };
    copying
        .iter()
        .map(|(of_image, images)| (*of_image, of(images)))
        .collect()
}
