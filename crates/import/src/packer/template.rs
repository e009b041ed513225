//! A Packer template, whatever it was written in.

use crate::outcome::Place;
use crate::value::Value;

/// What a template says, with its variables filled in.
#[derive(Debug, Default)]
pub(crate) struct Template {
    pub(crate) builds: Vec<Build>,
    /// Where data of other systems come from, by type and name.
    pub(crate) data: Vec<Block>,
    /// The folder that scripts and files are relative to.
    pub(crate) folder: String,
}

/// Some builders, and what runs on the machine of each of them.
#[derive(Debug, Default)]
pub(crate) struct Build {
    pub(crate) builders: Vec<Block>,
    pub(crate) provisioners: Vec<Block>,
    pub(crate) post_processors: Vec<Block>,
}

/// A builder, a provisioner, a post-processor or a data source.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Its type, such as `amazon-ebs` or `shell`.
    pub(crate) kind: String,
    /// Its name; empty if it has none.
    pub(crate) name: String,
    pub(crate) settings: Value,
    pub(crate) place: Place,
}

impl Block {
    /// Whether `only` or `except` names this builder, as `name`, `type` or `type.name`.
    pub(crate) fn is_named(&self, names: &[String]) -> bool {
        let full = format!("{}.{}", self.kind, self.name);
        names.iter().any(|name| {
            *name == self.name || *name == full || (self.name.is_empty() && *name == self.kind)
        })
    }
}
