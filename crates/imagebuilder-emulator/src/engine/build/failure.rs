//! Why builds fail: reasons and failure contexts in the forms that the User Guide shows.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    common::lookup,
    document::workflow::{OnFailure, StepAction, WorkflowKind},
    engine::build::values::Values,
    records::{
        component::Component,
        distribution::Distribution,
        failure::Failure,
        image::{Image, ImageStatus},
    },
    state::State,
};

/// A destination that a distribution did not reach.
#[derive(Debug, Clone)]
pub(crate) struct RegionFailure {
    pub region: String,
    /// The account that was to get the AMI, if it is not the building one.
    pub target_account: Option<String>,
    /// The `ImageConfigurationStep`, if the AMI was copied and what follows it failed.
    pub step: Option<&'static str>,
    pub message: String,
}

impl RegionFailure {
    /// The failure as one of the jobs of a distribution.
    fn job(&self, source: &str) -> String {
        let Self {
            region, message, ..
        } = self;
        let target = self.target_account.as_deref().unwrap_or(source);
        format!(
            "{message} when distributing the image from the source account (ID: {source}) to the destination \
             account (ID: {target}) in Region {region}."
        )
    }

    fn view(&self) -> Value {
        let mut view =
            json!({"region": self.region, "status": "FAILED", "errorMessage": self.message});
        if let Some(account) = &self.target_account {
            view["targetAccountId"] = account.as_str().into();
        }
        if let Some(step) = self.step {
            view["imageConfigurationStep"] = step.into();
        }
        view
    }
}

impl Failure {
    /// Before any workflow started: the context has the state and nothing else.
    pub fn early(status: ImageStatus, reason: impl Into<String>) -> Self {
        Self::new(reason.into(), json!({"imageStatus": status}))
    }

    fn new(reason: String, context: Value) -> Self {
        Self {
            reason,
            context: Some(context),
            is_step_message: true,
        }
    }

    /// In a step, for a reason that is no component's and no destination's.
    pub fn of_step(image: &Image, message: impl Into<String>) -> Self {
        Self::early(image.status, message)
    }

    /// In the distribution to some Region.
    pub fn in_region(image: &Image, region: &str, message: &str) -> Self {
        let failure = RegionFailure {
            region: region.to_owned(),
            target_account: None,
            step: None,
            message: message.to_owned(),
        };
        Self::in_regions(image, &[failure])
    }

    /// In the distribution to some destinations.
    pub fn in_regions(image: &Image, failures: &[RegionFailure]) -> Self {
        let by_region = failures
            .iter()
            .map(|one| format!("In region '{}' - '{}'", one.region, one.message));
        let distribution = json!({
            "errorMessage": by_region.collect::<Vec<_>>().join(" "),
            "regionFailures": failures.iter().map(RegionFailure::view).collect::<Vec<_>>(),
        });
        Self::new(
            reason(image, failures),
            json!({"imageStatus": image.status, "distributionFailure": distribution}),
        )
    }

    /// In a document of a component that runs in the stage.
    fn in_component(state: &State, image: &Image, message: Option<&str>) -> Self {
        let testing = image.status == ImageStatus::Testing;
        let phase = if testing { "test" } else { "build" };
        let component = components(state, image, testing)
            .next()
            .map(|one| one.arn.to_string());
        let written = image
            .recipe
            .settings
            .components
            .first()
            .map(|one| one.component_arn.to_string());
        let component = component.or(written);
        let document = component.as_deref().unwrap_or("none");
        let failure = component
            .as_ref()
            .map(|arn| component_failure(arn, phase, message));
        let context = json!({"imageStatus": image.status, "componentFailure": failure});
        Self {
            reason: format!("Document {document} failed!"),
            context: Some(context),
            is_step_message: false,
        }
    }

    /// The same failure, said to be a step's.
    pub fn at_step(mut self, values: &Values<'_>, position: usize) -> Self {
        self.reason = format!(
            "Workflow Execution ID: '{}' failed with reason: {}",
            values.id(),
            self.reason
        );
        if let Some(context) = &mut self.context {
            context["workflowExecutionId"] = values.id().into();
            context["workflowArn"] = values.workflow.arn.to_string().into();
            context["stepExecutionId"] = values.step_id(position).into();
            context["failedStep"] = values.step(position).map(|step| step.name.as_str()).into();
        }
        self
    }
}

