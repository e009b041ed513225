//! Events and messages that wait for delivery.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event, a message or an invocation that is to be delivered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Notification {
    /// An event for EventBridge's default bus.
    Event(Value),
    /// A message for an SNS topic.
    Topic {
        /// The topic's ARN.
        topic: String,
        /// The account that publishes.
        account: String,
        /// Its Region.
        region: String,
        /// The message, JSON.
        message: String,
    },
    /// A call of a Lambda function, not waited for.
    Function {
        /// The function's name or ARN.
        function: String,
        /// The account that calls.
        account: String,
        /// Its Region.
        region: String,
        /// The payload, JSON.
        payload: String,
    },
}
