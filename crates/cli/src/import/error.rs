//! Why nothing was imported.

use std::io;
use std::path::PathBuf;

use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::Unconfigured;
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
    /// Region or credentials are missing.
    #[error(transparent)]
    Unconfigured(#[from] Unconfigured),
    /// The account cannot be read.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The account has nothing to import.
    #[error("Image Builder has no pipeline and no recipe in {region} that could be imported{}", left_out(*.managed))]
    Empty {
        /// The Region.
        region: String,
        /// How many a stack of goldsmith has made.
        managed: usize,
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

fn left_out(managed: usize) -> String {
    match managed {
        0 => String::new(),
        some => format!("; {some} are made by a stack of goldsmith"),
    }
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
            Self::Unconfigured(error) => error.hint(),
            Self::Call(error) => error.hint(),
            Self::Empty { .. } => {
                Some("AWS_REGION names the Region, and AWS_PROFILE the account".to_owned())
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
