//! What is checked of the workflows that a pipeline or CreateImage names.

use crate::{
    api::imagebuilder::{request::Request, workflow},
    common::{arn::Kind, error::ApiError},
    document::workflow::{Parameter, ParameterType, WorkflowKind},
    records::{workflow::Workflow, workflow_list::WorkflowConfiguration},
};

/// Checks the member `workflows` of a request. They need a role (API reference, `CreateImagePipeline`), and
/// there is one build and one distribution workflow at most (User Guide, "Manage workflows"). Groups and
/// `onFailure` are for tests (API reference, `WorkflowConfiguration`).
pub(crate) fn check(request: &Request<'_>) -> Result<(), ApiError> {
    let Some(named) = request.member::<Vec<WorkflowConfiguration>>("workflows")? else {
        return Ok(());
    };
    if !request.has("executionRole") {
        return Err(ApiError::combination(
            "An execution role is required to provide workflows.",
        ));
    }
    let limit = request.options().quotas.workflows_of_an_image;
    if named.len() > limit {
        return Err(ApiError::quota("Workflows per image", limit));
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
            return Err(ApiError::invalid("workflows", &rule));
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
) -> Result<(), ApiError> {
    let arn = &named.workflow_arn;
    let found = workflow::find(request, arn).ok_or_else(|| request.missing("workflowArn", arn))?;
    let member = |name: &str| format!("workflows[{index}].{name}");
    if found.kind != WorkflowKind::Test {
        let only_tests = "This property can only be set for test workflows.";
        if named.parallel_group.is_some() {
            return Err(ApiError::invalid(&member("parallelGroup"), only_tests));
        }
        if named.on_failure.is_some() {
            return Err(ApiError::invalid(&member("onFailure"), only_tests));
        }
    }
    check_parameters(found, named).map_err(|rule| ApiError::invalid(&member("parameters"), &rule))
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
