//! The end of a log.

use super::Operator;
use crate::fault::{CallError, Fault};

impl Operator {
    /// The last `most` lines of a stream, oldest first; none if there is no such group or stream.
    pub async fn last_lines(
        &self,
        group: &str,
        stream: &str,
        most: i32,
    ) -> Result<Option<Vec<String>>, CallError> {
        let call = self
            .logs
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream);
        let answer = call.start_from_head(false).limit(most).send().await;
        match answer.map_err(|error| CallError::new("logs:GetLogEvents", error)) {
            Err(error) if error.fault == Fault::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(answer) => {
                let messages = answer.events().iter().filter_map(|event| event.message());
                Ok(Some(
                    messages.flat_map(str::lines).map(str::to_owned).collect(),
                ))
            }
        }
    }
}
