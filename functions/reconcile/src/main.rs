//! Brings the world to what the documents say. Triggered by any upload, every hour, and by hand with
//! `{}` or `{"dry-run": true}`; a trigger carries no decision, it only says "look again".

mod event;
mod problems;
mod reconcile;

use event::Request;
use goldsmith_aws::Aws;
use goldsmith_domain::report::Report;
use goldsmith_function::FunctionError;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    goldsmith_function::serve(handle).await
}

async fn handle(aws: Aws, event: LambdaEvent<Value>) -> Result<Report, FunctionError> {
    let Some(request) = event::read(&event.payload)? else {
        return Ok(Report::default());
    };
    let run = reconcile::reconcile(&aws, request.dry_run()).await?;
    goldsmith_function::leave(&aws, "reconcile", &event.context.request_id, &run.report).await;
    problems::tell_once(&aws, &run.report).await?;
    match (request, run.retry) {
        (Request::Event, Some(reason)) => Err(FunctionError::Retry(reason)),
        (Request::Event | Request::Direct(_), _) => Ok(run.report),
    }
}
