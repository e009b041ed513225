//! Workflow commands of GitHub Actions, which become annotations of a pull request.
//!
//! `::error file=...,line=...,col=...::message` ("Workflow commands for GitHub Actions" of GitHub's
//! documentation). A message quotes documents, so it is escaped as in the runner's own toolkit: an
//! unescaped line break would begin another command. A line break of a document becomes a space before that.

use goldsmith_domain::escape::printable;
use goldsmith_domain::problem::Problem;

use crate::documents::check_report::{CheckReport, Remark};

/// A line for each annotation.
pub fn annotations(report: &CheckReport) -> String {
    let problems = report.problems.iter().map(problem);
    let more = (report.more_problems > 0).then(|| {
        format!(
            "::error::{} more problems are not shown\n",
            report.more_problems
        )
    });
    let absent = report.absent.iter().map(|file| {
        let message = printable(&format!(
            "{file} is missing; nothing can be done without it"
        ));
        format!("::error file={}::{}\n", property(file), data(&message))
    });
    problems
        .chain(more)
        .chain(absent)
        .chain(report.notes.iter().map(note))
        .collect()
}

fn problem(problem: &Problem) -> String {
    let Problem {
        file,
        line,
        column,
        found,
        expected,
        hint,
        ..
    } = problem;
    let hint = hint
        .as_ref()
        .map(|hint| format!("\nhint: {}", printable(hint)))
        .unwrap_or_default();
    let (found, expected) = (printable(found), printable(expected));
    let message = format!("found {found}, expected {expected}{hint}");
    format!(
        "::error file={},line={line},col={column}::{}\n",
        property(file),
        data(&message)
    )
}

fn note(remark: &Remark) -> String {
    let Remark {
        file,
        line,
        column,
        text,
        ..
    } = remark;
    format!(
        "::warning file={},line={line},col={column}::{}\n",
        property(file),
        data(&printable(text))
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&printable(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}
