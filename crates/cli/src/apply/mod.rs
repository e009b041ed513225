//! `goldsmith apply`: shows the plan, asks, uploads the documents, and runs reconcile.
//!
//! S3 holds the truth: apply changes nothing but documents, and each only if the bucket still has the
//! version that the plan was made for. It plans through a dry run of reconcile, so its caller needs no
//! right to read the account.

mod error;
mod metadata;
mod staleness;
mod upload;

use std::collections::BTreeSet;
use std::path::Path;

use goldsmith_aws::operator::{Function, Operator};
use goldsmith_domain::release::Release;
use goldsmith_domain::report::Report;
use goldsmith_domain::review::{DocumentEtags, Review, Verdict};
use serde::Serialize;
use serde_json::json;

use crate::arguments::{Apply, Format, Variables};
use crate::documents::accepted::RejectedError;
use crate::documents::check_report::CheckReport;
use crate::exit::Exit;
use crate::json;
use crate::layers::{self, Layered, read_accepted};
use crate::printer::Printer;
use crate::reconcile::{self, Work};
use crate::render::{report, text};
use crate::stack;
use crate::version::warn_if_older;
use crate::wait::{self, Awaited, Started};
use error::ApplyError;

/// What a dry run answered: what the documents would do, and which documents they would replace.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Planned {
    review: Review,
    documents: DocumentEtags,
    /// When the dry run began, by the clock of the functions.
    time: String,
    /// The release that the stack runs.
    release: Option<Release>,
}

/// What was done, for programs.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Applied<'a> {
    /// The keys of the documents that were uploaded.
    uploaded: Vec<String>,
    /// What reconcile did; none if there was nothing to do.
    report: Option<&'a Report>,
}

/// Applies the documents.
pub async fn run(arguments: &Apply, printer: Printer) -> Result<Exit, ApplyError> {
    if !arguments.set.is_empty() {
        return Err(ApplyError::Override);
    }
    let layered = documents(arguments, printer)?;
    let files = &layered.files;
    let mut metadata = metadata::of(arguments.commit.as_deref(), &layered, printer)?;
    let operator = stack::operator(&arguments.stack).await?;
    let planned = dry_run(&operator, &arguments.dir, &layered, printer).await?;
    warn_if_older(planned.release.as_ref(), printer);
    require_this_environment(&planned.review)?;
    printer.reading_aside(&text::render(&planned.review, printer.terminal_width()));
    let pending = upload::pending(files, &planned.documents);
    if pending.is_empty() && planned.review.verdict() == Verdict::Settled {
        if arguments.format == Format::Json {
            printer.stdout(&json::pretty(&Applied::default())?);
        }
        printer.stderr("\nthe documents are already in the bucket; nothing was changed");
        return Ok(Exit::Done);
    }
    if !confirmed(arguments, &operator, pending.len(), printer)? {
        printer.stderr("nothing was changed");
        return Ok(Exit::Error);
    }
    let now = dry_run(&operator, &arguments.dir, &layered, printer).await?;
    staleness::check(&planned, &now)?;
    // It is only for the history: not to know it stops nothing.
    let uploader = operator.caller().await.ok().flatten();
    metadata::add_uploader(&mut metadata, uploader);
    upload::all(&operator, &pending, &now, &metadata, printer).await?;
    let work = Work {
        since: Some(now.time).filter(|time| !time.is_empty()),
        planned: &now.review.changes,
        uploads: pending.len(),
    };
    let done = reconcile::until_done(&operator, &work, printer).await?;
    let width = printer.terminal_width();
    match arguments.format {
        Format::Text => printer.reading(&report::of_plan(&done, &now.review.changes, width)),
        Format::Json => printer.stdout(&json::pretty(&Applied {
            uploaded: pending.iter().map(|file| file.key.clone()).collect(),
            report: Some(&done),
        })?),
    }
    let exit = reconcile::exit(&done);
    if !arguments.waits(printer) {
        return Ok(exit);
    }
    let started = Started {
        pipelines: started(&done),
        since: work.since,
    };
    Ok(exit.or(wait::for_builds(&operator, Awaited::Running(started), printer).await))
}

/// The documents, with the variables of the layers in them. Variables of the command line change none: what is
/// uploaded is what was reviewed.
fn documents(arguments: &Apply, printer: Printer) -> Result<Layered, ApplyError> {
    let dir = &arguments.dir;
    let layered = read_accepted(dir, &Variables::default(), printer)?;
    let given = &arguments.variables;
    if given.values.is_empty() && given.file.is_none() {
        return Ok(layered);
    }
    let differences = layered.differences(&layers::read(dir, given)?);
    if differences.is_empty() {
        return Ok(layered);
    }
    Err(ApplyError::WhatIf(differences.into_iter().collect()))
}

/// The pipelines whose builds were started.
fn started(report: &Report) -> BTreeSet<String> {
    let changes = report.changes.iter();
    let starts = changes.filter(|change| change.kind == "start-build");
    starts.map(|change| change.target.clone()).collect()
}

/// Refuses documents of another environment before their upload: they would replace the right ones in the
/// bucket.
fn require_this_environment(review: &Review) -> Result<(), ApplyError> {
    match review
        .refused
        .iter()
        .find(|entry| entry.kind == "environment")
    {
        None => Ok(()),
        Some(refused) => Err(ApplyError::OtherEnvironment(
            refused.reason.clone().unwrap_or_default(),
        )),
    }
}

/// Whether the user wants the plan to be applied.
fn confirmed(
    arguments: &Apply,
    operator: &Operator,
    documents: usize,
    printer: Printer,
) -> Result<bool, ApplyError> {
    if arguments.yes {
        return Ok(true);
    }
    let what = match documents {
        0 => "apply the plan".to_owned(),
        1 => "upload one document and apply the plan".to_owned(),
        n => format!("upload {n} documents and apply the plan"),
    };
    printer
        .confirm(&format!("\n{}: {what}?", operator.stack))
        .ok_or(ApplyError::Unattended)
}

/// What reconcile would do if the documents were uploaded.
async fn dry_run(
    operator: &Operator,
    dir: &Path,
    layered: &Layered,
    printer: Printer,
) -> Result<Planned, ApplyError> {
    let texts = crate::documents::texts(&layered.files);
    let request = json!({ "dry-run": true, "documents": texts });
    let answer = operator.invoke(Function::Reconcile, &request);
    let report: Report = printer.with_progress("planning", answer).await?;
    if !report.problems.is_empty() {
        let problems = report.problems.into_iter();
        let problems = CheckReport {
            problems: problems
                .map(|problem| layered.relocated_problem(problem))
                .collect(),
            more_problems: report.more_problems,
            ..CheckReport::default()
        };
        printer.stderr(problems.below(dir).text().trim_end());
        return Err(RejectedError(dir.to_owned()).into());
    }
    let documents = report
        .standing
        .ok_or(ApplyError::OtherRelease("standing"))?;
    let review = *report.review.ok_or(ApplyError::OtherRelease("review"))?;
    Ok(Planned {
        review,
        documents,
        time: report.time,
        release: report.release,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::{entry, settled};

    #[test]
    fn documents_of_another_environment_are_refused() {
        assert!(require_this_environment(&settled()).is_ok());
        let reason =
            "environment.json says `prod`, and this stack is `nonprod`; nothing is changed";
        let refused = vec![entry("environment", "environment.json", Some(reason))];
        let error = require_this_environment(&Review {
            refused,
            ..settled()
        })
        .expect_err("another one");
        assert_eq!(error.to_string(), reason);
    }
}
