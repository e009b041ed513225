//! The events: what each looks like, envelope and detail, as the User Guide shows them.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    common::arn::{self, Arn},
    records::image::ImageStatus,
};

/// The name of an event of a changed image.
const STATE_CHANGE: &str = "EC2 Image Builder Image State Change";

/// Where an event comes from.
struct Envelope<'a> {
    source: &'a str,
    account: &'a str,
    region: &'a str,
    at: Timestamp,
}

impl<'a> Envelope<'a> {
    fn of(arn: &'a Arn, at: Timestamp) -> Self {
        Self {
            source: "aws.imagebuilder",
            account: &arn.account,
            region: &arn.region,
            at,
        }
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
        Self {
            image,
            previous,
            status,
            at,
        }
    }

    pub fn event(&self) -> Value {
        let detail = json!({
            "previous-state": {"status": self.previous},
            "state": {"status": self.status},
        });
        Envelope::of(self.image, self.at).event(STATE_CHANGE, &[self.image.to_string()], &detail)
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
        Envelope::of(self.pipeline, self.at).event(name, &[self.pipeline.to_string()], &detail)
    }
}

/// An "EC2 Image Builder CVE Detected".
pub(crate) struct CveDetected<'a> {
    pub image: &'a Arn,
    /// The pipeline that the build is a run of.
    pub pipeline: Option<&'a Arn>,
    /// `all`, `critical`, `high` and `medium`
    pub counts: &'a Value,
    pub at: Timestamp,
}

impl CveDetected<'_> {
    /// The test instance has an id that nothing else knows.
    pub fn event(&self) -> Value {
        let instance = &Uuid::new_v4().simple().to_string()[..17];
        let detail = json!({
            "resource-id": format!("i-{instance}"),
            "finding-severity-counts": self.counts,
        });
        let resources: Vec<_> = [self.image]
            .into_iter()
            .chain(self.pipeline)
            .map(Arn::to_string)
            .collect();
        Envelope::of(self.image, self.at).event(
            "EC2 Image Builder CVE Detected",
            &resources,
            &detail,
        )
    }
}

/// An "EC2 Image Builder Workflow Step Waiting".
pub(crate) struct StepWaiting<'a> {
    pub image: &'a Arn,
    pub workflow: &'a Arn,
    /// `wf-` and a UUID
    pub execution: &'a str,
    /// `step-` and a UUID
    pub step: &'a str,
    pub step_name: &'a str,
    pub at: Timestamp,
}

impl StepWaiting<'_> {
    pub fn event(&self) -> Value {
        let detail = json!({
            "workflow-execution-id": self.execution,
            "workflow-step-execution-id": self.step,
            "workflow-step-name": self.step_name,
        });
        let resources = [self.image.to_string(), self.workflow.to_string()];
        let name = "EC2 Image Builder Workflow Step Waiting";
        Envelope::of(self.image, self.at).event(name, &resources, &detail)
    }
}

/// EC2's own "EC2 AMI State Change", as its User Guide shows it.
pub(crate) struct AmiChange<'a> {
    pub image: &'a str,
    /// The account that the event goes to: the AMI's owner.
    pub account: &'a str,
    pub region: &'a str,
    /// `available`, `deregistered` or `disabled`
    pub state: &'a str,
    pub at: Timestamp,
}

impl AmiChange<'_> {
    pub fn event(&self) -> Value {
        let Self {
            image,
            account,
            region,
            state,
            at,
        } = *self;
        let detail = json!({
            "RequestID": Uuid::new_v4().to_string(),
            "ImageId": image,
            "State": state,
            "ErrorMessage": "",
        });
        let resource = format!("arn:{}:ec2:{region}::image/{image}", arn::partition(region));
        let origin = Envelope {
            source: "aws.ec2",
            account,
            region,
            at,
        };
        origin.event("EC2 AMI State Change", &[resource], &detail)
    }
}
