//! Documents for commands that need valid ones.

use std::path::{Path, PathBuf};

use goldsmith_domain::document::{DocumentFile, Parsed, parse, parse_waivers};

use super::check_report::{CheckReport, empty_folder_hint};
use super::{DocumentsError, read};
use crate::error::Hint;
use crate::printer::Printer;

/// There are no valid documents; their problems were printed.
#[derive(Debug, thiserror::Error)]
#[error("the documents in {} cannot be used; nothing was changed", .0.display())]
pub struct RejectedError(pub PathBuf);

impl Hint for RejectedError {
    fn hint(&self) -> Option<String> {
        None
    }
}

/// The documents of a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// They could not be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// They have problems, or are incomplete.
    #[error(transparent)]
    Rejected(#[from] RejectedError),
}

impl Hint for AcceptError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.hint(),
            Self::Rejected(error) => error.hint(),
        }
    }
}

/// Reads the documents of `dir`, if there are any and they have no problem. They need not be complete:
/// the bucket may hold the others.
pub fn read_accepted(dir: &Path, printer: Printer) -> Result<Vec<DocumentFile>, AcceptError> {
    let files = read(dir)?;
    if let Err(problems) = parse_waivers(&files) {
        accept(dir, &Parsed::Rejected(problems), printer)?;
    }
    match parse(&files) {
        Parsed::Absent(_) if !files.is_empty() => Ok(files),
        parsed @ (Parsed::Absent(_) | Parsed::Desired(_) | Parsed::Rejected(_)) => {
            let accepted = accept(dir, &parsed, printer);
            if let (Err(_), Some(hint)) = (&accepted, empty_folder_hint(dir, &files)) {
                printer.hint(&hint);
            }
            accepted?;
            Ok(files)
        }
    }
}

/// Prints what is wrong with the documents; an error if anything is.
pub fn accept(dir: &Path, parsed: &Parsed, printer: Printer) -> Result<(), RejectedError> {
    let report = CheckReport::of(parsed).below(dir);
    if report.is_usable() {
        return Ok(());
    }
    printer.stderr(report.text().trim_end());
    Err(RejectedError(dir.to_owned()))
}
