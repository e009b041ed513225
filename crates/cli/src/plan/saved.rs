//! What was observed, kept in a file, so that a decision can be replayed without a network.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use goldsmith_domain::observed::Observed;
use goldsmith_domain::stack::StackContext;
use serde::{Deserialize, Serialize};

/// Only its owner may read it: it tells accounts, roles and policies.
const MODE: u32 = 0o600;

/// What was observed of a stack.
#[derive(Debug, Serialize, Deserialize)]
pub struct Saved {
    /// The stack.
    pub stack: StackContext,
    /// The documents that stood in its bucket beside those that were planned, texts by key.
    #[serde(default)]
    pub documents: BTreeMap<String, String>,
    /// What was there.
    pub observed: Observed,
}

/// Why it could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The file could not be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is not what `goldsmith plan --save` of this release writes", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The file could not be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Saved {
    /// Reads what [`write`](Self::write) wrote.
    pub fn read(path: &Path) -> Result<Self, SavedError> {
        let unreadable = |source| SavedError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let text = fs::read(path).map_err(unreadable)?;
        serde_json::from_slice(&text).map_err(|source| SavedError::Unknown {
            path: path.to_owned(),
            source,
        })
    }

    /// Writes it, for its owner only, over whatever was there.
    pub fn write(&self, path: &Path) -> Result<(), SavedError> {
        let unwritable = |source| SavedError::Unwritable {
            path: path.to_owned(),
            source,
        };
        let json = serde_json::to_vec_pretty(self).map_err(|error| unwritable(error.into()))?;
        let open = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(MODE)
            .open(path);
        let mut file = open.map_err(unwritable)?;
        // A file that was there keeps its mode when it is opened.
        file.set_permissions(Permissions::from_mode(MODE))
            .map_err(unwritable)?;
        file.write_all(&json).map_err(unwritable)
    }
}
