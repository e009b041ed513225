//! `goldsmith explain`: where the value of a variable comes from, what it overrode, and what it becomes.

mod model;
mod render;

use std::path::PathBuf;

use goldsmith_domain::document::Parsed;
use goldsmith_domain::problem::Problems;

use crate::arguments::{Explain, ExplainFormat};
use crate::documents::check_report::CheckReport;
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::layers::{self, Layered, LayersError};
use crate::printer::Printer;
use crate::shell::word;
use model::{Explained, Explanation};

/// Nothing was explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The layers could not be read.
    #[error(transparent)]
    Layers(#[from] LayersError),
    /// Variables do not count for the folder.
    #[error("{} has no variables: what counts are its documents", .0.display())]
    NoVariables(PathBuf),
    /// The explanation could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for ExplainError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Layers(error) => error.hint(),
            Self::NoVariables(dir) => Some(format!(
                "write a vars.json, or run `goldsmith pull {}`; docs/variables.md says when variables count",
                word(&dir.display().to_string())
            )),
            Self::Json(_) => None,
        }
    }
}

/// Prints where values come from.
pub fn run(arguments: &Explain, printer: Printer) -> Result<Exit, ExplainError> {
    let layered = layers::read(&arguments.dir, &arguments.variables)?;
    if layered.variables.is_empty() {
        return Err(ExplainError::NoVariables(arguments.dir.clone()));
    }
    let explanation = explanation(&layered, &arguments.names);
    match arguments.format {
        ExplainFormat::Text => printer.stdout(&render::text(&explanation)),
        ExplainFormat::Json => printer.stdout(&json::pretty(&explanation)?),
    }
    let problems = Parsed::Rejected(Problems::from(layered.problems.clone()));
    let problems = CheckReport::of(&problems).below(&arguments.dir).text();
    if !problems.is_empty() {
        printer.stderr(problems.trim_end());
    }
    for name in &explanation.without_value {
        printer.stderr(&format!("`{name}` has no value in any layer"));
    }
    let is_whole = problems.is_empty() && explanation.without_value.is_empty();
    Ok(if is_whole { Exit::Done } else { Exit::Error })
}

/// All variables, or those of these names.
fn explanation(layered: &Layered, names: &[String]) -> Explanation {
    let is_wanted = |name: &String| names.is_empty() || names.contains(name);
    let wanted = layered
        .variables
        .values()
        .filter(|one| is_wanted(&one.name));
    let unknown = names
        .iter()
        .filter(|name| !layered.variables.contains_key(*name));
    Explanation {
        variables: wanted
            .map(|variable| Explained::of(variable, layered.uses.get(&variable.name)))
            .collect(),
        without_value: unknown.cloned().collect(),
        configuration: layered.pulled.clone(),
    }
}
