//! The end of a log.

use aws_sdk_cloudwatchlogs::error::SdkError;
use aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsOutput;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::Operator;
use crate::fault::{CallError, Fault};

/// Lines of a log, and where the next ones begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogLines {
    /// The lines, oldest first.
    pub lines: Vec<String>,
    /// The token of what comes after them.
    pub next: Option<String>,
}

impl Operator {
    /// The last `most` lines of a stream, oldest first; none if there is no such group or stream.
    pub async fn last_lines(
        &self,
        group: &str,
        stream: &str,
        most: i32,
    ) -> Result<Option<LogLines>, CallError> {
        let call = self
            .logs
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream);
        log_lines(call.start_from_head(false).limit(most).send().await)
    }

    /// The lines of a stream after those that `next` came with; none if there is no such group or stream.
    pub async fn further_lines(
        &self,
        group: &str,
        stream: &str,
        next: Option<String>,
    ) -> Result<Option<LogLines>, CallError> {
        let call = self
            .logs
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream);
        let call = call.start_from_head(true).set_next_token(next);
        log_lines(call.send().await)
    }
}

fn log_lines<E>(
    answer: Result<GetLogEventsOutput, SdkError<E, HttpResponse>>,
) -> Result<Option<LogLines>, CallError>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match answer.map_err(|error| CallError::new("logs:GetLogEvents", error)) {
        Err(error) if error.fault == Fault::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(answer) => {
            let messages = answer.events().iter().filter_map(|event| event.message());
            let lines = messages.flat_map(str::lines).map(str::to_owned).collect();
            let next = answer.next_forward_token;
            Ok(Some(LogLines { lines, next }))
        }
    }
}
