//! What every function shares: the environment variables that infra/ sets, JSON logs, errors as the
//! runtime reports them, and the report of every run.

mod error;
mod event;
mod logs;
pub mod metrics;
mod payload;
mod report;

pub use error::FunctionError;
pub use event::{Event, event, refusal};
pub use goldsmith_aws::stack::{EnvironmentError, stack};
pub use payload::{Object, Payload};
pub use report::{log_report, record_report};

use std::future::Future;

use goldsmith_aws::Aws;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;

/// Serves invocations until the sandbox ends: clients are made once, `handle` is called with them
/// for each event.
///
/// Errors: [`EnvironmentError`] if a variable is missing or wrong, and what the runtime reports.
pub async fn serve<T, F>(handle: impl Fn(Aws, LambdaEvent<Payload>) -> F) -> Result<(), Error>
where
    T: Serialize,
    F: Future<Output = Result<T, FunctionError>>,
{
    logs::init(|name| std::env::var(name).ok());
    let variable = |name: &str| std::env::var(name).ok();
    let (stack, names) = stack(variable)?;
    metrics::init(&stack.environment);
    let aws = Aws::in_function(stack, names, variable).await;
    lambda_runtime::run(service_fn(|event| {
        // What an invocation that failed has called belongs to no later report.
        aws.take_calls();
        aws.take_drift_calls();
        let run = handle(aws.clone(), event);
        measured(&aws, run)
    }))
    .await
}

/// A run, whose metrics are in the log when it ends.
async fn measured<T>(
    aws: &Aws,
    run: impl Future<Output = Result<T, FunctionError>>,
) -> Result<T, FunctionError> {
    let result = run.await;
    if result.is_err() {
        metrics::count(metrics::RUNS_FAILED, 1);
    }
    for seconds in aws.take_promotions() {
        metrics::took(metrics::SECONDS_TO_PROMOTION, seconds);
    }
    metrics::flush();
    result
}
