//! Why nothing was imported.

use std::io;
use std::path::PathBuf;

use goldsmith_import::ImportError;

use crate::check::CheckError;
use crate::error::Hint;
use crate::init::InitError;
use crate::json::JsonError;

/// Nothing was imported, or not all of it was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportCommandError {
    /// The source cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file that was asked for has no text that an import reads.
    #[error("{}: {why}", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Why, as half a sentence.
        why: String,
    },
    /// The source is of no kind that is known.
    #[error("{}: found no Packer template, no project and no Terraform state", path.display())]
    Unknown {
        /// The folder or file.
        path: PathBuf,
        /// The first file that was not read, and why.
        unread: Option<(String, String)>,
    },
    /// The base is not what an image can be built on.
    #[error("found {found}, expected {expected}")]
    Base {
        /// What was given.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The source cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The documents cannot be written.
    #[error(transparent)]
    Init(#[from] InitError),
    /// What was written could not be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The report could not be written.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for ImportCommandError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown {
                unread: Some((path, why)),
                ..
            } => Some(format!("{path} was not read: {why}")),
            Self::Unknown { unread: None, .. } => Some(
                "the template, build.json with config.rb, or the state is in the folder itself"
                    .to_owned(),
            ),
            Self::Import(ImportError::Several { .. }) => {
                Some("give the file instead of its folder".to_owned())
            }
            Self::Init(error) => error.hint(),
            Self::Check(error) => error.hint(),
            Self::Json(error) => error.hint(),
            Self::Unreadable { .. } | Self::Unfit { .. } | Self::Base { .. } | Self::Import(_) => {
                None
            }
        }
    }
}
