//! Events and notifications: what they look like, and who gets them.

pub(crate) mod aws;
pub(crate) mod delivery;
mod kinds;
mod target;
pub(crate) mod topic;
pub(crate) mod trouble;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::kinds::{AmiChange, AutoDisabled, CveDetected, StateChange, StepWaiting};
use crate::{arn::Arn, resources::image::Image};

/// Something that the world outside is to hear.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Notice {
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

impl Notice {
    /// The message on a finished image.
    pub fn to_topic(topic: String, image: &Image) -> Self {
        let Arn {
            account, region, ..
        } = &image.arn;
        let message = topic::message(image);
        Self::Topic {
            topic,
            account: account.to_string(),
            region: region.to_string(),
            message,
        }
    }
}
