//! Component documents (AWSTOE, schema 1.0): phases of steps that run on an instance. The sources
//! are the User Guide's pages on the component document framework, variables, loops, conditions
//! and action modules.
//!
//! A document that AWS accepts must be accepted here. So only what a source says AWS refuses is
//! refused. The operators of `if` and `Assert` are not checked. Inputs that a module does not
//! document pass, and so do unknown keys outside of steps. Of duplicate keys the last one counts.
//! Whether a default is among `allowedValues` is not checked.

mod inputs;
mod references;
mod repetition;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    ALLOWED_CHARACTERS, DocumentError, check_schema, has_allowed_characters,
    yaml::{self, Fields, Node},
};

const PHASES: [&str; 4] = ["build", "validate", "test", "container-host-test"];

/// The keys of the User Guide's page, and `disableLogging`, which keeps a step's output out of the
/// logs (aws-samples, awstoe/cookbook/secrets-at-build-time.yml). `awstoe validate` and
/// CreateComponent refuse misspelt ones (aws-samples, awstoe/README.md).
const STEP_KEYS: [&str; 9] = [
    "name",
    "action",
    "disableLogging",
    "timeoutSeconds",
    "onFailure",
    "maxAttempts",
    "if",
    "loop",
    "inputs",
];

/// What Image Builder takes from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComponentDocument {
    /// TEST if the only phase is named `test`, else BUILD.
    pub kind: ComponentType,
    pub parameters: Vec<ComponentParameter>,
    /// In the order in which they run.
    pub phases: Vec<Phase>,
}

/// The type of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ComponentType {
    /// Runs on the build instance.
    Build,
    /// Runs on the test instance.
    Test,
}

/// A declared parameter, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComponentParameter {
    pub name: String,
    pub r#type: String,
    pub default_value: Option<Vec<String>>,
    pub description: Option<String>,
}

/// A phase: its name and its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phase {
    pub name: String,
    pub steps: Vec<PhaseStep>,
}

/// What a failure report names: the step and its action module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhaseStep {
    pub name: String,
    pub action: String,
}

/// Parses a component document for a platform, as the API spells it.
///
/// Errors say where in the document they are, what was found and what was expected. Few of AWS's
/// own texts are known.
pub(crate) fn parse(text: &str, platform: &str) -> Result<ComponentDocument, DocumentError> {
    let root = yaml::load(text)?;
    let fields = root.fields()?;
    fields.text("name")?;
    fields.text("description")?;
    check_schema(&fields)?;
    let parameters = variables::read(&fields)?;
    let phases = phases(&fields, platform)?;
    references::check(&fields, &phases)?;
    let kind = match phases.as_slice() {
        [only] if only.name == "test" => ComponentType::Test,
        _ => ComponentType::Build,
    };
    Ok(ComponentDocument {
        kind,
        parameters,
        phases,
    })
}

/// At least one phase must be one that Image Builder runs; AWSTOE allows others beside it.
fn phases(root: &Fields<'_>, platform: &str) -> Result<Vec<Phase>, DocumentError> {
    let listed = root.required("phases")?;
    let nodes = listed.list().map_err(|error| error.within("phases"))?;
    let phases: Vec<_> = (1..)
        .zip(nodes)
        .map(|(at, node)| phase(node, at, platform))
        .collect::<Result<_, _>>()?;
    let mut names = BTreeSet::new();
    for (node, phase) in nodes.iter().zip(&phases) {
        if !names.insert(phase.name.as_str()) {
            return Err(node.problem(format!("phase '{}' is there twice", phase.name)));
        }
    }
    if names.iter().any(|name| PHASES.contains(name)) {
        return Ok(phases);
    }
    Err(listed.problem(format!("found no phase named {}", PHASES.join(", "))))
}

fn phase(node: &Node, position: usize, platform: &str) -> Result<Phase, DocumentError> {
    let unnamed = |error: DocumentError| error.within(format!("phase {position}"));
    let fields = node.fields().map_err(unnamed)?;
    let name = fields.required_text("name").map_err(unnamed)?;
    if !has_allowed_characters(name) {
        let text = format!("Invalid phase name '{name}'. {ALLOWED_CHARACTERS}");
        return Err(DocumentError::said(text));
    }
    let steps = steps(&fields, name, platform);
    let steps = steps.map_err(|error| error.within(format!("phase '{name}'")))?;
    Ok(Phase {
        name: name.to_owned(),
        steps,
    })
}

