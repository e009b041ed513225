//! SQS: the queue of failures, and queues that listen to the topic.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Aws, CallError};

const TARGET: &str = "AmazonSQS";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    body: String,
    receipt_handle: String,
}

impl Aws {
    /// Creates a queue that `topic` may send to, and returns its URL and its ARN.
    pub(super) async fn create_queue(
        &self,
        name: &str,
        topic: &str,
    ) -> Result<(String, String), CallError> {
        let arn = format!("arn:aws:sqs:{}:{}:{name}", self.region(), self.account());
        let input = json!({ "QueueName": name, "Attributes": { "Policy": admitting(topic, &arn).to_string() } });
        let created: Created = self.json("sqs", TARGET, "CreateQueue", &input).await?;
        Ok((created.queue_url, arn))
    }

    /// Takes at most ten messages off a queue and returns their bodies; waits at most
    /// `wait_seconds` for the first.
    pub async fn take_messages(
        &self,
        queue_url: &str,
        wait_seconds: u8,
    ) -> Result<Vec<String>, CallError> {
        let input = json!({ "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": wait_seconds });
        let received: Received = self.json("sqs", TARGET, "ReceiveMessage", &input).await?;
        let mut bodies = Vec::new();
        for message in received.messages {
            let input = json!({ "QueueUrl": queue_url, "ReceiptHandle": message.receipt_handle });
            self.json::<Option<Value>>("sqs", TARGET, "DeleteMessage", &input)
                .await?;
            bodies.push(message.body);
        }
        Ok(bodies)
    }
}

/// The policy of a queue that listens to a topic.
fn admitting(topic: &str, queue: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": { "ArnEquals": { "aws:SourceArn": topic } }
        }]
    })
}