/// The reason in the words of the User Guide and of bug reports (deepracer-on-the-spot, issue 106). It has
/// 1,024 characters at most (model, `NonEmptyString`).
fn reason(image: &Image, failures: &[RegionFailure]) -> String {
    let (job, arn) = (Uuid::new_v4(), &image.arn);
    let (part, what) = if image.status == ImageStatus::Integrating {
        let messages: Vec<_> = failures.iter().map(|one| one.message.as_str()).collect();
        ("Integration", messages.join(" "))
    } else {
        let jobs: Vec<_> = (1..)
            .zip(failures)
            .map(|(number, one)| format!("{number}) {}", one.job(&arn.account)))
            .collect();
        let jobs = jobs.join(" ");
        let what = format!("'Not all distribution jobs are completed. {jobs}'");
        ("Distribution", what)
    };
    let reason =
        format!("{part} failed with JobId '{job}', status = 'Failed' for ARN '{arn}'. {what}");
    reason.chars().take(1024).collect()
}

fn component_failure(arn: &str, phase: &str, message: Option<&str>) -> Value {
    json!({
        "componentArn": arn,
        "phaseName": phase,
        "stepName": "InjectedFailure",
        "action": "ExecuteBash",
        "errorMessage": message.unwrap_or("exit status 1"),
    })
}

/// The components of the image's recipe that have something to build, or to test, at the builds
/// that run now.
pub(crate) fn components<'s>(
    state: &'s State,
    image: &'s Image,
    testing: bool,
) -> impl Iterator<Item = &'s Component> {
    let named = image.recipe.settings.components.iter();
    let resolved = named.filter_map(|one| lookup::newest(&state.components, &one.component_arn));
    resolved
        .map(|(_, component)| component)
        .filter(move |component| component.runs_in(testing))
}

/// Whether a fault is to fail this build in the state it is in.
pub(crate) fn is_to_fail(state: &State, image: &Image) -> bool {
    state.failures.iter().any(|failure| failure.hits(image))
}

/// What is still distributed when a fault fails one destination: the others'
/// entries; none if the failure is the whole distribution's.
pub(crate) fn spared(state: &State, image: &Image, entries: &[Distribution]) -> Vec<Distribution> {
    let asked = state.failures.iter().find(|failure| failure.hits(image));
    let asked = asked.filter(|asked| asked.region.is_some() || asked.account.is_some());
    let Some(asked) = asked.filter(|_| image.status == ImageStatus::Distributing) else {
        return Vec::new();
    };
    entries
        .iter()
        .filter_map(|entry| asked.spares(entry))
        .collect()
}

/// The failure of a fault, which this build uses up.
pub(crate) fn injected(state: &mut State, image: &Image) -> Result<(), Failure> {
    let mut failures = state.failures.iter_mut();
    let Some(asked) = failures.find(|failure| failure.hits(image)) else {
        return Ok(());
    };
    asked.times -= 1;
    let (with_context, asked) = (asked.failure_context, asked.clone());
    let distributed = matches!(
        image.status,
        ImageStatus::Distributing | ImageStatus::Integrating
    );
    let mut failure = if distributed {
        let integrating = image.status == ImageStatus::Integrating;
        let failure = RegionFailure {
            region: asked.region(image).to_owned(),
            target_account: asked
                .account
                .clone()
                .filter(|account| *account != image.arn.account),
            step: integrating.then_some("UPDATE_LAUNCH_TEMPLATES"),
            message: asked.message().to_owned(),
        };
        Failure::in_regions(image, &[failure])
    } else {
        Failure::in_component(state, image, asked.message.as_deref())
    };
    failure.context = failure.context.filter(|_| with_context);
    Err(failure)
}

/// Whether an injected failure happens at this step: where components run, or where the AMI is
/// distributed. A workflow without such a step fails at the last one that aborts it.
pub(crate) fn is_at_step(values: &Values<'_>, position: usize) -> bool {
    let steps = &values.workflow.document.steps;
    let runs = |index: &usize| steps.get(*index).is_some_and(|step| values.admits(step));
    let first = |action: StepAction| {
        (0..steps.len())
            .filter(runs)
            .find(|index| steps[*index].action == action)
    };
    let aborts = |index: &usize| {
        let step = &steps[*index];
        step.on_failure == OnFailure::Abort && step.action != StepAction::WaitForAction
    };
    let wanted = match values.execution.kind {
        WorkflowKind::Distribution if values.image.status == ImageStatus::Integrating => {
            first(StepAction::ApplyImageConfigurations)
        }
        WorkflowKind::Distribution => first(StepAction::DistributeImage),
        WorkflowKind::Build | WorkflowKind::Test => first(StepAction::ExecuteComponents)
            .or_else(|| (0..steps.len()).filter(runs).rev().find(aborts)),
    };
    wanted == Some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_names_what_it_knows() {
        let failure = RegionFailure {
            region: "eu-west-1".to_owned(),
            target_account: Some("222222222222".to_owned()),
            step: None,
            message: "no".to_owned(),
        };
        let expected = json!({
            "region": "eu-west-1", "status": "FAILED", "targetAccountId": "222222222222",
            "errorMessage": "no",
        });
        assert_eq!(failure.view(), expected);
    }
}
