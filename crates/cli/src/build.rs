//! `goldsmith build`: starts builds now, through scheduled-build.

use std::collections::BTreeSet;

use goldsmith_aws::operator::{Function, InvokeError};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::escape::printable;
use goldsmith_domain::names::{NameError, RecipeName};
use goldsmith_domain::report::Entry;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::arguments::{Build, Format};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::printer::Printer;
use crate::stack::{self, StackError};
use crate::wait::{self, Awaited};

/// What scheduled-build answers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    started: Vec<Started>,
    skipped: Vec<Skipped>,
    failed: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Started {
    recipename: String,
    image_arn: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Skipped {
    recipename: String,
    reason: String,
}

/// No builds were asked for, or the answer is not known.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// scheduled-build gave no answer.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// What was started cannot be waited for.
    #[error("scheduled-build has started something that is no image")]
    Image(#[source] NameError),
    /// The answer could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for BuildError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.hint(),
            Self::Invoke(error) => error.hint(),
            Self::Image(_) => None,
            Self::Json(error) => error.hint(),
        }
    }
}

/// Starts the builds, and prints which started.
pub async fn run(arguments: &Build, printer: Printer) -> Result<Exit, BuildError> {
    let operator = stack::operator(&arguments.stack).await?;
    let names: Vec<&str> = arguments.recipes.iter().map(RecipeName::as_str).collect();
    let request = json!({ "recipenames": names.join(";") });
    let answer = operator.invoke(Function::ScheduledBuild, &request);
    let outcome: Outcome = printer.with_progress("starting builds", answer).await?;
    printer.stdout(&match arguments.format {
        Format::Text => text(&outcome),
        Format::Json => json::pretty(&outcome)?,
    });
    let exit = exit(&outcome);
    if !arguments.wait || outcome.started.is_empty() {
        return Ok(exit);
    }
    let images = images(&outcome)?;
    Ok(exit.or(wait::for_builds(&operator, Awaited::Images(images), printer).await))
}

/// The images that are built now.
fn images(outcome: &Outcome) -> Result<BTreeSet<ImageArn>, BuildError> {
    let started = outcome.started.iter();
    started
        .map(|build| build.image_arn.parse().map_err(BuildError::Image))
        .collect()
}

fn text(outcome: &Outcome) -> String {
    let started = outcome
        .started
        .iter()
        .map(|build| format!("{}: started {}\n", build.recipename, build.image_arn));
    let skipped = outcome.skipped.iter().map(|skipped| {
        format!(
            "{}: skipped, {}\n",
            skipped.recipename,
            printable(&skipped.reason)
        )
    });
    let failed = outcome
        .failed
        .iter()
        .map(|entry| format!("failed: {}\n", printable(&entry.to_string())));
    started.chain(skipped).chain(failed).collect()
}

/// A caller that asks for builds and gets none sees it in the exit code.
fn exit(outcome: &Outcome) -> Exit {
    if outcome.failed.is_empty() && !outcome.started.is_empty() {
        Exit::Done
    } else {
        Exit::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(json: &str) -> Outcome {
        serde_json::from_str(json).expect("what the function answers")
    }

    #[test]
    fn started_and_skipped_builds_are_listed() {
        let outcome = outcome(
            r#"{"documents": {}, "started": [{"recipename": "a", "pipeline-arn": "p", "image-arn": "image/a/1.0.0/2"}],
                "skipped": [{"recipename": "b", "reason": "image b still builds"}], "failed": [], "calls": {}, "writes": 1}"#,
        );
        assert_eq!(
            text(&outcome),
            "a: started image/a/1.0.0/2\nb: skipped, image b still builds\n"
        );
        assert_eq!(exit(&outcome), Exit::Done);
    }

    #[test]
    fn no_started_build_is_no_success() {
        let outcome = outcome(
            r#"{"started": [], "skipped": [{"recipename": "b", "reason": "it builds"}], "failed": []}"#,
        );
        assert_eq!(exit(&outcome), Exit::Refused);
    }
}
