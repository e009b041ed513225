//! The report of a reconcile run, as text.

use goldsmith_domain::escape::printable;
use goldsmith_domain::report::{Entry, Report};

use super::escape::Plain;
use super::phrase;

/// The whole report.
pub fn render(report: &Report) -> String {
    let problem = |problem: &goldsmith_domain::problem::Problem| printable(&problem.to_string());
    let more = (report.more_problems > 0).then(|| format!("and {} more", report.more_problems));
    let problems = report.problems.iter().map(problem).chain(more).collect();
    let parts = [
        ("Problems", problems),
        ("Failed", entries(&report.failed)),
        (
            "Not attempted, because something they need failed",
            entries(&report.not_attempted),
        ),
        ("Refused", entries(&report.refused)),
        ("Done", entries(&report.changes)),
        ("Waiting", entries(&report.waiting)),
    ];
    let text: String = parts
        .iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(part)
        .collect();
    if text.is_empty() {
        "Nothing to do.\n".to_owned()
    } else {
        text
    }
}

fn entries(entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| phrase::entry(entry, &Plain))
        .collect()
}

fn part((title, lines): &(&str, Vec<String>)) -> String {
    let lines = lines
        .iter()
        .map(|line| format!("  - {line}\n"))
        .collect::<Vec<_>>()
        .concat();
    format!("{title}\n{lines}")
}
