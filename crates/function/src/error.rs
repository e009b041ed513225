//! Errors, as the Lambda runtime reports them.

use goldsmith_aws::documents::DocumentsError;
use goldsmith_aws::fault::{CallError, chain};
use lambda_runtime::Diagnostic;

/// Why an invocation failed. Lambda retries an asynchronous one twice, then it reaches the failure
/// queue.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// The event is not one that the function takes.
    #[error("found {found}, expected {expected}")]
    Event {
        /// What came.
        found: String,
        /// What the function takes.
        expected: &'static str,
    },
    /// An AWS call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The documents could not be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// It is too early, or something failed that may succeed in a minute: the same event is worth a
    /// retry.
    #[error("{0}")]
    Retry(String),
}

impl FunctionError {
    /// The AWS call that failed, if one did.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Self::Call(error) => Some(error),
            Self::Documents(error) => error.call(),
            Self::Event { .. } | Self::Retry(_) => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Event { .. } => "Event",
            Self::Call(_) | Self::Documents(_) => "Call",
            Self::Retry(_) => "Retry",
        }
    }
}

impl From<FunctionError> for Diagnostic {
    fn from(error: FunctionError) -> Self {
        Self {
            error_type: error.kind().to_owned(),
            error_message: chain(&error),
        }
    }
}
