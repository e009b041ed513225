//! The CloudWatch Logs operation that a function needs, over [`call`].

use aws_config::SdkConfig;
use serde::Deserialize;
use serde_json::json;

use crate::calls::CallCounter;
use crate::fault::CallError;
use crate::json::{JSON_1_1, JsonService, call};
use crate::signed::Service;

const LOGS: JsonService = JsonService {
    service: Service {
        id: "CloudWatch Logs",
        name: "logs",
        is_global: false,
    },
    target: "Logs_20140328",
    content_type: JSON_1_1,
};

/// A client of a Region's `CloudWatch` Logs.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    config: SdkConfig,
    counter: CallCounter,
}

#[derive(Debug, Deserialize)]
struct Page {
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(default)]
    message: String,
}

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            config: config.clone(),
            counter: counter.clone(),
        }
    }

    /// The lines of the last `most` events of a stream, oldest first.
    pub(crate) async fn last_lines(
        &self,
        group: &str,
        stream: &str,
        most: usize,
    ) -> Result<Vec<String>, CallError> {
        let input = json!({
            "logGroupName": group, "logStreamName": stream, "startFromHead": false, "limit": most
        });
        let Self { config, counter } = self;
        let name = "logs:GetLogEvents";
        let page: Page = call(config, LOGS, Some(counter), name, &input).await?;
        let lines = page.events.iter().flat_map(|event| event.message.lines());
        Ok(lines.map(str::to_owned).collect())
    }
}
