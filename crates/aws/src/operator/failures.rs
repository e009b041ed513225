//! The queue of the events that a function has given up on.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::json::{JSON_1_0, JsonService, call};
use crate::signed::Service;

const SQS: JsonService = JsonService {
    service: Service {
        id: "SQS",
        name: "sqs",
        is_global: false,
    },
    target: "AmazonSQS",
    content_type: JSON_1_0,
};

/// For how many minutes nobody else gets a message that was received: longer than a function may run.
pub const READING_MINUTES: u32 = 6;
/// How many seconds a call waits for a message. One that does not wait asks only some of SQS's servers, and may
/// miss what is there (SQS developer guide, "Short and long polling").
const POLLING: u32 = 1;

/// An event that a function has given up on, as Lambda tells its destination (developer guide, "Capturing
/// records of Lambda asynchronous invocations").
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What tells messages of the queue apart.
    pub id: String,
    /// The function's name, such as `goldsmith-nonprod-reconcile`; none if the message says none.
    pub function: Option<String>,
    /// When Lambda gave up, as it writes it.
    pub time: Option<String>,
    /// What the function was invoked with.
    pub event: Value,
    /// What the function answered last.
    pub error: String,
    /// By which the message is deleted.
    receipt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Url {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counted {
    attributes: Counts,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counts {
    #[serde(default)]
    approximate_number_of_messages: String,
    #[serde(default)]
    approximate_number_of_messages_not_visible: String,
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
    #[serde(rename = "MessageId", default)]
    id: String,
    body: String,
    receipt_handle: String,
}

/// The queue.
#[derive(Debug)]
pub struct FailureQueue<'a> {
    aws: &'a Aws,
    url: String,
}

impl<'a> FailureQueue<'a> {
    /// The queue of the stack.
    pub async fn of(aws: &'a Aws) -> Result<Self, CallError> {
        let input = json!({ "QueueName": format!("goldsmith-{}-failures", aws.stack.environment) });
        let found: Url = call(aws.sdk_config(), SQS, None, "sqs:GetQueueUrl", &input).await?;
        Ok(Self {
            aws,
            url: found.queue_url,
        })
    }

    /// About how many events are in it.
    pub async fn count(&self) -> Result<u64, CallError> {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ];
        let counted: Counted = self
            .call("sqs:GetQueueAttributes", json!({ "AttributeNames": names }))
            .await?;
        let number = |text: &str| text.parse::<u64>().unwrap_or_default();
        let Counts {
            approximate_number_of_messages: visible,
            approximate_number_of_messages_not_visible: read,
        } = counted.attributes;
        Ok(number(&visible) + number(&read))
    }

    /// The next event; none if there is none. Nobody else gets it until it is deleted, or for
    /// [`READING_MINUTES`].
    ///
    /// Events come one at a time: those behind it would become visible again while it is worked off.
    pub async fn receive(&self) -> Result<Option<Failure>, CallError> {
        let input = json!({
            "MaxNumberOfMessages": 1, "VisibilityTimeout": 60 * READING_MINUTES, "WaitTimeSeconds": POLLING,
        });
        let received: Option<Received> = self.call("sqs:ReceiveMessage", input).await?;
        let messages = received
            .map(|received| received.messages)
            .unwrap_or_default();
        Ok(messages.first().map(failure))
    }

    /// Deletes an event that was made up for.
    pub async fn delete(&self, failure: &Failure) -> Result<(), CallError> {
        let input = json!({ "ReceiptHandle": failure.receipt });
        let done: Result<Option<Value>, _> = self.call("sqs:DeleteMessage", input).await;
        match done {
            // Somebody else was faster.
            Err(error) if error.fault == Fault::NotFound => Ok(()),
            other => other.map(drop),
        }
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        name: &'static str,
        mut input: Value,
    ) -> Result<T, CallError> {
        input["QueueUrl"] = self.url.clone().into();
        call(self.aws.sdk_config(), SQS, None, name, &input).await
    }
}

fn failure(message: &Message) -> Failure {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let arn = body["requestContext"]["functionArn"].as_str();
    let function = arn.and_then(|arn| arn.split(':').nth(6));
    let error = body["responsePayload"]["errorMessage"].as_str();
    Failure {
        id: message.id.clone(),
        function: function.map(str::to_owned),
        time: body["timestamp"].as_str().map(str::to_owned),
        event: body["requestPayload"].clone(),
        error: error.unwrap_or("it says no reason").to_owned(),
        receipt: message.receipt_handle.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_lambda_writes_it() {
        let body = json!({
            "version": "1.0", "timestamp": "2026-11-29T15:00:00.000Z",
            "requestContext": {
                "functionArn": "arn:aws:lambda:us-east-1:111122223333:function:goldsmith-nonprod-reconcile:$LATEST",
            },
            "requestPayload": { "Records": [] },
            "responsePayload": { "errorMessage": "throttled", "errorType": "Retry" },
        });
        let message = |body: String| Message {
            id: "m".to_owned(),
            body,
            receipt_handle: "r".to_owned(),
        };
        let read = failure(&message(body.to_string()));
        assert_eq!(
            read.function.as_deref(),
            Some("goldsmith-nonprod-reconcile")
        );
        assert_eq!(
            (read.error.as_str(), &read.event),
            ("throttled", &json!({ "Records": [] }))
        );
        let other = failure(&message("no JSON".to_owned()));
        assert_eq!((other.function, other.event), (None, Value::Null));
    }
}
