//! Why a command of an operator ends without its answer.

use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::{ContextError, InvokeError};

use crate::error::Hint;
use crate::json::JsonError;
use crate::patience::ReadError;
use crate::pipelines::NoPipelineError;
use crate::stack::StackError;

/// The stack could not be read, asked, or shown.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The stack cannot be read.
    #[error(transparent)]
    StackContext(#[from] ContextError),
    /// A call of AWS failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The stack does not have the recipe.
    #[error(transparent)]
    NoPipeline(#[from] NoPipelineError),
    /// The recipe does not have the build.
    #[error("there is no build {0}")]
    NoBuild(String),
    /// It could not be read for too long.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A function gave no answer.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The answer could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for OperateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.hint(),
            Self::StackContext(error) => error.hint(),
            Self::Call(error) => error.hint(),
            Self::NoPipeline(error) => error.hint(),
            Self::NoBuild(_) => {
                Some("a build is a recipe version and a number, such as 1.0.0/2".to_owned())
            }
            Self::Read(error) => error.hint(),
            Self::Invoke(error) => error.hint(),
            Self::Json(error) => error.hint(),
        }
    }
}
