//! Component documents (AWSTOE, schema 1.0), parsed far enough to tell BUILD from TEST and to
//! refuse what is not one. Actions and their inputs are not checked yet.

use saphyr::{LoadableYamlNode, Yaml};
use serde::{Deserialize, Serialize};

/// What Image Builder takes from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// TEST if the only phase is named `test`, else BUILD.
    pub kind: ComponentType,
    /// The declared parameters.
    pub parameters: Vec<Parameter>,
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

/// A declared parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameter {
    pub name: String,
    pub r#type: String,
    pub default_value: Option<Vec<String>>,
    pub description: Option<String>,
}

/// Why a text is not a component document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("the document is not valid YAML")]
    Yaml(#[source] saphyr::ScanError),
    #[error("the document is not a mapping")]
    NotAMapping,
    #[error("schemaVersion must be 1.0")]
    SchemaVersion,
    #[error("the document must have at least one phase")]
    NoPhases,
    #[error("\"{0}\" is not a phase, expected build, validate, test or container-host-test")]
    Phase(String),
    #[error("phase \"{0}\" has no steps")]
    NoSteps(String),
    #[error("step {1} of phase \"{0}\" has no {2}")]
    Step(String, usize, &'static str),
    #[error("step \"{1}\" of phase \"{0}\" is there twice")]
    DuplicateStep(String, String),
    #[error("each parameter must be a mapping with one name, and have a type")]
    Parameter,
}

/// Parses a document.
pub(crate) fn parse(text: &str) -> Result<Document, DocumentError> {
    let nodes = Yaml::load_from_str(text).map_err(DocumentError::Yaml)?;
    let [root] = nodes.as_slice() else { return Err(DocumentError::NotAMapping) };
    if root.as_mapping().is_none() {
        return Err(DocumentError::NotAMapping);
    }
    check_schema(root)?;
    let phases = phases(root)?;
    let kind = match phases.as_slice() {
        [only] if only == "test" => ComponentType::Test,
        _ => ComponentType::Build,
    };
    Ok(Document { kind, parameters: parameters(root)? })
}

fn check_schema(root: &Yaml<'_>) -> Result<(), DocumentError> {
    let version = root.as_mapping_get("schemaVersion").and_then(scalar);
    match version.as_deref() {
        Some("1.0" | "1") => Ok(()),
        Some(_) | None => Err(DocumentError::SchemaVersion),
    }
}

fn phases(root: &Yaml<'_>) -> Result<Vec<String>, DocumentError> {
    let phases = root.as_mapping_get("phases").and_then(Yaml::as_sequence);
    let phases = phases.filter(|phases| !phases.is_empty()).ok_or(DocumentError::NoPhases)?;
    phases.iter().map(phase).collect()
}

fn phase(phase: &Yaml<'_>) -> Result<String, DocumentError> {
    let name = phase.as_mapping_get("name").and_then(scalar).unwrap_or_default();
    if !matches!(name.as_str(), "build" | "validate" | "test" | "container-host-test") {
        return Err(DocumentError::Phase(name));
    }
    let steps = phase.as_mapping_get("steps").and_then(Yaml::as_sequence);
    let steps = steps.filter(|steps| !steps.is_empty());
    let steps = steps.ok_or_else(|| DocumentError::NoSteps(name.clone()))?;
    let mut seen = std::collections::BTreeSet::new();
    for (index, step) in steps.iter().enumerate() {
        let step = step_name(step, &name, index + 1)?;
        if !seen.insert(step.clone()) {
            return Err(DocumentError::DuplicateStep(name, step));
        }
    }
    Ok(name)
}

fn step_name(step: &Yaml<'_>, phase: &str, number: usize) -> Result<String, DocumentError> {
    let member = |key: &'static str| {
        let text = step.as_mapping_get(key).and_then(scalar);
        text.ok_or_else(|| DocumentError::Step(phase.to_owned(), number, key))
    };
    member("action")?;
    member("name")
}

fn parameters(root: &Yaml<'_>) -> Result<Vec<Parameter>, DocumentError> {
    let listed = root.as_mapping_get("parameters").and_then(Yaml::as_sequence);
    listed.into_iter().flatten().map(parameter).collect()
}

fn parameter(entry: &Yaml<'_>) -> Result<Parameter, DocumentError> {
    let mut entries = entry.as_mapping().ok_or(DocumentError::Parameter)?.iter();
    let (Some((name, body)), None) = (entries.next(), entries.next()) else {
        return Err(DocumentError::Parameter);
    };
    let text = |key: &str| body.as_mapping_get(key).and_then(scalar);
    Ok(Parameter {
        name: scalar(name).ok_or(DocumentError::Parameter)?,
        r#type: text("type").ok_or(DocumentError::Parameter)?,
        default_value: text("default").map(|value| vec![value]),
        description: text("description"),
    })
}

/// A scalar's text, as a person would write it.
fn scalar(node: &Yaml<'_>) -> Option<String> {
    let number = || node.as_floating_point().map(|number| format!("{number:?}"));
    let integer = || node.as_integer().map(|number| number.to_string());
    let boolean = || node.as_bool().map(|flag| flag.to_string());
    let text = node.as_str().map(str::to_owned);
    text.or_else(integer).or_else(number).or_else(boolean)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &str = "steps: [{name: Run, action: ExecuteBash, inputs: {commands: [id]}}]";

    fn kind(phases: &[&str]) -> ComponentType {
        let phases: Vec<_> = phases.iter().map(|p| format!("{{name: {p}, {STEPS}}}")).collect();
        parse(&format!("schemaVersion: 1.0\nphases: [{}]", phases.join(", "))).unwrap().kind
    }

    #[test]
    fn only_a_single_test_phase_makes_a_test() {
        assert_eq!(kind(&["test"]), ComponentType::Test);
        assert_eq!(kind(&["build", "test"]), ComponentType::Build);
        assert_eq!(kind(&["validate"]), ComponentType::Build);
    }

    #[test]
    fn parameters_are_read() {
        let text = format!(
            "schemaVersion: '1.0'\nparameters:\n  - Level: {{type: string, default: High}}\n\
             phases: [{{name: build, {STEPS}}}]"
        );
        let level = &parse(&text).unwrap().parameters[0];
        assert_eq!(level.name, "Level");
        assert_eq!(level.default_value, Some(vec!["High".to_owned()]));
    }

    #[test]
    fn rubbish_is_refused() {
        for text in [
            "",
            "just text",
            "a: [",
            "schemaVersion: 2.0\nphases: [{name: build, steps: [{name: a, action: b}]}]",
            "schemaVersion: 1.0",
            "schemaVersion: 1.0\nphases: []",
            "schemaVersion: 1.0\nphases: [{name: deploy, steps: [{name: a, action: b}]}]",
            "schemaVersion: 1.0\nphases: [{name: build}]",
            "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: a}]}]",
            "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: a, action: b}, {name: a, action: b}]}]",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
