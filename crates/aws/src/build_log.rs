//! The end of a build's log, for those who are told that it failed.

use goldsmith_domain::build_log::{BuildLog, LINES};

use crate::Aws;
use crate::fault::{CallError, Fault};

/// The last lines of a build's log, oldest first; none if the build wrote no log.
///
/// Errors: what CloudWatch Logs answers.
pub async fn last_lines(aws: &Aws, log: &BuildLog) -> Result<Vec<String>, CallError> {
    let BuildLog { group, stream } = log;
    match aws.logs().last_lines(group, stream, LINES).await {
        Err(error) if error.fault == Fault::NotFound => Ok(Vec::new()),
        lines => lines,
    }
}
