//! Why builds fail: reasons and failure contexts in the forms that the User Guide shows.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    resources::image::{Image, ImageStatus},
    state::State,
};

/// A failed build's `state.reason` and `state.failureContext`.
#[derive(Debug)]
pub(super) struct Failure {
    pub reason: String,
    pub context: Option<Value>,
}

impl Failure {
    /// Before any workflow started: the context has the state and nothing else.
    pub fn early(status: ImageStatus, reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), context: Some(json!({"imageStatus": status})) }
    }

    /// In the distribution to some Region.
    pub fn in_region(image: &Image, region: &str, message: &str) -> Self {
        let job = Uuid::new_v4();
        let integrating = image.status == ImageStatus::Integrating;
        let part = if integrating { "Integration" } else { "Distribution" };
        let arn = image.arn.versionless_build();
        let reason =
            format!("{part} failed with JobId '{job}', status = 'Failed' for ARN '{arn}'. {message}");
        let failure = json!({
            "errorMessage": format!("In region '{region}' - '{message}'"),
            "regionFailures": [
                {"region": region, "status": "FAILED", "errorMessage": message},
            ],
        });
        let context = json!({"imageStatus": image.status, "distributionFailure": failure});
        Self { reason, context: Some(context) }
    }

    /// In a component's document, or in the last steps.
    fn in_workflow(image: &Image) -> Self {
        let execution = format!("wf-{}", Uuid::new_v4());
        let (workflow, step, phase) = if image.status == ImageStatus::Testing {
            ("test/test-image", "ApplyTestComponents", "test")
        } else {
            ("build/build-image", "ApplyBuildComponents", "build")
        };
        let component = image.recipe.settings.components.first();
        let component = component.map(|first| first.component_arn.to_string());
        let document = component.as_deref().unwrap_or("none");
        let reason =
            format!("Workflow Execution ID: '{execution}' failed with reason: Document {document} failed!");
        let region = &image.arn.region;
        let failure = component.as_ref().map(|arn| component_failure(arn, phase));
        let context = json!({
            "imageStatus": image.status,
            "workflowExecutionId": execution,
            "workflowArn": format!("arn:aws:imagebuilder:{region}:aws:workflow/{workflow}/1.0.0/1"),
            "stepExecutionId": format!("step-{}", Uuid::new_v4()),
            "failedStep": step,
            "componentFailure": failure,
        });
        Self { reason, context: Some(context) }
    }
}

fn component_failure(arn: &str, phase: &str) -> Value {
    json!({
        "componentArn": arn,
        "phaseName": phase,
        "stepName": "InjectedFailure",
        "action": "ExecuteBash",
        "errorMessage": "exit status 1",
    })
}

/// The failure that somebody asked for, used up by this build.
pub(super) fn injected(state: &mut State, image: &Image) -> Result<(), Failure> {
    let slug = &image.recipe.arn.slug;
    let mut failures = state.failures.iter_mut();
    let Some(asked) = failures.find(|failure| failure.hits(slug, image.status)) else {
        return Ok(());
    };
    asked.times -= 1;
    let with_context = asked.failure_context;
    let distributed = matches!(image.status, ImageStatus::Distributing | ImageStatus::Integrating);
    let mut failure = if distributed {
        Failure::in_region(image, &image.arn.region, "An injected failure.")
    } else {
        Failure::in_workflow(image)
    };
    failure.context = failure.context.filter(|_| with_context);
    Err(failure)
}
