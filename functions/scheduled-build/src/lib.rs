//! Builds the recipes of `ami-scheduled`. Triggered by the build rule, and by hand with `{}`,
//! `{"recipenames": "110304"}` and, to guard a retry, `"token"`.

mod build;
mod event;

use build::Outcome;
use goldsmith_aws::Aws;
use goldsmith_domain::schedule::Trigger;
use goldsmith_function::{FunctionError, Payload, metrics};
use lambda_runtime::LambdaEvent;

/// Answers one invocation.
pub async fn handle(aws: Aws, event: LambdaEvent<Payload>) -> Result<Outcome, FunctionError> {
    let request_id = &event.context.request_id;
    let request = event::read(&event.payload, request_id)?;
    let outcome = build::build(&aws, &request).await?;
    metrics::count(metrics::BUILDS_STARTED, outcome.started.len());
    goldsmith_function::record_report(&aws, "scheduled-build", request_id, &outcome).await;
    match (request.trigger, outcome.failed.first()) {
        // The rule waits for no answer. The tokens make the retry start only what was not started.
        (Trigger::Schedule, Some(entry)) => Err(FunctionError::Retry(format!("{entry}"))),
        (Trigger::Schedule | Trigger::Request, _) => Ok(outcome),
    }
}
