//! What an environment lists for all its recipes.

use super::Use;
use super::consumers::Shared;

/// The lists that an environment has in common for all its recipes.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) build: Vec<Use>,
    pub(super) test: Vec<Use>,
    pub(super) allowed: Vec<String>,
    pub(super) consumers: Vec<Shared>,
}
