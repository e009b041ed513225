//! Sends notifications to the stack's topic.

use crate::Aws;
use crate::fault::CallError;

/// SNS takes at most 100 characters of ASCII as a subject (API reference, `Publish`).
const LONGEST_SUBJECT: usize = 100;
/// SNS takes at most 256 KiB; no person reads more than this.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// Publishes a message to the topic.
pub async fn publish(aws: &Aws, subject: &str, message: &str) -> Result<(), CallError> {
    let subject: String = subject
        .chars()
        .filter(char::is_ascii)
        .take(LONGEST_SUBJECT)
        .collect();
    let message: String = message.chars().take(LONGEST_MESSAGE).collect();
    let call = aws
        .sns
        .publish()
        .topic_arn(&aws.resources.topic_arn)
        .subject(subject)
        .message(message);
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("sns:Publish", error))
}
