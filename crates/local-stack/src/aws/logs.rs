//! `CloudWatch` Logs: what a function has logged, and the log of a build, which the emulator does not write.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

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

    /// Writes lines into a new stream of a new group, as a build does.
    pub async fn write_log(
        &self,
        group: &str,
        stream: &str,
        lines: &[&str],
    ) -> Result<(), CallError> {
        let of_group = json!({ "logGroupName": group });
        let of_stream = json!({ "logGroupName": group, "logStreamName": stream });
        let now = Timestamp::now().as_millisecond();
        let event = |line: &&str| json!({ "timestamp": now, "message": line });
        let events: Vec<Value> = lines.iter().map(event).collect();
        let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
        for (operation, input) in [
            ("CreateLogGroup", of_group),
            ("CreateLogStream", of_stream),
            ("PutLogEvents", put),
        ] {
            let _: Value = self.json("logs", TARGET, operation, &input).await?;
        }
        Ok(())
    }
}
