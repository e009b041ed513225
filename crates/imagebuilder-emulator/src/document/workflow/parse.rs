//! From a text to a workflow document.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    OnFailure, Output, Parameter, ParameterType, Step, StepAction, WorkflowDocument, WorkflowKind,
    condition,
};
use crate::document::{
    ALLOWED_CHARACTERS, DocumentError, check_schema, has_allowed_characters,
    yaml::{self, Fields, Node},
};

/// Quota "steps per workflow" of the AWS General Reference.
const MAX_STEPS: usize = 15;

/// Quota "parameters per workflow" of the AWS General Reference.
const MAX_PARAMETERS: usize = 25;

const STEP_KEYS: [&str; 9] = [
    "name",
    "description",
    "action",
    "onFailure",
    "timeoutSeconds",
    "rollbackEnabled",
    "if",
    "inputs",
    "maxAttempts",
];

/// Parses a workflow document for a stage.
///
/// Errors say where in the document they are, what was found there and what was expected; AWS's
/// own texts are not known.
pub(crate) fn parse(text: &str, kind: WorkflowKind) -> Result<WorkflowDocument, DocumentError> {
    let root = yaml::load(text)?;
    let fields = root.fields()?;
    fields.only(&[
        "name",
        "description",
        "schemaVersion",
        "parameters",
        "steps",
        "outputs",
    ])?;
    Ok(WorkflowDocument {
        name: owned(fields.text("name")?),
        description: owned(fields.text("description")?),
        schema_version: check_schema(&fields)?,
        parameters: parameters(&fields)?,
        steps: steps(&fields, kind)?,
        outputs: fields
            .list("outputs")?
            .iter()
            .map(output)
            .collect::<Result<_, _>>()?,
    })
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn parameters(root: &Fields<'_>) -> Result<Vec<Parameter>, DocumentError> {
    let listed = root.list("parameters")?;
    if listed.len() > MAX_PARAMETERS {
        let problem = format!(
            "found {} parameters, expected at most {MAX_PARAMETERS}",
            listed.len()
        );
        return Err(root.node.problem(problem));
    }
    let mut names = BTreeSet::new();
    let parameters: Vec<_> = listed.iter().map(parameter).collect::<Result<_, _>>()?;
    for (node, parameter) in listed.iter().zip(&parameters) {
        if !names.insert(&parameter.name) {
            return Err(node.problem(format!("parameter '{}' is there twice", parameter.name)));
        }
    }
    Ok(parameters)
}

fn parameter(node: &Node) -> Result<Parameter, DocumentError> {
    let fields = node.fields().map_err(|error| error.within("parameters"))?;
    let name = fields
        .required_text("name")
        .map_err(|error| error.within("parameters"))?;
    let typed = || {
        check_characters(node, name)?;
        fields.only(&["name", "type", "default", "description"])?;
        let r#type = parameter_type(&fields)?;
        let default = fields
            .get("default")
            .map(|default| default_value(default, r#type))
            .transpose()?;
        let description = owned(fields.text("description")?);
        Ok(Parameter {
            name: name.to_owned(),
            r#type,
            default,
            description,
        })
    };
    typed().map_err(|error: DocumentError| error.within(format!("parameter '{name}'")))
}

fn parameter_type(fields: &Fields<'_>) -> Result<ParameterType, DocumentError> {
    match fields.text("type")? {
        None | Some("string") => Ok(ParameterType::String),
        Some("integer") => Ok(ParameterType::Integer),
        Some("boolean") => Ok(ParameterType::Boolean),
        Some("stringList") => Ok(ParameterType::StringList),
        Some(other) => {
            let expected = "expected string, integer, boolean or stringList";
            Err(fields
                .node
                .problem(format!("the type is '{other}', {expected}")))
        }
    }
}

fn default_value(node: &Node, r#type: ParameterType) -> Result<Value, DocumentError> {
    let unfit = |expected| {
        node.problem(format!(
            "the default is {}, expected {expected}",
            node.shown()
        ))
    };
    match r#type {
        ParameterType::String => node
            .scalar()
            .map(Value::from)
            .ok_or_else(|| unfit("a string")),
        ParameterType::Integer => node
            .integer()
            .map(Value::from)
            .map_err(|_| unfit("an integer")),
        ParameterType::Boolean => node
            .boolean()
            .map(Value::from)
            .ok_or_else(|| unfit("a boolean")),
        ParameterType::StringList => {
            let items = node.list().map_err(|_| unfit("a list of strings"))?;
            items
                .iter()
                .map(|item| item.text().map(Value::from))
                .collect()
        }
    }
}

fn steps(root: &Fields<'_>, kind: WorkflowKind) -> Result<Vec<Step>, DocumentError> {
    let listed = root
        .required("steps")?
        .list()
        .map_err(|error| error.within("steps"))?;
    if !(1..=MAX_STEPS).contains(&listed.len()) {
        let problem = format!("found {} steps, expected 1 to {MAX_STEPS}", listed.len());
        return Err(root.node.problem(problem));
    }
    let steps: Vec<_> = (1..)
        .zip(listed)
        .map(|(at, node)| step(node, at, kind))
        .collect::<Result<_, _>>()?;
    let mut names = BTreeSet::new();
    for (node, step) in listed.iter().zip(&steps) {
        if !names.insert(&step.name) {
            return Err(node.problem(format!("step '{}' is there twice", step.name)));
        }
    }
    check_mixture(root.node, &steps)?;
    Ok(steps)
}

/// One workflow distributes AMIs or container images, not both.
fn check_mixture(root: &Node, steps: &[Step]) -> Result<(), DocumentError> {
    let has_container = steps
        .iter()
        .any(|step| step.action == StepAction::DistributeContainerImage);
    match steps.iter().find(|step| step.action.distributes_amis()) {
        Some(step) if has_container => {
            let other = step.action.name();
            Err(root.problem(format!(
                "DistributeContainerImage cannot be combined with {other}"
            )))
        }
        Some(_) | None => Ok(()),
    }
}

fn step(node: &Node, position: usize, kind: WorkflowKind) -> Result<Step, DocumentError> {
    let unnamed = |error: DocumentError| error.within(format!("step {position}"));
    let fields = node.fields().map_err(unnamed)?;
    let name = fields.required_text("name").map_err(unnamed)?;
    named_step(&fields, name, kind).map_err(|error| error.within(format!("step '{name}'")))
}

fn named_step(fields: &Fields<'_>, name: &str, kind: WorkflowKind) -> Result<Step, DocumentError> {
    fields.only(&STEP_KEYS)?;
    check_name(fields.node, name)?;
    let action = action(fields, kind)?;
    if let Some(node) = fields.get("if") {
        condition::check(node).map_err(|error| error.within("if"))?;
    }
    Ok(Step {
        name: name.to_owned(),
        description: description(fields)?,
        action,
        on_failure: on_failure(fields)?,
        timeout_seconds: timeout(fields, action)?,
        rollback_enabled: rollback(fields)?,
        condition: fields.get("if").map(Node::to_json),
        inputs: inputs(fields, action)?,
        max_attempts: number(fields, "maxAttempts", 1, u32::MAX)?,
    })
}

/// A name with other characters could not be referred to, as in `$.parameters.name`. The rule is the
/// one of component documents.
fn check_characters(node: &Node, name: &str) -> Result<(), DocumentError> {
    if has_allowed_characters(name) {
        return Ok(());
    }
    Err(node.problem(format!("Invalid name '{name}'. {ALLOWED_CHARACTERS}")))
}

/// The User Guide wants 3 to 128 letters, digits and `_`, the API a letter first and 2 to 100 in
/// all, with `-`. What either allows is accepted.
fn check_name(node: &Node, name: &str) -> Result<(), DocumentError> {
    if (2..=128).contains(&name.len()) && has_allowed_characters(name) {
        return Ok(());
    }
    Err(node.problem("a step's name has 3 to 128 letters, digits or underscores"))
}

fn description(fields: &Fields<'_>) -> Result<Option<String>, DocumentError> {
    let text = fields.text("description")?;
    match text.map(|text| text.chars().count()) {
        Some(count @ (0 | 1025..)) => {
            let problem = format!("the description has {count} characters, expected 1 to 1024");
            Err(fields.node.problem(problem))
        }
        Some(_) | None => Ok(owned(text)),
    }
}

fn action(fields: &Fields<'_>, kind: WorkflowKind) -> Result<StepAction, DocumentError> {
    let name = fields.required_text("action")?;
    match StepAction::named(name) {
        Some(action) if action.is_allowed_in(kind) => Ok(action),
        Some(_) => {
            let stage = match kind {
                WorkflowKind::Build => "build",
                WorkflowKind::Test => "test",
                WorkflowKind::Distribution => "distribution",
            };
            Err(fields.node.problem(format!(
                "the action {name} is not available in a {stage} workflow"
            )))
        }
        None => Err(fields
            .node
            .problem(format!("'{name}' is not a step action of workflows"))),
    }
}

fn on_failure(fields: &Fields<'_>) -> Result<OnFailure, DocumentError> {
    match fields.text("onFailure")? {
        None | Some("Abort") => Ok(OnFailure::Abort),
        Some("Continue") => Ok(OnFailure::Continue),
        Some(other) => Err(fields.node.problem(format!(
            "onFailure is '{other}', expected Abort or Continue"
        ))),
    }
}

/// A value above the action's maximum fails validation, says the User Guide.
fn timeout(fields: &Fields<'_>, action: StepAction) -> Result<u32, DocumentError> {
    let (default, longest) = action.timeouts();
    number(fields, "timeoutSeconds", default, longest)
}

fn number(fields: &Fields<'_>, key: &str, default: u32, most: u32) -> Result<u32, DocumentError> {
    let Some(node) = fields.get(key) else {
        return Ok(default);
    };
    let found = node.integer().map_err(|error| error.within(key))?;
    let fitting = u32::try_from(found)
        .ok()
        .filter(|number| (1..=most).contains(number));
    fitting.ok_or_else(|| node.problem(format!("{key} is {found}, expected 1 to {most}")))
}

fn rollback(fields: &Fields<'_>) -> Result<Option<Value>, DocumentError> {
    let Some(node) = fields.get("rollbackEnabled") else {
        return Ok(None);
    };
    let path = node
        .scalar()
        .filter(|text| text.starts_with("$."))
        .map(Value::from);
    let value = node.boolean().map(Value::from).or(path);
    let problem = || {
        format!(
            "rollbackEnabled is {}, expected true, false or a JSONPath",
            node.shown()
        )
    };
    value.map(Some).ok_or_else(|| node.problem(problem()))
}

fn inputs(fields: &Fields<'_>, action: StepAction) -> Result<Map<String, Value>, DocumentError> {
    let inputs = match fields.get("inputs") {
        Some(node) => {
            node.fields().map_err(|error| error.within("inputs"))?;
            node.to_json()
        }
        None => Value::Object(Map::new()),
    };
    let Value::Object(inputs) = inputs else {
        return Ok(Map::new());
    };
    let given =
        |input: &str| inputs.contains_key(input) || inputs.contains_key(&format!("{input}.$"));
    match action.required_inputs().iter().find(|input| !given(input)) {
        Some(missing) => {
            let problem = format!(
                "the action {} requires the input '{missing}'",
                action.name()
            );
            Err(fields.node.problem(problem))
        }
        None => Ok(inputs),
    }
}

fn output(node: &Node) -> Result<Output, DocumentError> {
    let read = || {
        let fields = node.fields()?;
        let name = fields.required_text("name")?.to_owned();
        check_characters(node, &name)?;
        Ok(Output {
            name,
            value: fields.required("value")?.to_json(),
        })
    };
    read().map_err(|error: DocumentError| error.within("outputs"))
}
