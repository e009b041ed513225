//! Sends notifications to the stack's topic.

use goldsmith_domain::escape;

use crate::Aws;
use crate::fault::CallError;

/// SNS takes at most 100 characters of ASCII as a subject (API reference, `Publish`).
const LONGEST_SUBJECT: usize = 100;
/// SNS takes at most 256 KiB; no person reads more than this.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// Publishes a message to the topic. It may quote documents and builds: what a terminal or a mail program
/// would obey is replaced. `kind` is the message's attribute of that name, by which a subscription can choose.
pub async fn publish(aws: &Aws, subject: &str, message: &str, kind: &str) -> Result<(), CallError> {
    let (subject, message) = (sendable_subject(subject), sendable_message(message));
    let topic = &aws.resources.topic_arn;
    aws.sns.publish(topic, &subject, &message, kind).await
}

/// SNS refuses control characters in a subject, and more than 100 characters.
fn sendable_subject(subject: &str) -> String {
    let subject = escape::printable(subject);
    let ascii = subject.chars().filter(char::is_ascii);
    ascii.take(LONGEST_SUBJECT).collect()
}

fn sendable_message(message: &str) -> String {
    escape::lines(message)
        .chars()
        .take(LONGEST_MESSAGE)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sns_takes_a_subject_with_any_character() {
        for c in '\0'..=char::MAX {
            let subject = sendable_subject(&format!("goldsmith{c}: {}", "x".repeat(100)));
            assert!(subject.len() <= LONGEST_SUBJECT && subject.starts_with("goldsmith"));
            let is_taken = |byte: u8| (b' '..=b'~').contains(&byte);
            assert!(subject.bytes().all(is_taken), "{subject:?}");
        }
    }

    #[test]
    fn a_message_controls_no_terminal() {
        assert_eq!(
            sendable_message("reason: \u{1b}[2J\u{202E}\r\nx\n"),
            "reason: \u{FFFD}[2J\u{FFFD} \nx\n"
        );
        let long = "ä".repeat(LONGEST_MESSAGE + 1);
        assert_eq!(sendable_message(&long).chars().count(), LONGEST_MESSAGE);
    }
}
