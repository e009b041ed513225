//! Workflow documents (schema 1.0): the steps that build, test or distribute an image. The source
//! is the User Guide, "Create a YAML workflow document" and the two pages below it.
//!
//! Some things are not checked, because no source says that AWS checks them. A `$.stepOutputs` or
//! `$.parameters` reference may lead nowhere. An action may have inputs that are not documented,
//! and most types of inputs are free. Of duplicate keys the last one counts.

mod action;
mod condition;
pub(crate) mod managed;
mod output;
mod parse;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use self::{action::StepAction, parse::parse};

/// The stage that a workflow is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum WorkflowKind {
    Build,
    Test,
    Distribution,
}

/// A parsed workflow document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkflowDocument {
    pub name: Option<String>,
    pub description: Option<String>,
    /// As written: `1.0` or `1`.
    pub schema_version: String,
    /// At most 25.
    pub parameters: Vec<Parameter>,
    /// 1 to 15, with different names.
    pub steps: Vec<Step>,
    pub outputs: Vec<Output>,
}

/// A declared parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameter {
    pub name: String,
    pub r#type: ParameterType,
    /// Of that type; without one a value is required where the workflow is used.
    pub default: Option<Value>,
    pub description: Option<String>,
}

impl Parameter {
    /// The default as the API shows it, a list of strings.
    pub fn default_values(&self) -> Option<Vec<String>> {
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        self.default.as_ref().map(|default| match default {
            Value::Array(items) => items.iter().map(text).collect(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {
                vec![text(default)]
            }
        })
    }
}

/// The type of a parameter, spelled as in documents and in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ParameterType {
    #[default]
    String,
    Integer,
    Boolean,
    StringList,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    pub name: String,
    pub description: Option<String>,
    pub action: StepAction,
    pub on_failure: OnFailure,
    /// The document's value, or the action's default.
    pub timeout_seconds: u32,
    /// `rollbackEnabled`: a boolean, or a JSONPath such as `$.parameters.rollBack`. Absent means true.
    pub rollback_enabled: Option<Value>,
    /// `if`, checked by `condition`: a comparison, `and`, `or` or `not`.
    pub condition: Option<Value>,
    /// Keys that end in `.$` have a JSONPath as their value.
    pub inputs: Map<String, Value>,
    /// The API shows it; the key's name in the document, `maxAttempts`, is not documented. 1 if absent.
    pub max_attempts: u32,
}

/// What happens when a step fails. `Ignore`, which components have, is not documented here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum OnFailure {
    /// The workflow fails, and what was done is rolled back.
    #[default]
    Abort,
    /// The next step runs; nothing is rolled back.
    Continue,
}

/// A value for the workflows that run later: `$.workflowOutputs.<name>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Output {
    pub name: String,
    /// Static, or a JSONPath.
    pub value: Value,
}
