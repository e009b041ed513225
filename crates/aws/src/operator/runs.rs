//! What the functions have stored of their runs, and the rule that starts scheduled builds.

use goldsmith_domain::observed::Rule;
use jiff::Timestamp;
use serde_json::Value;

use super::Function;
use crate::fault::CallError;
use crate::{Aws, observe, output};

/// A run's report as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// The function.
    pub function: Function,
    /// When the report was stored, RFC 3339 in UTC.
    pub time: String,
    /// The request that the run answered.
    pub request: String,
    /// The report.
    pub report: Value,
}

/// The newest reports of a function since a time, oldest first, and at most `most`.
pub async fn newest_runs(
    aws: &Aws,
    function: Function,
    since: Timestamp,
    most: usize,
) -> Result<Vec<StoredRun>, CallError> {
    let prefix = format!("reports/{}/", function.as_str());
    let keys = output::keys(aws, &prefix, &format!("{prefix}{since:.3}")).await?;
    let mut runs = Vec::new();
    for key in keys.iter().skip(keys.len().saturating_sub(most)) {
        let Some((bytes, _)) = output::get(aws, key).await? else {
            continue;
        };
        let name = key.strip_prefix(&prefix).unwrap_or(key);
        let named = name
            .strip_suffix(".json")
            .and_then(|name| name.split_once("Z-"));
        let (Some((time, request)), Ok(report)) = (named, serde_json::from_slice(&bytes)) else {
            continue;
        };
        runs.push(StoredRun {
            function,
            time: format!("{time}Z"),
            request: request.to_owned(),
            report,
        });
    }
    Ok(runs)
}

/// The rule that starts scheduled builds.
pub async fn build_rule(aws: &Aws) -> Result<Rule, CallError> {
    observe::rule(aws).await
}
