//! Components, as the documents ask for them.

use std::collections::BTreeMap;

use super::Platform;
use crate::names::{ComponentArn, Digest};

/// A component as a recipe runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentUse {
    /// The component.
    pub component: ComponentRef,
    /// Values of its parameters, by name.
    pub parameters: BTreeMap<String, String>,
}

impl From<ComponentRef> for ComponentUse {
    fn from(component: ComponentRef) -> Self {
        Self {
            component,
            parameters: BTreeMap::new(),
        }
    }
}

/// A component: somebody else's by ARN, or our own document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentRef {
    /// An existing component; a wildcard version is resolved by the service when it builds.
    Arn(ComponentArn),
    /// A component document that lies beside the environment's.
    Document(ComponentDocument),
}

/// The parameter of component documents that goldsmith gives a value: the name of the stack's output bucket,
/// where a test may write below `results/`.
pub const RESULTS_BUCKET: &str = "GoldsmithResultsBucket";
/// The parameter of a component document that names the suite of its results.
pub const SUITE: &str = "Suite";

/// An Image Builder component document of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentDocument {
    /// The key of the document, such as `components/harden.yml`.
    pub key: String,
    /// The key's last part without its ending, such as `harden`.
    pub stem: String,
    /// The platform its actions run on.
    pub platform: Platform,
    /// The document itself, as it was uploaded.
    pub data: String,
    /// SHA-256 of `data`.
    pub digest: Digest,
    /// Whether it has the parameter [`RESULTS_BUCKET`], which gets the name of the output bucket.
    pub takes_results_bucket: bool,
    /// The default of its parameter `Suite`, if it declares one.
    pub suite: Option<String>,
}
