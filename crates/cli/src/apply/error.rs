//! Why documents were not applied.

use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::InvokeError;

use crate::documents::accepted::RejectedError;
use crate::error::Hint;
use crate::json::JsonError;
use crate::layers::{AcceptError, LayersError};
use crate::stack::StackError;

/// The documents were not applied, or not all of them were uploaded.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// `--set` was given.
    #[error("`goldsmith apply` does not take --set")]
    Override,
    /// `--var` or `--var-file` changes documents.
    #[error("--var and --var-file would change {}, and apply uploads only what the documents say", .0.join(" and "))]
    WhatIf(Vec<String>),
    /// The commit cannot be stored with a document.
    #[error("the commit `{0}` may have only letters, digits, `.`, `_`, `/` and `-`")]
    Commit(String),
    /// The documents cannot be used.
    #[error(transparent)]
    Documents(#[from] AcceptError),
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// reconcile gave no answer.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// reconcile is of another release.
    #[error("the stack's reconcile function answered a dry run without `{0}`")]
    OtherRelease(&'static str),
    /// The documents are those of another environment.
    #[error("{0}")]
    OtherEnvironment(String),
    /// There is nobody to confirm the plan.
    #[error("apply needs a confirmation, and there is no terminal; nothing was changed")]
    Unattended,
    /// The plan that was shown is out of date.
    #[error("the plan that was shown is out of date; nothing was changed:{}", lines(.0))]
    Stale(Vec<String>),
    /// What was done could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A document could not be uploaded.
    #[error("{key} was not uploaded; before it, {done} of {of} documents were uploaded")]
    Upload {
        /// The document.
        key: String,
        /// How many documents were uploaded before it.
        done: usize,
        /// How many documents there were to upload.
        of: usize,
        /// The cause.
        source: CallError,
    },
}

impl From<RejectedError> for ApplyError {
    fn from(error: RejectedError) -> Self {
        Self::Documents(error.into())
    }
}

impl From<LayersError> for ApplyError {
    fn from(error: LayersError) -> Self {
        Self::Documents(error.into())
    }
}

impl Hint for ApplyError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Documents(error) => return error.hint(),
            Self::Stack(error) => return error.hint(),
            Self::Invoke(error) => return error.hint(),
            Self::Json(error) => return error.hint(),
            Self::Override => "apply takes its values from the documents: change environment.json",
            Self::WhatIf(_) => "write the value into vars.json, and have it reviewed",
            Self::OtherRelease(_) => "the stack and this command must be of the same release",
            Self::Unattended => "`--yes` applies without asking",
            Self::Stale(_) => "run `goldsmith apply` again: it makes and shows a new plan",
            Self::Upload { .. } => {
                "run `goldsmith apply` again: it shows a new plan and uploads the other documents"
            }
            Self::Commit(_) | Self::OtherEnvironment(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// Each line on a line of its own, indented.
fn lines(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["\n  ", line]).collect()
}
