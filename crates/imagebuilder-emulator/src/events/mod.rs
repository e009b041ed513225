//! Events and notifications: what they look like, and who gets them.

pub(crate) mod aws;
pub(crate) mod delivery;
pub(crate) mod topic;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    arn::Arn,
    resources::image::{Image, ImageStatus},
};

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
        let Arn { account, region, .. } = &image.arn;
        let message = topic::message(image);
        Self::Topic { topic, account: account.clone(), region: region.clone(), message }
    }
}

/// An "EC2 Image Builder Image State Change".
pub(crate) struct StateChange<'a> {
    image: &'a Arn,
    previous: ImageStatus,
    status: ImageStatus,
    at: Timestamp,
}

impl<'a> StateChange<'a> {
    pub fn new(image: &'a Arn, previous: ImageStatus, status: ImageStatus, at: Timestamp) -> Self {
        Self { image, previous, status, at }
    }

    /// The whole envelope, as rules and targets see it.
    pub fn event(&self) -> Value {
        json!({
            "version": "0",
            "id": Uuid::new_v4().to_string(),
            "detail-type": "EC2 Image Builder Image State Change",
            "source": "aws.imagebuilder",
            "account": self.image.account,
            "time": self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.image.region,
            "resources": [self.image],
            "detail": {
                "previous-state": {"status": self.previous},
                "state": {"status": self.status},
            },
        })
    }
}
