//! The content of a recipe version: what it is built on, what runs on it, and its volumes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::entry_tags;
use crate::desired::{
    BaseImage, ComponentDocument, ComponentRef, ComponentUse, Desired, Platform, RESULTS_BUCKET,
    RecipeEntry, Volume,
};
use crate::digest;
use crate::names::{
    AmiId, ComponentArn, Digest, KeyArn, ParameterName, ParentImageArn, RecipeName,
};
use crate::stack::{StackContext, environment_name, recipe_name};
use crate::tags::Tags;

/// A recipe, before it has a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeContent {
    /// Its name.
    pub name: String,
    /// What it is built on.
    pub parent: ParentPin,
    /// What runs on it, in order.
    pub components: Vec<PinnedComponent>,
    /// The volumes, matched to the base AMI's devices.
    pub volumes: Vec<Volume>,
    /// The key of every volume.
    pub key: KeyArn,
    /// Tags that Image Builder puts on the AMI while it builds.
    pub ami_tags: Tags,
}

/// What a recipe is built on, as its digest sees it: by content where it is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentPin {
    /// An AMI.
    Ami(AmiId),
    /// The AMI that a parameter names, whichever that is.
    Parameter(ParameterName),
    /// An Image Builder image.
    Image(ParentImageArn),
    /// Our image of another recipe: when that recipe's content changes, so does this one's.
    Recipe {
        /// The other recipe's Image Builder name.
        name: String,
        /// The digest of its content.
        digest: Digest,
    },
}

/// A component with the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedComponent {
    /// The component.
    pub component: ComponentPin,
    /// Values of its parameters, by name.
    pub parameters: BTreeMap<String, String>,
}

/// A component as a recipe's digest sees it: by content where it is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentPin {
    /// Somebody else's component.
    Arn(ComponentArn),
    /// Our component of this name and content.
    Document {
        /// The component's name.
        name: String,
        /// The digest of its document.
        digest: Digest,
    },
}

/// The recipe content that the documents want for `entry`. `digest_of` has the digest of the content that
/// another recipe is to have, for what is built on it.
pub(super) fn recipe(
    desired: &Desired,
    stack: &StackContext,
    entry: &RecipeEntry,
    digest_of: impl Fn(&RecipeName) -> Option<Digest>,
) -> RecipeContent {
    let components = components(desired, stack, entry);
    RecipeContent {
        name: recipe_name(&desired.family, &desired.environment, &entry.name),
        parent: parent(desired, &entry.base, digest_of),
        components: components.map(|used| pinned(desired, &used)).collect(),
        volumes: desired.volumes.clone(),
        key: stack.key.clone(),
        ami_tags: entry_tags(desired, entry),
    }
}

/// The name of the component made from the document whose key ends in `stem`.
pub fn component_name(desired: &Desired, stem: &str) -> String {
    format!(
        "{}-{stem}",
        environment_name(&desired.family, &desired.environment)
    )
}

/// What a recipe runs, in order: the environment's build components, the entry's own, what compliance
/// adds, the environment's test components, the scan of compliance.
pub fn components<'a>(
    desired: &'a Desired,
    stack: &StackContext,
    entry: &'a RecipeEntry,
) -> impl Iterator<Item = Cow<'a, ComponentUse>> {
    let build = desired
        .build_components
        .iter()
        .chain(&entry.components)
        .map(Cow::Borrowed);
    let test = desired
        .test_components
        .iter()
        .chain(&desired.compliance_scan);
    let all = build
        .chain(compliance(desired, stack, entry).map(Cow::Owned))
        .chain(test.map(Cow::Borrowed));
    all.map(|used| with_results_bucket(used, stack))
}

/// The component with the output bucket's name, if its document takes it.
fn with_results_bucket<'a>(
    used: Cow<'a, ComponentUse>,
    stack: &StackContext,
) -> Cow<'a, ComponentUse> {
    match &used.component {
        ComponentRef::Document(document) if document.takes_results_bucket => {
            let mut used = used.into_owned();
            let bucket = stack.output_bucket.clone();
            used.parameters.insert(RESULTS_BUCKET.to_owned(), bucket);
            Cow::Owned(used)
        }
        ComponentRef::Document(_) | ComponentRef::Arn(_) => used,
    }
}

/// The component documents of ours that a recipe runs.
pub fn component_documents<'a>(
    desired: &'a Desired,
    entry: &'a RecipeEntry,
) -> impl Iterator<Item = &'a ComponentDocument> {
    let all = desired
        .build_components
        .iter()
        .chain(&entry.components)
        .chain(&desired.test_components)
        .chain(&desired.compliance_scan);
    all.filter_map(|used| match &used.component {
        ComponentRef::Document(document) => Some(document),
        ComponentRef::Arn(_) => None,
    })
}

/// Amazon's STIG component for the platform of an entry. The components of one level each, such as
/// `stig-build-linux-high`, are older; today's take the level as a parameter (user guide, "STIG
/// hardening components").
fn compliance(
    desired: &Desired,
    stack: &StackContext,
    entry: &RecipeEntry,
) -> Option<ComponentUse> {
    let level = desired.compliance?;
    let name = match platform(desired, entry) {
        Platform::Linux => "stig-build-linux",
        Platform::Windows => "stig-build-windows",
    };
    let component = ComponentRef::Arn(stack.managed_component(name)?);
    let parameters = [("Level".to_owned(), level.as_str().to_owned())].into();
    Some(ComponentUse {
        component,
        parameters,
    })
}

/// The platform that an entry says, or that the component documents of its recipe run on; Linux if
/// neither tells.
pub(crate) fn platform(desired: &Desired, entry: &RecipeEntry) -> Platform {
    let documents = component_documents(desired, entry)
        .map(|document| document.platform)
        .next();
    entry.platform.or(documents).unwrap_or(Platform::Linux)
}

/// What `base` is by content. The documents have no cycle of recipes: it was a problem of theirs.
fn parent(
    desired: &Desired,
    base: &BaseImage,
    digest_of: impl Fn(&RecipeName) -> Option<Digest>,
) -> ParentPin {
    match base {
        BaseImage::Ami(ami) => ParentPin::Ami(ami.clone()),
        BaseImage::Parameter(name) => ParentPin::Parameter(name.clone()),
        BaseImage::Image(arn) => ParentPin::Image(arn.clone()),
        BaseImage::Recipe(name) => ParentPin::Recipe {
            name: recipe_name(&desired.family, &desired.environment, name),
            digest: digest_of(name).unwrap_or_else(|| digest::of_bytes(&[])),
        },
    }
}

fn pinned(desired: &Desired, used: &ComponentUse) -> PinnedComponent {
    PinnedComponent {
        component: pin(desired, &used.component),
        parameters: used.parameters.clone(),
    }
}

fn pin(desired: &Desired, component: &ComponentRef) -> ComponentPin {
    match component {
        ComponentRef::Arn(arn) => ComponentPin::Arn(arn.clone()),
        ComponentRef::Document(document) => ComponentPin::Document {
            name: component_name(desired, &document.stem),
            digest: document.digest.clone(),
        },
    }
}
