//! What was observed, saved in a file, so that a decision can be repeated without a network.
//!
//! The file says its format, and only that format is read: a file of another release would otherwise
//! read as an account in which less exists.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use goldsmith_domain::observed::Observed;
use goldsmith_domain::review::AccountQuotas;
use goldsmith_domain::stack::StackContext;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Hint;

/// Only its owner may read it: it tells accounts, roles and policies.
const MODE: u32 = 0o600;

/// The format of the file. Raise it with every change of what is saved, at any depth; the file in the
/// tests then no longer reads, or reads as something else.
const FORMAT: u64 = 8;

/// What was observed of a stack.
#[derive(Debug)]
pub struct Saved {
    /// The stack.
    pub stack: StackContext,
    /// The documents that stood in its bucket beside those that were planned, texts by key.
    pub documents: BTreeMap<String, String>,
    /// All documents that stood in its bucket, texts by key: what the planned ones replace.
    pub in_bucket: BTreeMap<String, String>,
    /// What was there.
    pub observed: Observed,
    /// What Service Quotas said of the account.
    pub quotas: AccountQuotas,
}

/// What every format begins with.
#[derive(Deserialize)]
struct Head {
    format: Option<Value>,
}

/// The content of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<'a> {
    format: u64,
    stack: Cow<'a, StackContext>,
    documents: Cow<'a, BTreeMap<String, String>>,
    #[serde(rename = "in-bucket")]
    in_bucket: Cow<'a, BTreeMap<String, String>>,
    observed: Cow<'a, Observed>,
    quotas: Cow<'a, AccountQuotas>,
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
    /// The file has another format.
    #[error("{}: found {found}, expected format {FORMAT}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format that it says, or that it says none.
        found: String,
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

impl Hint for SavedError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Format { .. } | Self::Unknown { .. } => {
                let hint = "save the observation again with this release: `goldsmith plan --against \
                            goldsmith-<environment> --save FILE`";
                Some(hint.to_owned())
            }
            Self::Unreadable { .. } | Self::Unwritable { .. } => None,
        }
    }
}

impl Saved {
    /// Reads what [`write`](Self::write) wrote.
    pub fn read(path: &Path) -> Result<Self, SavedError> {
        let unreadable = |source| SavedError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let text = fs::read(path).map_err(unreadable)?;
        let unknown = |source| SavedError::Unknown {
            path: path.to_owned(),
            source,
        };
        let Head { format } = serde_json::from_slice(&text).map_err(unknown)?;
        if format.as_ref().and_then(Value::as_u64) != Some(FORMAT) {
            let found = format.map_or("no format".to_owned(), |found| format!("format {found}"));
            let path = path.to_owned();
            return Err(SavedError::Format { path, found });
        }
        Self::from_json(&text).map_err(unknown)
    }

    fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        let Content {
            format: _,
            stack,
            documents,
            in_bucket,
            observed,
            quotas,
        } = serde_json::from_slice(json)?;
        Ok(Self {
            stack: stack.into_owned(),
            documents: documents.into_owned(),
            in_bucket: in_bucket.into_owned(),
            observed: observed.into_owned(),
            quotas: quotas.into_owned(),
        })
    }

    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let Self {
            stack,
            documents,
            in_bucket,
            observed,
            quotas,
        } = self;
        serde_json::to_vec_pretty(&Content {
            format: FORMAT,
            stack: Cow::Borrowed(stack),
            documents: Cow::Borrowed(documents),
            in_bucket: Cow::Borrowed(in_bucket),
            observed: Cow::Borrowed(observed),
            quotas: Cow::Borrowed(quotas),
        })
    }

    /// Writes it, for its owner only, over whatever was there.
    pub fn write(&self, path: &Path) -> Result<(), SavedError> {
        let unwritable = |source| SavedError::Unwritable {
            path: path.to_owned(),
            source,
        };
        let json = self.to_json().map_err(|error| unwritable(error.into()))?;
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
