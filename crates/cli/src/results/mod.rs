//! `goldsmith results`: what tests and compliance scans found on an image, with waivers and limits applied.
//!
//! The files are an instance's, so they are data of a stranger: the reader bounds them, and each format
//! escapes what it prints.

mod files;
mod html;
mod junit;
mod markup;
mod stored;
#[cfg(test)]
mod tests;
mod text;

use goldsmith_aws::documents::DocumentsError as StoredDocumentsError;
use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::ContextError;
use goldsmith_domain::problem::Problem;
use goldsmith_domain::results::{Concern, ResultsKey, SuiteResults, Summary, is_of_scan, parse};
use serde::Serialize;

use crate::arguments::{Results, ResultsFormat};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::pipelines::NoPipelineError;
use crate::printer::Printer;
use crate::stack::StackError;

pub use self::files::FilesError;
pub use self::stored::{Asked, of_image};
pub use self::text::{scan as scan_text, summary as summary_text};

/// What was found on an image.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Findings {
    /// What the results are of: a recipe and a version, or a folder.
    pub of: String,
    /// The image, if the stack was asked.
    pub image: Option<String>,
    /// The AMI that was tested, if it is known.
    pub ami: Option<String>,
    /// How many controls ended how.
    pub summary: Summary,
    /// How many findings the scan has, if it is over.
    pub scan: Option<Summary>,
    /// Why the image does not pass.
    pub concerns: Vec<Concern>,
    /// What could not be read, results or waivers.
    pub problems: Vec<Problem>,
    /// Waivers in force that name no control of the results.
    pub unused_waivers: Vec<String>,
    /// Every suite with its controls.
    pub suites: Vec<SuiteResults>,
}

/// How many controls of an image ended how, and whether they let it pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Of tests.
    pub summary: Summary,
    /// Of the scan, if it is over.
    pub scan: Option<Summary>,
    /// Whether the documents let an image with these results pass.
    pub passes: bool,
}

impl Findings {
    /// The suites in some files, and the problems with the others.
    pub fn read(files: &[(ResultsKey, Vec<u8>)]) -> Self {
        let mut findings = Self::default();
        for (key, bytes) in files {
            match parse(&key.suite, &key.file, bytes) {
                Some(Ok(suite)) => findings.suites.push(suite),
                Some(Err(problem)) => findings.problems.push(*problem),
                None => {}
            }
        }
        findings
    }

    /// Counts what the suites have: what the scan found by itself.
    fn count(&mut self) {
        let of_scan = |suite: &&SuiteResults| is_of_scan(suite);
        let scanned = self.suites.iter().any(is_of_scan);
        self.scan = scanned.then(|| Summary::of(self.suites.iter().filter(of_scan)));
        self.summary = Summary::of(self.suites.iter().filter(|suite| !of_scan(suite)));
    }

    /// The counts alone; none if nothing was found and nothing was asked for.
    pub fn counts(&self) -> Option<Counts> {
        let is_empty = self.suites.is_empty() && self.exit() == Exit::Done;
        (!is_empty).then(|| Counts {
            summary: self.summary.clone(),
            scan: self.scan.clone(),
            passes: self.exit() == Exit::Done,
        })
    }

    /// How the command ends.
    fn exit(&self) -> Exit {
        if self.concerns.is_empty() && self.problems.is_empty() {
            Exit::Done
        } else {
            Exit::Refused
        }
    }
}

/// There are no results to show.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The files could not be read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The stack cannot be read.
    #[error(transparent)]
    StackContext(#[from] ContextError),
    /// The stack's documents cannot be read.
    #[error(transparent)]
    Documents(#[from] StoredDocumentsError),
    /// A call of AWS failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The stack does not have the recipe.
    #[error(transparent)]
    NoPipeline(#[from] NoPipelineError),
    /// There is no such image of the recipe.
    #[error("the recipe has no image {0}")]
    NoImage(String),
    /// Nothing was built yet.
    #[error("no build of the recipe has started")]
    NoBuild,
    /// The build has no AMI yet, so nothing was tested.
    #[error("{0} has no AMI that could have been tested")]
    NoAmi(String),
    /// The results could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for ResultsError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Files(error) => return error.hint(),
            Self::Stack(error) => return error.hint(),
            Self::StackContext(error) => return error.hint(),
            Self::Documents(error) => return error.hint(),
            Self::Call(error) => return error.hint(),
            Self::NoPipeline(error) => return error.hint(),
            Self::Json(error) => return error.hint(),
            Self::NoImage(_) => {
                "`goldsmith logs RECIPE` shows the newest build with its image; an image is named by the ARN of its \
                 build, which ends in a version and a number"
            }
            Self::NoBuild => "`goldsmith build RECIPE` starts one",
            Self::NoAmi(_) => {
                "tests run after the AMI is made: `goldsmith logs RECIPE` shows how far the build is"
            }
        };
        Some(hint.to_owned())
    }
}

/// Prints what was found on an image.
pub async fn run(arguments: &Results, printer: Printer) -> Result<Exit, ResultsError> {
    let findings = match (&arguments.files, &arguments.recipe) {
        (None, Some(recipe)) => {
            let reading = stored::read(&arguments.stack, recipe, arguments.image.as_ref());
            Box::pin(printer.with_progress("reading the results", reading)).await?
        }
        (Some(folder), _) => files::read(folder)?,
        (None, None) => unreachable!("clap requires a recipe or --files"),
    };
    let shown = match arguments.format {
        ResultsFormat::Text => text::render(&findings),
        ResultsFormat::Json => json::pretty(&findings)?,
        ResultsFormat::Junit => junit::render(&findings),
        ResultsFormat::Html => html::render(&findings),
    };
    printer.stdout(&shown);
    Ok(findings.exit())
}
