//! How lifecycle executions and their resources are shown.

use serde_json::{Value, json};

use crate::{
    common::arn::Kind,
    records::lifecycle_execution::{Execution, Impact, Outcome},
};

impl Impact {
    /// As ListLifecycleExecutionResources shows the image.
    pub fn view(&self) -> Value {
        json!({
            "accountId": self.image.account,
            "resourceId": self.image,
            "state": self.outcome.view(),
            "action": {"name": self.action},
            "region": self.image.region,
            "startTime": self.started,
            "endTime": self.ended,
        })
    }

    /// As ListLifecycleExecutionResources shows the image's AMIs.
    pub fn views_of_amis(&self) -> impl Iterator<Item = Value> {
        self.amis.iter().map(|ami| {
            let snapshots = ami.snapshots.iter();
            let snapshots: Vec<_> = snapshots
                .map(|(id, outcome)| json!({"snapshotId": id, "state": outcome.view()}))
                .collect();
            json!({
                "accountId": ami.account,
                "resourceId": ami.id,
                "state": ami.outcome.view(),
                "action": {"name": self.action},
                "region": ami.region,
                "snapshots": snapshots,
                "startTime": self.started,
                "endTime": self.ended,
            })
        })
    }
}

impl Outcome {
    fn view(&self) -> Value {
        json!({"status": self.status, "reason": self.reason})
    }
}

impl Execution {
    /// `lifecycleExecutionState`
    pub fn state(&self) -> Value {
        json!({"status": self.status})
    }

    /// As GetLifecycleExecution shows it. The summary says false as long as a scheduled update
    /// waits, as the command's examples do.
    pub fn view(&self) -> Value {
        let policy = Some(&self.cause).filter(|cause| cause.kind == Kind::LifecyclePolicy);
        json!({
            "lifecycleExecutionId": self.id,
            "lifecyclePolicyArn": policy,
            "resourcesImpactedSummary": {"hasImpactedResources": self.impacted},
            "state": self.state(),
            "startTime": self.started,
            "endTime": self.ended,
        })
    }
}
