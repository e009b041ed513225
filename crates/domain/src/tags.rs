//! Tags of resources, and what those of ours say.

use std::collections::BTreeMap;

use crate::names::{Digest, Environment};
use crate::stack::{DIGEST_TAG, ENVIRONMENT_TAG};

/// Tags of a resource.
pub type Tags = BTreeMap<String, String>;

/// Whether a resource with these tags may be changed by this environment's functions.
pub fn is_owned(tags: &Tags, environment: &Environment) -> bool {
    tags.get(ENVIRONMENT_TAG)
        .is_some_and(|tag| tag == environment.as_str())
}

/// The digest that a resource's tags carry.
pub fn digest_of(tags: &Tags) -> Option<Digest> {
    tags.get(DIGEST_TAG)?.parse().ok()
}
