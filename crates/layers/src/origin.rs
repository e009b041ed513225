//! Where a value comes from.

use std::fmt;

use goldsmith_domain::problem::Place;

/// What a value belongs to; a later one overrides those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// What holds if nobody says anything.
    Default,
    /// The pulled configuration. Within it, the more specific file overrides.
    Configuration,
    /// The documents of the folder.
    Documents,
    /// The project's own file of variables.
    Project,
    /// Variables of the environment, and the files that they and the project name.
    Environment,
    /// The command line.
    Command,
}

impl Layer {
    /// The layer, as output for programs names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Configuration => "configuration",
            Self::Documents => "documents",
            Self::Project => "project",
            Self::Environment => "environment",
            Self::Command => "command",
        }
    }
}

/// What holds a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file has it.
    File(Place),
    /// A variable of the environment has it.
    Environment(&'static str),
    /// `--var` has it.
    Argument,
    /// Nothing has it: it is a default.
    Default,
}

/// Where a value comes from: its layer, and what holds it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// What holds the value.
    pub source: Source,
}

impl Origin {
    /// The place in a file, if a file holds the value.
    pub fn place(&self) -> Option<&Place> {
        match &self.source {
            Source::File(place) => Some(place),
            Source::Environment(_) | Source::Argument | Source::Default => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::File(place) => write!(f, "{}:{}:{}", place.file, place.line, place.column),
            Source::Environment(name) => write!(f, "the environment variable {name}"),
            Source::Argument => f.write_str("--var"),
            Source::Default => f.write_str("the default"),
        }
    }
}
