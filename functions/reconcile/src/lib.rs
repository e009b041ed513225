//! Brings the world to what the documents say. Triggered by any upload, every hour, and by hand with
//! `{}` or `{"dry-run": true}`; a trigger carries no decision, it only says "look again".

mod event;
mod reconcile;
mod tell;

use event::By;
use goldsmith_aws::Aws;
use goldsmith_aws::fault::chain;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::report::Report;
use goldsmith_function::FunctionError;
use lambda_runtime::LambdaEvent;
use serde_json::Value;

/// Answers one invocation.
pub async fn handle(aws: Aws, event: LambdaEvent<Value>) -> Result<Report, FunctionError> {
    let Some(request) = event::read(&event.payload)? else {
        return Ok(Report::default());
    };
    let run = reconcile::reconcile(&aws, &request).await?;
    let id = &event.context.request_id;
    goldsmith_function::leave(&aws, "reconcile", id, &run.report).await;
    let closely = request.depth() == Depth::Content;
    let told = tell::remember(
        &aws,
        &tell::Run {
            id,
            report: &run.report,
            closely,
        },
    )
    .await;
    match (request.by, run.retry) {
        (By::Event | By::Image | By::Hour, Some(reason)) => Err(FunctionError::Retry(reason)),
        (By::Event | By::Image | By::Hour, None) => Ok(told.map(|()| run.report)?),
        (By::Person, _) => {
            // Whoever asked holds the report in hand.
            told.unwrap_or_else(|error| {
                tracing::warn!(
                    error = chain(&error),
                    "the report is not stored as the last one"
                );
            });
            Ok(run.report)
        }
    }
}
