//! `goldsmith check`: everything that is wrong with the documents of a folder.

mod beyond;
mod github;
mod waivers;

use std::path::Path;

use goldsmith_domain::document::{DocumentFile, Parsed, parse};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::arguments::{Check, CheckFormat};
use crate::documents::check_report::{CheckReport, empty_folder_hint};
use crate::documents::{self, DocumentsError};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::printer::Printer;
use crate::repository;

/// The documents were not checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The documents could not be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// The report could not be written.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for CheckError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.hint(),
            Self::Json(error) => error.hint(),
        }
    }
}

/// Checks the documents and prints what is wrong.
pub fn run(arguments: &Check, printer: Printer) -> Result<Exit, CheckError> {
    let files = documents::read(&arguments.dir)?;
    let report = of_files(&arguments.dir, &files)?;
    let summary = report.summary(files.len());
    let exit = if report.is_usable() {
        Exit::Done
    } else {
        Exit::Error
    };
    printer.stdout(&render(report, arguments)?);
    printer.stderr(&summary);
    if let Some(hint) = empty_folder_hint(&arguments.dir, &files) {
        printer.hint(&hint);
    }
    Ok(exit)
}

/// What is wrong with the documents of a folder, and how many it has.
pub fn report(dir: &Path) -> Result<(CheckReport, usize), CheckError> {
    let files = documents::read(dir)?;
    Ok((of_files(dir, &files)?, files.len()))
}

fn of_files(dir: &Path, files: &[DocumentFile]) -> Result<CheckReport, CheckError> {
    let parsed = parse(files);
    let mut report = CheckReport::of(&parsed).of_some(files);
    if let Parsed::Desired(desired) = &parsed {
        let present = documents::present(dir)?;
        report.problems = beyond::problems(desired, files, &present);
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    waivers::check(files, &parsed, today, &mut report);
    Ok(report)
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
