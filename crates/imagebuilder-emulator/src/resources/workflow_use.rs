//! The workflows that a pipeline or CreateImage names: what is checked of them, and the executions
//! that an image has of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::workflow::{self, Workflow};
use crate::{
    arn::{Arn, Kind},
    build::execution::Execution,
    document::workflow::{Parameter, ParameterType, WorkflowKind},
    options::Options,
    refusal::Refusal,
    request::{self, Request},
    state::State,
};

/// The workflows of a pipeline or image, in the order of the request; images share their pipeline's.
pub(crate) type WorkflowList = Arc<Vec<WorkflowConfiguration>>;

/// A workflow of a pipeline or image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkflowConfiguration {
    /// Resolved when the build starts.
    pub workflow_arn: Arn,
    pub parameters: Option<Vec<WorkflowParameter>>,
    /// Test workflows of the same group run side by side.
    pub parallel_group: Option<String>,
    pub on_failure: Option<OnWorkflowFailure>,
}

/// A value for a workflow's parameter: a list by its shape, of one but for a `stringList`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorkflowParameter {
    pub name: String,
    pub value: Vec<String>,
}

/// What a failed test workflow means for the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum OnWorkflowFailure {
    /// The next workflow runs.
    Continue,
    /// The image fails, as without a value.
    Abort,
}

impl WorkflowConfiguration {
    /// A workflow and nothing more.
    pub fn of(workflow_arn: Arn) -> Self {
        Self {
            workflow_arn,
            parameters: None,
            parallel_group: None,
            on_failure: None,
        }
    }
}

/// The executions of a new image, in the order of the stages: of the workflows that are named,
/// without the tests if those are disabled.
pub(super) fn planned(
    state: &State,
    options: &Options,
    named: &WorkflowList,
    tested: bool,
) -> Result<Vec<Execution>, Refusal> {
    let kinds = [
        WorkflowKind::Build,
        WorkflowKind::Test,
        WorkflowKind::Distribution,
    ];
    let mut executions = Vec::new();
    for kind in kinds
        .into_iter()
        .filter(|kind| tested || *kind != WorkflowKind::Test)
    {
        for (position, one) in (0..).zip(named.iter()) {
            if one.workflow_arn.kind == workflow::arn_kind(kind) {
                let found = state.workflows.newest(&one.workflow_arn);
                let (id, _) = found
                    .ok_or_else(|| request::missing(options, "workflowArn", &one.workflow_arn))?;
                executions.push(Execution::planned(id, kind, position));
            }
        }
    }
    Ok(executions)
}

/// Checks the member `workflows` of a request.
pub(super) fn check(request: &Request<'_>) -> Result<(), Refusal> {
    let Some(named) = request.member::<Vec<WorkflowConfiguration>>("workflows")? else {
        return Ok(());
    };
    if !request.has("executionRole") {
        return Err(Refusal::combination(
            "An execution role is required to provide workflows.",
        ));
    }
    let limit = request.options().quotas.workflows_of_an_image;
    if named.len() > limit {
        return Err(Refusal::quota("Workflows per image", limit));
    }
    for (kind, name) in [
        (Kind::BuildWorkflow, "build"),
        (Kind::DistributionWorkflow, "distribution"),
    ] {
        if named
            .iter()
            .filter(|one| one.workflow_arn.kind == kind)
            .count()
            > 1
        {
            let rule = format!("There can be at most one {name} workflow.");
            return Err(Refusal::invalid("workflows", &rule));
        }
    }
    named
        .iter()
        .enumerate()
        .try_for_each(|(index, one)| check_one(request, index, one))
}

fn check_one(
    request: &Request<'_>,
    index: usize,
    named: &WorkflowConfiguration,
) -> Result<(), Refusal> {
    let arn = &named.workflow_arn;
    let found = workflow::find(request, arn).ok_or_else(|| request.missing("workflowArn", arn))?;
    let member = |name: &str| format!("workflows[{index}].{name}");
    if found.kind != WorkflowKind::Test {
        let only_tests = "This property can only be set for test workflows.";
        if named.parallel_group.is_some() {
            return Err(Refusal::invalid(&member("parallelGroup"), only_tests));
        }
        if named.on_failure.is_some() {
            return Err(Refusal::invalid(&member("onFailure"), only_tests));
        }
    }
    check_parameters(found, named).map_err(|rule| Refusal::invalid(&member("parameters"), &rule))
}

fn check_parameters(workflow: &Workflow, named: &WorkflowConfiguration) -> Result<(), String> {
    let given = || named.parameters.iter().flatten();
    let declared = &workflow.document.parameters;
    for value in given() {
        let parameter = declared
            .iter()
            .find(|parameter| parameter.name == value.name);
        let parameter = parameter
            .ok_or_else(|| format!("'{}' is not a parameter of '{}'.", value.name, workflow.arn))?;
        check_value(parameter, &value.value)?;
    }
    let named = |parameter: &&Parameter| given().any(|value| value.name == parameter.name);
    match declared
        .iter()
        .find(|parameter| parameter.default.is_none() && !named(parameter))
    {
        Some(missing) => Err(format!(
            "Parameter '{}' of '{}' is required.",
            missing.name, workflow.arn
        )),
        None => Ok(()),
    }
}

fn check_value(parameter: &Parameter, value: &[String]) -> Result<(), String> {
    let name = &parameter.name;
    let single = match value {
        _ if parameter.r#type == ParameterType::StringList => return Ok(()),
        [single] => single,
        _ => return Err(format!("Parameter '{name}' must have exactly one value.")),
    };
    let fits = match parameter.r#type {
        ParameterType::Integer => single.parse::<i64>().is_ok(),
        ParameterType::Boolean => matches!(single.as_str(), "true" | "false"),
        ParameterType::String | ParameterType::StringList => true,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("'{single}' is not a value for parameter '{name}'."))
    }
}
