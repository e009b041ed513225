//! `CloudWatch` Logs: what a function has logged.

use serde::Deserialize;
use serde_json::json;

use super::{Aws, CallError};

const TARGET: &str = "Logs_20140328";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Streams {
    log_streams: Vec<Stream>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stream {
    log_stream_name: String,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    timestamp: i64,
    message: String,
}

impl Aws {
    /// Every line in `group`, oldest first.
    pub async fn log_lines(&self, group: &str) -> Result<Vec<String>, CallError> {
        let input = json!({ "logGroupName": group });
        let streams: Streams = self
            .json("logs", TARGET, "DescribeLogStreams", &input)
            .await?;
        let mut lines = Vec::new();
        for stream in streams.log_streams {
            let input = json!({
                "logGroupName": group, "logStreamName": stream.log_stream_name, "startFromHead": true, "limit": 10_000
            });
            let page: Events = self.json("logs", TARGET, "GetLogEvents", &input).await?;
            lines.extend(page.events);
        }
        lines.sort_by_key(|event| event.timestamp);
        Ok(lines.into_iter().map(|event| event.message).collect())
    }
}
