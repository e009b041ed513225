//! Why nothing was pulled.

use std::io;
use std::path::PathBuf;

use goldsmith_layers::KeyError;

use super::remote::RemoteError;
use crate::error::Hint;
use crate::json::JsonError;

/// The most bytes of a repository: one commit of a configuration has a few hundred small files.
pub const MOST_BYTES: u64 = 64 << 20;

/// Nothing was pulled, and what was pulled before is still there.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// No repository is named.
    #[error("no configuration repository is named")]
    Unnamed,
    /// The URL or the ref cannot be used.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The prefix or the key cannot be used.
    #[error("the prefix or the key cannot be used")]
    Key(#[from] KeyError),
    /// There is no such folder.
    #[error("{} is not a folder", .0.display())]
    NoFolder(PathBuf),
    /// Something that is not ours is where the configuration goes.
    #[error("{} {why}; nothing was changed", path.display())]
    Occupied {
        /// What is there.
        path: PathBuf,
        /// What it is.
        why: &'static str,
    },
    /// git cannot be run.
    #[error("git cannot be run")]
    NoGit(#[source] io::Error),
    /// git failed.
    #[error("git {what} failed: {said}")]
    Git {
        /// The command.
        what: &'static str,
        /// What it said, without user and password.
        said: String,
    },
    /// The repository is too large.
    #[error("the configuration repository has more than {} MiB in one commit", MOST_BYTES >> 20)]
    TooLarge,
    /// The repository has too many files.
    #[error("the configuration repository has more than {0} files")]
    TooMany(usize),
    /// It took too long.
    #[error("the configuration repository did not arrive within five minutes")]
    TooSlow,
    /// What was fetched cannot be read.
    #[error("the configuration repository cannot be read")]
    Unreadable(#[source] io::Error),
    /// A file could not be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The state could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl PullError {
    /// The same, with the command that failed.
    #[must_use]
    pub fn during(self, command: &'static str) -> Self {
        if let Self::Git { said, .. } = self {
            let what = command;
            return Self::Git { what, said };
        }
        self
    }
}

impl Hint for PullError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unnamed => {
                "set PIPELINE_CONFIG_URL or pass --url; `none` switches the configuration off"
            }
            Self::Remote(_) => {
                "a URL is https://host/owner/repository.git or git@host:owner/repository.git"
            }
            Self::Occupied { .. } => "move it away, or remove it",
            Self::NoGit(_) => "`goldsmith pull` needs the command git, version 2.32 or later",
            Self::Git { .. } => {
                "git reaches the repository with your own credentials: try `git ls-remote` with the same URL"
            }
            Self::TooLarge | Self::TooMany(_) => {
                "keep the configuration in a repository of its own"
            }
            Self::Key(_)
            | Self::NoFolder(_)
            | Self::TooSlow
            | Self::Unreadable(_)
            | Self::Unwritable { .. }
            | Self::Json(_) => return None,
        };
        Some(hint.to_owned())
    }
}