fn steps(phase: &Fields<'_>, name: &str, platform: &str) -> Result<Vec<PhaseStep>, DocumentError> {
    let nodes = phase
        .required("steps")?
        .list()
        .map_err(|error| error.within("steps"))?;
    let (mut names, mut loops) = (BTreeSet::new(), BTreeSet::new());
    let mut steps = Vec::with_capacity(nodes.len());
    for (position, node) in (1..).zip(nodes) {
        let (step, name_of_loop) = step(node, position, (name, platform))?;
        if !names.insert(step.name.clone()) {
            return Err(node.problem(format!("step '{}' is there twice", step.name)));
        }
        if name_of_loop.is_some_and(|name| !loops.insert(name)) {
            return Err(node
                .problem("the name of the loop is there twice")
                .within(place(&step.name)));
        }
        steps.push(step);
    }
    Ok(steps)
}

fn place(step: &str) -> String {
    format!("step '{step}'")
}

/// A step, and the name of its loop.
fn step<'n>(
    node: &'n Node,
    position: usize,
    (phase, platform): (&str, &str),
) -> Result<(PhaseStep, Option<&'n str>), DocumentError> {
    let unnamed = |error: DocumentError| error.within(format!("step {position}"));
    let fields = node.fields().map_err(unnamed)?;
    let name = fields.required_text("name").map_err(unnamed)?;
    if !has_allowed_characters(name) {
        let text = format!("Invalid step name '{name}' in phase '{phase}'. {ALLOWED_CHARACTERS}");
        return Err(DocumentError::said(text));
    }
    let (action, name_of_loop) =
        settings(&fields, platform).map_err(|error| in_step(&error, name, phase))?;
    let step = PhaseStep {
        name: name.to_owned(),
        action: action.to_owned(),
    };
    Ok((step, name_of_loop))
}

/// A problem of a step as AWS reports it. Seen in the wild: "Parsing step 'Download' in phase
/// 'build' failed. Error: Action S3Download has no inputs; it requires an 'inputs'".
fn in_step(error: &DocumentError, step: &str, phase: &str) -> DocumentError {
    DocumentError::said(format!(
        "Parsing step '{step}' in phase '{phase}' failed. Error: {error}"
    ))
}

/// The step's action, and the name of its loop.
fn settings<'n>(
    fields: &Fields<'n>,
    platform: &str,
) -> Result<(&'n str, Option<&'n str>), DocumentError> {
    fields.only(&STEP_KEYS)?;
    check_settings(fields)?;
    let action = fields.required_text("action")?;
    inputs::check(action, fields, platform)?;
    let name_of_loop = fields.get("loop").map(repetition::check).transpose();
    let name_of_loop = name_of_loop.map_err(|error| error.within("loop"))?;
    Ok((action, name_of_loop.flatten()))
}

/// `timeoutSeconds` is -1 (no limit) or positive; 0 is refused, says the User Guide.
fn check_settings(step: &Fields<'_>) -> Result<(), DocumentError> {
    match step.text("onFailure")? {
        None | Some("Abort" | "Continue" | "Ignore") => {}
        Some(other) => {
            let problem = format!("onFailure is '{other}', expected Abort, Continue or Ignore");
            return Err(step.node.problem(problem));
        }
    }
    check_integer(
        step,
        "timeoutSeconds",
        "-1 or a positive number",
        |seconds| seconds == -1 || seconds > 0,
    )?;
    check_integer(step, "maxAttempts", "a positive number", |attempts| {
        attempts > 0
    })?;
    if let Some(node) = step
        .get("disableLogging")
        .filter(|node| !inputs::is_flag(node))
    {
        let problem = format!("disableLogging is {}, expected true or false", node.shown());
        return Err(node.problem(problem));
    }
    match step.get("if") {
        Some(node) if node.scalar().is_some() => {
            Err(node.problem("found a scalar, expected a condition"))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_integer(
    step: &Fields<'_>,
    key: &str,
    expected: &str,
    fits: impl Fn(i64) -> bool,
) -> Result<(), DocumentError> {
    let Some(node) = step.get(key) else {
        return Ok(());
    };
    let found = node.integer().map_err(|error| error.within(key))?;
    if fits(found) {
        Ok(())
    } else {
        Err(node.problem(format!("{key} is {found}, expected {expected}")))
    }
}
