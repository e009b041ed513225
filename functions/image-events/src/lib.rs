//! Publishes an image when it becomes available, and notifies people of a failed build. Triggered by
//! Image Builder's events, which are best effort and carry no AMI: they only say where to look.

mod event;
mod failed;
mod outcome;

use goldsmith_aws::Aws;
use goldsmith_function::{FunctionError, Payload};
use lambda_runtime::LambdaEvent;
use outcome::Outcome;

/// Answers one invocation.
pub async fn handle(aws: Aws, event: LambdaEvent<Payload>) -> Result<Outcome, FunctionError> {
    let image = event::read(&event.payload)?;
    let outcome = outcome::look_into(&aws, &image).await?;
    goldsmith_function::record_report(&aws, "image-events", &event.context.request_id, &outcome)
        .await;
    Ok(outcome)
}
