//! What is known of an environment.

use std::path::PathBuf;

use goldsmith_aws::operator::StackName;
use goldsmith_domain::release::Release;

use crate::status::Status;

/// An environment: its documents, and its stack.
#[derive(Debug)]
pub struct Environment {
    /// Its name, or that of its stack.
    pub name: String,
    /// Its documents.
    pub documents: Documents,
    /// The name of its stack.
    pub stack_name: Option<StackName>,
    /// Its stack.
    pub stack: Stack,
}

/// The documents of a folder. A text is what `goldsmith check` says in a few words, or why it cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Documents {
    /// Only the stack is known.
    None,
    /// They cannot be used.
    Wrong(PathBuf, String),
    /// They can.
    Usable(PathBuf, String),
}

/// A stack, as far as it is known.
#[derive(Debug)]
pub enum Stack {
    /// It was not asked, for this reason.
    NotAsked(String),
    /// There is none of this name in this Region.
    Missing(String),
    /// It was read.
    Found(Box<Found>),
}

/// A stack that was read.
#[derive(Debug)]
pub struct Found {
    /// What `goldsmith status` says.
    pub status: Status,
    /// How many documents of the folder differ from those in the bucket; none if that is not known.
    pub differing: Option<usize>,
}

impl Environment {
    /// The release that the stack runs.
    pub fn release(&self) -> Option<&Release> {
        match &self.stack {
            Stack::Found(found) => found.status.last_run.as_ref()?.release.as_ref(),
            Stack::NotAsked(_) | Stack::Missing(_) => None,
        }
    }
}
