//! `goldsmith reconcile`: runs reconcile for a person, until nothing of it is left that another moment would
//! bring.
//!
//! An upload starts runs of its own, which work beside a person's. So the function is asked for what every run
//! has done since the upload, and what one of them left to another is not lost.

use std::time::Duration;

use goldsmith_aws::operator::{Function, InvokeError, Operator};
use goldsmith_domain::report::{Entry, Report};
use goldsmith_domain::review::Review;
use serde_json::json;
use tokio::time::sleep;

use crate::arguments::{Format, Reconcile};
use crate::exit::Exit;
use crate::json;
use crate::operate::OperateError;
use crate::printer::Printer;
use crate::render::{report, text};
use crate::stack;
use crate::version::warn_if_older;

/// How often reconcile is run at most: another run needs seconds for what it holds.
const MOST_RUNS: usize = 5;
/// How long another run gets to go on.
const PAUSE: Duration = Duration::from_secs(2);

/// Runs reconcile with the documents that are in the bucket, and prints what it did.
pub async fn run(arguments: &Reconcile, printer: Printer) -> Result<Exit, OperateError> {
    let operator = stack::operator(&arguments.stack).await?;
    if arguments.dry_run {
        return dry_run(&operator, arguments.format, printer).await;
    }
    let done = until_done(&operator, &Work::default(), printer).await?;
    match arguments.format {
        Format::Text => printer.reading(&report::render(&done, printer.terminal_width())),
        Format::Json => printer.stdout(&json::pretty(&done)?),
    }
    warn_if_older(done.release.as_ref(), printer);
    Ok(exit(&done))
}

/// Prints what a run would do now.
async fn dry_run(
    operator: &Operator,
    format: Format,
    printer: Printer,
) -> Result<Exit, OperateError> {
    let request = json!({ "dry-run": true });
    let answer = operator.invoke(Function::Reconcile, &request);
    let report: Report = printer.with_progress("planning", answer).await?;
    warn_if_older(report.release.as_ref(), printer);
    let verdict = report.review.as_deref().map(Review::verdict);
    let width = printer.terminal_width();
    match (format, report.review.as_deref()) {
        (Format::Json, _) => printer.stdout(&json::pretty(&report)?),
        (Format::Text, Some(review)) => printer.reading(&text::render(review, width)),
        (Format::Text, None) => printer.reading(&report::render(&report, width)),
    }
    Ok(verdict.map_or_else(|| exit(&report), Exit::from))
}

/// What a person waits for.
#[derive(Debug, Default)]
pub struct Work<'a> {
    /// Since when runs belong to it, in the form of a report's time; none for a run alone.
    pub since: Option<String>,
    /// What was planned.
    pub planned: &'a [Entry],
    /// How many documents were uploaded: each upload starts a run.
    pub uploads: usize,
}

/// Runs reconcile until all that was planned is done, refused or failed, and reports it.
///
/// It is run again while it says itself that this is worth it, or while a run that an upload started has not
/// reported what it did.
pub async fn until_done(
    operator: &Operator,
    work: &Work<'_>,
    printer: Printer,
) -> Result<Report, InvokeError> {
    let mut since = work.since.clone();
    let mut runs = 1;
    loop {
        let request = since
            .as_ref()
            .map_or_else(|| json!({}), |since| json!({ "since": since }));
        let answer = operator.invoke(Function::Reconcile, &request);
        let report: Report = printer.with_progress("reconciling", answer).await?;
        if runs == MOST_RUNS || !is_unfinished(&report, work) {
            return Ok(report);
        }
        if since.is_none() && !report.time.is_empty() {
            since = Some(report.time);
        }
        printer
            .with_progress("waiting for another run", sleep(PAUSE))
            .await;
        runs += 1;
    }
}

/// Whether another run may add something to what is known.
fn is_unfinished(report: &Report, work: &Work<'_>) -> bool {
    let is_missed = || report.runs.is_some_and(|runs| runs <= work.uploads);
    report.retry.is_some() || (is_missed() && !report.unaccounted(work.planned).is_empty())
}

/// How a run of reconcile ended.
pub fn exit(report: &Report) -> Exit {
    let Report {
        refused,
        failed,
        not_attempted,
        problems,
        ..
    } = report;
    let fine =
        refused.is_empty() && failed.is_empty() && not_attempted.is_empty() && problems.is_empty();
    if fine { Exit::Done } else { Exit::Refused }
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::problem::Problem;

    use super::*;
    use crate::render::samples::{entry, needing_a_person};

    #[test]
    fn another_run_is_waited_for_only_while_it_can_add_something() {
        let planned = [entry("create-recipe", "a", None)];
        let work = Work {
            planned: &planned,
            uploads: 2,
            ..Work::default()
        };
        let report = |runs| Report {
            runs: Some(runs),
            ..Report::default()
        };
        assert!(is_unfinished(&report(2), &work));
        assert!(!is_unfinished(&report(3), &work), "all of them reported");
        let done = Report {
            changes: planned.to_vec(),
            ..report(2)
        };
        assert!(!is_unfinished(&done, &work), "all of it is accounted for");
        let busy = Report {
            retry: Some("another run holds the lease".to_owned()),
            ..done
        };
        assert!(is_unfinished(&busy, &work));
    }

    #[test]
    fn a_report_that_needs_a_person_ends_with_three() {
        let entries = vec![entry("k", "t", None)];
        let problem = json!({ "file": "f", "line": 1, "column": 1, "found": "a", "expected": "b" });
        let problem: Problem = serde_json::from_value(problem).expect("a problem");
        assert_eq!(
            exit(&Report {
                waiting: entries.clone(),
                changes: entries,
                ..Report::default()
            }),
            Exit::Done
        );
        let wrong = Report {
            problems: vec![problem],
            ..Report::default()
        };
        for report in needing_a_person().into_iter().chain([wrong]) {
            assert_eq!(exit(&report), Exit::Refused, "{report:?}");
        }
    }
}
