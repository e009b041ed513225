//! The report of a run: one log line, and an object in the output bucket.

use goldsmith_aws::fault::chain;
use goldsmith_aws::{Aws, output};
use goldsmith_domain::escape;
use serde::Serialize;

/// Logs the report of a run of `function`.
pub fn log_report(function: &str, report: &impl Serialize) {
    let json = escape::json(&serde_json::to_string(report).unwrap_or_default());
    tracing::info!(function, report = json, "report");
}

/// Logs and stores the report of a run of `function`.
///
/// A report that cannot be stored is not worth failing a run that did its work: it is in the log.
pub async fn record_report(aws: &Aws, function: &str, request: &str, report: &impl Serialize) {
    log_report(function, report);
    if let Err(error) = output::put_report(aws, function, request, report).await {
        tracing::warn!(error = chain(&error), "the report is only in the log");
    }
    // The report's own call belongs to no run.
    aws.take_calls();
}
