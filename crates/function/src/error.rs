//! Errors, as the Lambda runtime reports them.

use goldsmith_aws::fault::CallError;
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
    /// It is too early, or something failed that may succeed in a minute: the same event is worth a
    /// retry.
    #[error("{0}")]
    Retry(String),
}

impl FunctionError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Event { .. } => "Event",
            Self::Call(_) => "Call",
            Self::Retry(_) => "Retry",
        }
    }
}

impl From<FunctionError> for Diagnostic {
    fn from(error: FunctionError) -> Self {
        Self {
            error_type: error.kind().to_owned(),
            error_message: error.to_string(),
        }
    }
}
