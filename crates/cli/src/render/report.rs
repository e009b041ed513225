//! The report of a reconcile run, as text.

use goldsmith_domain::escape::printable;
use goldsmith_domain::report::{Entry, Report};

use super::escape::Plain;
use super::phrase;
use super::text::{Width, line};

/// The whole report of a run.
pub fn render(report: &Report, width: Width) -> String {
    of_plan(report, &[], width)
}

/// The whole report, and what became of the `planned` changes that it does not name.
pub fn of_plan(report: &Report, planned: &[Entry], width: Width) -> String {
    let done = match report.runs {
        Some(runs) if report.runs_before > 0 => format!(
            "Done, in {runs} runs; {} before them are not shown, `goldsmith history` has them",
            report.runs_before
        ),
        Some(runs) if runs > 1 => format!("Done, in {runs} runs"),
        _ => "Done".to_owned(),
    };
    let elsewhere = if report.retry.is_none() && report.problems.is_empty() {
        report.unaccounted(planned)
    } else {
        Vec::new()
    };
    let elsewhere = elsewhere
        .into_iter()
        .map(|entry| phrase::entry(entry, &Plain));
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
        (&*done, entries(&report.changes)),
        (
            "No longer needed, or done by a run that has not reported yet",
            elsewhere.collect(),
        ),
        ("Waiting", entries(&report.waiting)),
    ];
    let text: String = parts
        .iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|one| part(one, width))
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

fn part((title, lines): &(&str, Vec<String>), width: Width) -> String {
    let lines: String = lines.iter().map(|one| line("  - ", one, width)).collect();
    format!("{title}\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::entry;

    #[test]
    fn runs_whose_reports_were_not_read_are_told() {
        let report = Report {
            changes: vec![entry("put-rule", "r", None)],
            runs: Some(100),
            runs_before: 7,
            ..Report::default()
        };
        assert_eq!(
            render(&report, None),
            "Done, in 100 runs; 7 before them are not shown, `goldsmith history` has them\n  - put-rule r\n"
        );
    }
}
