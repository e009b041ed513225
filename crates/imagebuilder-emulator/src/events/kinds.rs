//! The events: what each looks like, envelope and detail, as the User Guide shows them.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{arn::Arn, resources::image::ImageStatus};

/// The name of an event of a changed image.
const STATE_CHANGE: &str = "EC2 Image Builder Image State Change";

/// Where an event comes from.
struct Origin<'a> {
    source: &'a str,
    account: &'a str,
    region: &'a str,
    at: Timestamp,
}

impl<'a> Origin<'a> {
    fn of(arn: &'a Arn, at: Timestamp) -> Self {
        Self { source: "aws.imagebuilder", account: &arn.account, region: &arn.region, at }
    }

    /// The whole envelope, as rules and targets see it. Its time has whole seconds.
    fn event(&self, detail_type: &str, resources: &[String], detail: &Value) -> Value {
        json!({
            "version": "0",
            "id": Uuid::new_v4().to_string(),
            "detail-type": detail_type,
            "source": self.source,
            "account": self.account,
            "time": self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.region,
            "resources": resources,
            "detail": detail,
        })
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

    pub fn event(&self) -> Value {
        let detail = json!({
            "previous-state": {"status": self.previous},
            "state": {"status": self.status},
        });
        Origin::of(self.image, self.at).event(STATE_CHANGE, &[self.image.to_string()], &detail)
    }
}

/// An "EC2 Image Builder Image Pipeline Automatically Disabled".
pub(crate) struct AutoDisabled<'a> {
    pub pipeline: &'a Arn,
    /// Scheduled builds that failed in a row.
    pub failures: u32,
    pub at: Timestamp,
}

impl AutoDisabled<'_> {
    pub fn event(&self) -> Value {
        let name = "EC2 Image Builder Image Pipeline Automatically Disabled";
        let detail = json!({"consecutive-failures": self.failures.to_string()});
        Origin::of(self.pipeline, self.at).event(name, &[self.pipeline.to_string()], &detail)
    }
}
