//! Why nothing was planned.

use std::io;
use std::path::PathBuf;

use goldsmith_aws::documents::DocumentsError;
use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::{ContextError, Unconfigured};
use goldsmith_domain::names::NameError;

use super::overrides::OverrideError;
use super::saved::SavedError;
use crate::documents::accepted::RejectedError;
use crate::error::Hint;
use crate::json::JsonError;
use crate::layers::AcceptError;

/// Nothing was planned, or the plan could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The documents cannot be used.
    #[error(transparent)]
    Documents(#[from] AcceptError),
    /// Neither a stack nor a saved observation is named.
    #[error("there is nothing to compare the documents with")]
    NothingToCompare,
    /// The stack's name is wrong.
    #[error(transparent)]
    StackName(#[from] NameError),
    /// Region or credentials are missing.
    #[error(transparent)]
    Unconfigured(#[from] Unconfigured),
    /// The stack cannot be read.
    #[error(transparent)]
    StackContext(#[from] ContextError),
    /// A call of AWS failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The stack's documents cannot be read.
    #[error(transparent)]
    StackDocuments(#[from] DocumentsError),
    /// The saved observation cannot be read or written.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// A value of `--set` cannot be used.
    #[error(transparent)]
    Override(#[from] OverrideError),
    /// The summary or the values of variables could not be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// Its file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The plan could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl From<RejectedError> for PlanError {
    fn from(error: RejectedError) -> Self {
        Self::Documents(error.into())
    }
}

impl Hint for PlanError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.hint(),
            Self::NothingToCompare => Some(
                "`--against goldsmith-<environment>` compares with a stack, `--observed FILE` with a file that `--save` wrote"
                    .to_owned(),
            ),
            Self::Unconfigured(error) => error.hint(),
            Self::StackContext(error) => error.hint(),
            Self::Call(error) => error.hint(),
            Self::StackDocuments(error) => error.hint(),
            Self::Override(error) => error.hint(),
            Self::Json(error) => error.hint(),
            Self::Saved(error) => error.hint(),
            Self::StackName(_) | Self::Unwritable { .. } => None,
        }
    }
}
