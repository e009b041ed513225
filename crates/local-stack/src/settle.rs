//! Waiting for the stack to come to rest.
//!
//! Nothing in AWS says "I am done": an upload may start several runs, a run several builds, and a
//! build one more run. Rest is when every image is finished, every event delivered, no function at work,
//! and two looks in a row see the same.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::aws::CallError;
use crate::stack::Stack;

/// Uploads, events and functions show from the call that starts them to their end, so that two looks
/// in a row see the same. Only what EventBridge's own clock starts can come in between.
const QUIET: Duration = Duration::from_millis(250);

const POLL: Duration = Duration::from_millis(100);

/// The stack did not come to rest.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The stack could not be asked.
    #[error("the stack cannot be asked whether it is at rest")]
    Call(#[from] CallError),
    /// Things went on.
    #[error("the stack is not at rest after {} s: {reports} reports, images {images:?}", .timeout.as_secs())]
    Timeout {
        /// How long it was waited for.
        timeout: Duration,
        /// How many reports there are.
        reports: usize,
        /// The images and their states.
        images: BTreeMap<String, String>,
    },
}

/// What changes while the stack is at work.
#[derive(PartialEq, Eq)]
struct Activity {
    images: BTreeMap<String, String>,
    is_at_work: bool,
    reports: usize,
}

impl Stack {
    /// Waits until no image is being built and no function has run for a while. With a manual
    /// clock, where a build takes for ever, images that do not move are at rest, too.
    pub async fn settle(&self, timeout: Duration) -> Result<(), SettleError> {
        let started = Instant::now();
        let mut seen = self.activity().await?;
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            tokio::time::sleep(POLL).await;
            let now = self.activity().await?;
            if now != seen || now.is_at_work {
                (seen, since) = (now, Instant::now());
            }
            if started.elapsed() > timeout {
                return Err(SettleError::Timeout {
                    timeout,
                    reports: seen.reports,
                    images: seen.images,
                });
            }
        }
        Ok(())
    }

    async fn activity(&self) -> Result<Activity, CallError> {
        let mut images = BTreeMap::new();
        let is_at_work = self.emulator.undelivered() > 0
            || self.are_functions_at_work()
            || (!self.manual && self.emulator.running_images() > 0);
        for pipeline in self.aws.image_pipelines().await? {
            for image in self.aws.images_of(&pipeline.arn).await? {
                images.insert(image.arn, image.state.status);
            }
        }
        Ok(Activity {
            images,
            is_at_work,
            reports: self.report_keys().await?.len(),
        })
    }
}
