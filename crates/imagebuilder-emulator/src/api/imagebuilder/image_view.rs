//! How images show: as a whole, as a build in a list, as a version in a list.

use serde_json::{Value, json};

use crate::{
    common::json::to_json,
    document::workflow::WorkflowKind,
    engine::scan::is_wanted,
    records::image::{Image, ImageStatus, Origin},
};

impl Image {
    fn state(&self) -> Value {
        json!({
            "status": self.status,
            "reason": self.reason,
            "failureContext": self.failure_context,
        })
    }

    fn outputs(&self) -> Value {
        json!({"amis": self.outputs})
    }

    /// The account, or `Amazon`.
    fn owner(&self) -> &str {
        if self.origin == Origin::Managed {
            "Amazon"
        } else {
            &self.arn.account
        }
    }

    /// A member that only an image has that was built.
    fn of_build(&self, member: impl FnOnce() -> Value) -> Value {
        if self.origin == Origin::Built {
            member()
        } else {
            Value::Null
        }
    }

    /// As GetImage shows it.
    pub fn view(&self) -> Value {
        json!({
            "arn": self.arn,
            "type": "AMI",
            "name": self.recipe.name,
            "version": self.version(),
            "platform": self.recipe.platform,
            "osVersion": self.os_version,
            "enhancedImageMetadataEnabled": self.enhanced_metadata,
            "state": self.state(),
            "imageRecipe": self.of_build(|| to_json(&*self.recipe)),
            "sourcePipelineName": self.pipeline.as_ref().map(|pipeline| &pipeline.name),
            "sourcePipelineArn": self.pipeline.as_ref().map(|pipeline| &pipeline.arn),
            "infrastructureConfiguration": self.of_build(|| to_json(&*self.infrastructure)),
            "distributionConfiguration": self.distribution.as_deref().map(to_json),
            "imageTestsConfiguration": self.of_build(|| to_json(&self.tests)),
            "dateCreated": self.date_created,
            "outputResources": self.outputs(),
            "tags": self.tags,
            "buildType": self.build_type,
            "imageSource": self.source,
            "scanState": scan_state(self),
            "imageScanningConfiguration": self.scanning,
            "executionRole": self.execution_role,
            "workflows": self.of_build(|| to_json(&self.workflows)),
            "loggingConfiguration": self.logging,
            "deprecationTime": self.lifecycle.as_ref().and_then(|past| past.deprecation_time),
            "lifecycleExecutionId": self.lifecycle.as_ref().and_then(|past| past.execution.clone()),
        })
    }

    /// As the lists of builds show it.
    pub fn summary(&self) -> Value {
        json!({
            "arn": self.arn,
            "name": self.recipe.name,
            "type": "AMI",
            "version": self.version(),
            "platform": self.recipe.platform,
            "osVersion": self.os_version,
            "state": self.state(),
            "owner": self.owner(),
            "dateCreated": self.date_created,
            "outputResources": self.outputs(),
            "tags": self.tags,
            "buildType": self.build_type,
            "imageSource": self.source,
            "loggingConfiguration": self.logging,
            "deprecationTime": self.lifecycle.as_ref().and_then(|past| past.deprecation_time),
            "lifecycleExecutionId": self.lifecycle.as_ref().and_then(|past| past.execution.clone()),
        })
    }

    /// As ListImages shows its version.
    pub fn version_view(&self) -> Value {
        json!({
            "arn": self.arn.versionless_build(),
            "name": self.recipe.name,
            "type": "AMI",
            "version": self.recipe.version,
            "platform": self.recipe.platform,
            "osVersion": self.os_version,
            "owner": self.owner(),
            "dateCreated": self.date_created,
            "buildType": self.build_type,
            "imageSource": self.source,
        })
    }
}

/// `scanState` of an image, if it is to be scanned. A scan runs while the tests do; without them,
/// or if they fail, it is abandoned.
pub(crate) fn scan_state(image: &Image) -> Value {
    if image.origin != Origin::Built || !is_wanted(image) {
        return Value::Null;
    }
    let tested = image
        .executions
        .iter()
        .any(|execution| execution.kind == WorkflowKind::Test);
    let reached = image.stopped_in.unwrap_or(image.status);
    let status = match (image.status, reached) {
        (ImageStatus::Pending | ImageStatus::Creating | ImageStatus::Building, _) => "PENDING",
        (ImageStatus::Testing, _) => "SCANNING",
        (
            ImageStatus::Failed | ImageStatus::Cancelled,
            ImageStatus::Pending
            | ImageStatus::Creating
            | ImageStatus::Building
            | ImageStatus::Testing,
        ) => "ABANDONED",
        _ if tested => "COMPLETED",
        _ => "ABANDONED",
    };
    json!({"status": status})
}
