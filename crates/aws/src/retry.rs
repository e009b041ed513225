//! Adds to the SDK's retries what it does not know. docs/retries.md lists everything that is tried again.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Retries `CallRateLimitExceededException` (429): the rate at which Image Builder may call EC2 on
/// our behalf. The SDK knows neither the code nor the status as throttling.
#[derive(Debug, Clone)]
pub struct CallRateLimit;

impl ClassifyRetry for CallRateLimit {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(response) if response.status().as_u16() == 429 => RetryAction::throttling_error(),
            Some(_) | None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "CallRateLimit"
    }
}
