//! SNS: a queue that hears what is published to a topic.

use serde::Deserialize;

use super::{Aws, CallError};

/// A message that was published to the topic.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notification {
    /// The subject line of an e-mail subscriber.
    pub subject: Option<String>,
    /// The text.
    pub message: String,
}

impl Aws {
    /// Creates the queue `name`, subscribes it to `topic` and returns its URL.
    pub async fn listen_to(&self, topic: &str, name: &str) -> Result<String, CallError> {
        let (url, arn) = self.create_queue(name, topic).await?;
        let parameters = [("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", &arn)];
        self.query("sns", "Subscribe", "2010-03-31", &parameters)
            .await?;
        Ok(url)
    }

    /// Takes what the queue of a subscription holds, in the order of its arrival; waits at most
    /// `wait_seconds` for the first.
    pub async fn take_notifications(
        &self,
        queue_url: &str,
        wait_seconds: u8,
    ) -> Result<Vec<Notification>, CallError> {
        let bodies = self.take_messages(queue_url, wait_seconds).await?;
        let read = |body: &String| {
            serde_json::from_str(body).map_err(|error| CallError::Answer {
                operation: "sqs:ReceiveMessage".to_owned(),
                reason: error.to_string(),
            })
        };
        bodies.iter().map(read).collect()
    }
}
