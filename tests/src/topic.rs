//! A subscriber of the topic.

use local_stack::aws::{Aws, Notification};

/// As long as a queue lets a receiver wait (SQS, long polling).
const PATIENCE_SECONDS: u8 = 20;

/// Hears what is published to the topic from its creation on.
#[derive(Debug)]
pub struct Topic {
    pub(crate) aws: Aws,
    pub(crate) queue: String,
}

impl Topic {
    /// Waits until something is published, and returns what has arrived then.
    pub async fn next(&self) -> Vec<Notification> {
        let first = self
            .aws
            .take_notifications(&self.queue, PATIENCE_SECONDS)
            .await
            .expect("notifications");
        first.into_iter().chain(self.heard().await).collect()
    }

    /// What was published since the last look, as far as it has arrived.
    pub async fn heard(&self) -> Vec<Notification> {
        let mut heard = Vec::new();
        loop {
            let taken = self
                .aws
                .take_notifications(&self.queue, 0)
                .await
                .expect("notifications");
            if taken.is_empty() {
                return heard;
            }
            heard.extend(taken);
        }
    }
}
