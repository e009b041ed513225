//! `goldsmith apply`: shows the plan, asks, uploads the documents over exactly those that were planned
//! against, and has them carried out.
//!
//! S3 is the truth: nothing is changed here but documents, and reconcile does the rest. It looks
//! through reconcile's eyes too, by a dry run, so whoever applies needs no right to read the account.

mod metadata;
mod moved;
mod upload;

use std::path::Path;

use goldsmith_aws::operator::{Function, Operator};
use goldsmith_domain::document::DocumentFile;
use goldsmith_domain::report::Report;
use goldsmith_domain::review::{DocumentEtags, Review, Verdict};
use serde_json::json;

use crate::arguments::Apply;
use crate::check;
use crate::documents;
use crate::draw::{report, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan;
use crate::stack;
use crate::voice::Voice;

/// What a dry run found: what the documents mean, and what they would replace.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Planned {
    review: Review,
    standing: DocumentEtags,
}

/// Applies the documents.
pub async fn run(arguments: &Apply, voice: Voice) -> Result<Exit, Failure> {
    if !arguments.set.is_empty() {
        return Err(Failure::SetApplied);
    }
    let metadata = metadata::of(arguments.commit.as_deref(), voice)?;
    let files = plan::given(&arguments.dir, voice)?;
    let operator = stack::operator(&arguments.stack).await?;
    let planned = dry_run(&operator, &arguments.dir, &files, voice).await?;
    of_this_environment(&planned.review)?;
    voice.say(text::draw(&planned.review).trim_end());
    let pending = upload::pending(&files, &planned.standing);
    if pending.is_empty() && planned.review.verdict() == Verdict::Settled {
        voice.say("\nthe documents are in the bucket already; nothing was changed");
        return Ok(Exit::Done);
    }
    if !agreed(arguments, &operator, pending.len(), voice)? {
        voice.say("nothing was changed");
        return Ok(Exit::Error);
    }
    let now = dry_run(&operator, &arguments.dir, &files, voice).await?;
    moved::refuse(&planned, &now)?;
    upload::all(&operator, &pending, &now, &metadata, voice).await?;
    reconcile(&operator, voice).await
}

/// Refuses documents of another environment before anything of them is uploaded: in the bucket they would
/// take the place of the right ones.
fn of_this_environment(review: &Review) -> Result<(), Failure> {
    match review
        .refused
        .iter()
        .find(|entry| entry.kind == "environment")
    {
        None => Ok(()),
        Some(refused) => Err(Failure::Environment(
            refused.reason.clone().unwrap_or_default(),
        )),
    }
}

fn agreed(
    arguments: &Apply,
    operator: &Operator,
    documents: usize,
    voice: Voice,
) -> Result<bool, Failure> {
    if arguments.yes {
        return Ok(true);
    }
    let what = match documents {
        0 => "carry it out".to_owned(),
        1 => "upload one document and carry it out".to_owned(),
        n => format!("upload {n} documents and carry it out"),
    };
    voice
        .ask(&format!("\n{}: {what}?", operator.stack))
        .ok_or(Failure::Unattended)
}

/// What reconcile would do if `files` were uploaded.
async fn dry_run(
    operator: &Operator,
    dir: &Path,
    files: &[DocumentFile],
    voice: Voice,
) -> Result<Planned, Failure> {
    let request = json!({ "dry-run": true, "documents": documents::texts(files) });
    let answer = operator.invoke(Function::Reconcile, &request);
    let report: Report = voice.during("planning", answer).await?;
    if !report.problems.is_empty() {
        let (problems, more_problems) = (report.problems, report.more_problems);
        let verdict = check::Verdict {
            problems,
            more_problems,
            ..check::Verdict::default()
        };
        voice.say(verdict.below(dir).text().trim_end());
        return Err(Failure::Rejected(dir.to_owned()));
    }
    let standing = report.standing.ok_or(Failure::OtherRelease("standing"))?;
    let review = *report.review.ok_or(Failure::OtherRelease("review"))?;
    Ok(Planned { review, standing })
}

async fn reconcile(operator: &Operator, voice: Voice) -> Result<Exit, Failure> {
    let request = json!({});
    let answer = operator.invoke(Function::Reconcile, &request);
    let done: Report = voice.during("reconciling", answer).await?;
    voice.data(&report::draw(&done));
    Ok(exit(&done))
}

/// How a run of reconcile ended.
fn exit(report: &Report) -> Exit {
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
    use crate::draw::samples::{entry, settled};

    #[test]
    fn whatever_needs_a_person_ends_with_three() {
        let entries = vec![entry("k", "t", None)];
        let problem = json!({ "file": "f", "line": 1, "column": 1, "found": "a", "expected": "b" });
        let problem: Problem = serde_json::from_value(problem).expect("a problem");
        assert_eq!(
            exit(&Report {
                waiting: entries.clone(),
                changes: entries.clone(),
                ..Report::default()
            }),
            Exit::Done
        );
        for report in [
            Report {
                refused: entries.clone(),
                ..Report::default()
            },
            Report {
                failed: entries.clone(),
                ..Report::default()
            },
            Report {
                not_attempted: entries.clone(),
                ..Report::default()
            },
            Report {
                problems: vec![problem],
                ..Report::default()
            },
        ] {
            assert_eq!(exit(&report), Exit::Refused, "{report:?}");
        }
    }

    #[test]
    fn documents_of_another_environment_are_refused() {
        assert!(of_this_environment(&settled()).is_ok());
        let reason =
            "environment.json says `prod`, and this stack is `nonprod`; nothing is changed";
        let refused = vec![entry("environment", "environment.json", Some(reason))];
        let error = of_this_environment(&Review {
            refused,
            ..settled()
        })
        .expect_err("another one");
        assert_eq!(error.to_string(), reason);
    }
}
