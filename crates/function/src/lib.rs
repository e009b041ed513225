//! What every function shares: the environment variables that infra/ sets, JSON logs, errors as the
//! runtime reports them, and the report of every run.

mod error;
mod event;
mod logs;
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
    let aws = Aws::in_function(stack, names, variable).await;
    lambda_runtime::run(service_fn(|event| {
        // What an invocation that failed has called belongs to no later report.
        aws.take_calls();
        aws.take_drift_calls();
        handle(aws.clone(), event)
    }))
    .await
}
