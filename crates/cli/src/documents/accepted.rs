//! What commands that need valid documents do with others.

use std::path::{Path, PathBuf};

use goldsmith_domain::document::Parsed;

use super::check_report::CheckReport;
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

/// Prints what is wrong with the documents; an error if anything is.
pub fn accept(dir: &Path, parsed: &Parsed, printer: Printer) -> Result<(), RejectedError> {
    let report = CheckReport::of(parsed).below(dir);
    if report.is_usable() {
        return Ok(());
    }
    printer.stderr(report.text().trim_end());
    Err(RejectedError(dir.to_owned()))
}
