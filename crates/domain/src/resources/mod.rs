//! The Image Builder resources that the documents ask for, each with the digest of its content.
//!
//! Invariant: no date, commit or build URL ever enters a digest, so that a re-merge of the same
//! documents changes nothing.

mod digests;
mod distribution;
mod infrastructure;
mod recipe;
mod suites;
mod wanted;

pub use self::distribution::{
    Distribution, RegionDistribution, distribution, distribution_arn, regions_without_key,
    sharing_in,
};
pub use self::infrastructure::{Infrastructure, infrastructure, infrastructure_arn};
pub(crate) use self::recipe::platform;
pub use self::recipe::{
    ComponentPin, ParentPin, PinnedComponent, RecipeContent, component_documents, component_name,
    components,
};
pub use self::suites::expected_suites;
pub use self::wanted::{Digested, Wanted};
use crate::desired::{Desired, RecipeEntry};
use crate::names::{Digest, RecipeName};
use crate::stack::{DIGEST_TAG, ENVIRONMENT_TAG, RECIPENAME_TAG};
use crate::tags::Tags;

/// What marks the digest in a description.
const DIGEST_MARK: &str = "goldsmith:digest=";

/// The description of a configuration with this digest.
///
/// An update can replace a configuration, but cannot set its tags. The description is replaced together
/// with the content, so after two racing updates its digest still tells which content won.
pub fn description(digest: &Digest) -> String {
    format!("{DIGEST_MARK}{digest}")
}

/// The digest in the description of a configuration of ours.
pub fn digest_in(description: &str) -> Option<Digest> {
    description.strip_prefix(DIGEST_MARK)?.parse().ok()
}

/// The tags of an immutable resource of ours that was made from content with this digest.
pub fn resource_tags(desired: &Desired, digest: &Digest) -> Tags {
    let mut tags = owned_tags(desired);
    tags.insert(DIGEST_TAG.to_owned(), digest.to_string());
    tags
}

/// The tags of everything that belongs to one recipe: those of its entry, those of the environment,
/// the environment's name and the recipe's name.
pub fn recipe_tags(desired: &Desired, recipe: &RecipeName) -> Tags {
    let entry = desired.recipes.iter().find(|entry| entry.name == *recipe);
    tags_of(desired, entry, recipe)
}

/// The same for a recipe of the documents.
pub(crate) fn entry_tags(desired: &Desired, entry: &RecipeEntry) -> Tags {
    tags_of(desired, Some(entry), &entry.name)
}

fn tags_of(desired: &Desired, entry: Option<&RecipeEntry>, recipe: &RecipeName) -> Tags {
    let mut tags: Tags = entry.map(|entry| entry.tags.clone()).unwrap_or_default();
    tags.extend(owned_tags(desired));
    tags.insert(RECIPENAME_TAG.to_owned(), recipe.to_string());
    tags
}

/// The tags of everything of ours: those of the document, and the environment's name.
pub fn owned_tags(desired: &Desired) -> Tags {
    let mut tags: Tags = desired.tags.clone();
    tags.insert(ENVIRONMENT_TAG.to_owned(), desired.environment.to_string());
    tags
}
