//! `goldsmith check`: everything that is wrong with the documents of a folder.

mod beyond;
mod github;
mod waivers;

use std::path::Path;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{DocumentFile, Parsed, parse};
use goldsmith_domain::problem::Problems;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::arguments::{Check, CheckFormat, Variables};
use crate::documents::check_report::{CheckReport, empty_folder_hint};
use crate::documents::{self, DocumentsError};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::layers::{self, Layered, LayersError};
use crate::printer::Printer;
use crate::repository;
use crate::vendor::outdated;

/// The documents were not checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The documents could not be read.
    #[error(transparent)]
    Layers(#[from] LayersError),
    /// The folder could not be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// The report could not be written.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for CheckError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Layers(error) => error.hint(),
            Self::Documents(error) => error.hint(),
            Self::Json(error) => error.hint(),
        }
    }
}

/// Checks the documents and prints what is wrong.
pub fn run(arguments: &Check, printer: Printer) -> Result<Exit, CheckError> {
    let layered = layers::read(&arguments.dir, &Variables::default())?;
    let files = &layered.files;
    let report = of_layered(&arguments.dir, &layered)?;
    let summary = report.summary(files.len());
    let exit = if report.is_usable() {
        Exit::Done
    } else {
        Exit::Error
    };
    printer.stdout(&render(report, arguments)?);
    printer.stderr(&summary);
    if let Some(hint) = empty_folder_hint(&arguments.dir, files) {
        printer.hint(&hint);
    }
    Ok(exit)
}

/// What is wrong with the documents of a folder, and how many it has.
pub fn report(dir: &Path) -> Result<(CheckReport, usize), CheckError> {
    let Checked { report, files, .. } = checked(dir)?;
    Ok((report, files.len()))
}

/// The documents of a folder, checked.
pub struct Checked {
    /// What is wrong with them.
    pub report: CheckReport,
    /// The documents, with the variables of their layers in them.
    pub files: Vec<DocumentFile>,
    /// What they ask for, if the core can say it.
    pub desired: Option<Box<Desired>>,
}

/// Reads and checks the documents of a folder.
pub fn checked(dir: &Path) -> Result<Checked, CheckError> {
    let layered = layers::read(dir, &Variables::default())?;
    let report = of_layered(dir, &layered)?;
    let desired = match parse(&layered.files) {
        Parsed::Desired(desired) => Some(desired),
        Parsed::Absent(_) | Parsed::Rejected(_) => None,
    };
    Ok(Checked {
        report,
        files: layered.files,
        desired,
    })
}

fn of_layered(dir: &Path, layered: &Layered) -> Result<CheckReport, CheckError> {
    let files = &layered.files;
    let parsed = layered.relocated(parse(files));
    let mut report = CheckReport::of(&parsed).of_some(files);
    if let Parsed::Desired(desired) = &parsed {
        let present = documents::present(dir)?;
        let beyond = beyond::problems(desired, files, &present).into_iter();
        report.problems = beyond
            .chain(outdated(dir, files))
            .map(|problem| layered.relocated_problem(problem))
            .collect();
    }
    add_variables(layered, &mut report);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    waivers::check(files, &parsed, today, &mut report);
    Ok(report)
}

/// Adds what is wrong with variables, and which ones have no use.
fn add_variables(layered: &Layered, report: &mut CheckReport) {
    let before = std::mem::take(&mut report.problems);
    let mut problems = Problems::from(before).and_more(report.more_problems);
    problems.extend(layered.problems.iter().cloned());
    (report.problems, report.more_problems) = problems.into_parts();
    report.notes.extend(layered.remarks());
}

fn render(report: CheckReport, arguments: &Check) -> Result<String, JsonError> {
    Ok(match arguments.format {
        CheckFormat::Text => report.below(&arguments.dir).text(),
        CheckFormat::Json => json::pretty(&report)?,
        CheckFormat::Github => {
            github::annotations(&report.below(&repository::relative(&arguments.dir)))
        }
    })
}

#[cfg(test)]
mod tests;
