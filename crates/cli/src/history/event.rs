//! One line of the history.

use std::collections::BTreeMap;

use goldsmith_aws::operator::{Function, StoredRun, Uploaded};
use goldsmith_domain::escape::printable;
use goldsmith_domain::report::{Entry, Report};
use serde::Serialize;
use serde_json::Value;

use crate::render::phrase::count;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Who did it: a function, or `upload`.
    pub source: &'static str,
    /// What was done, in sentences; none for a run that did nothing.
    pub what: Vec<String>,
}

impl Event {
    /// What a run did; none for a dry run.
    pub fn of_run(run: &StoredRun) -> Option<Self> {
        let what = match run.function {
            Function::Reconcile => {
                let report: Report = serde_json::from_value(run.report.clone()).ok()?;
                if report.dry_run {
                    return None;
                }
                of_report(&report)
            }
            Function::ScheduledBuild => of_builds(&run.report),
            Function::ImageEvents => of_image(&run.report),
        };
        Some(Self {
            time: run.time.clone(),
            source: run.function.as_str(),
            what,
        })
    }

    /// What was uploaded or deleted, and by whom, as far as the upload says it.
    pub fn of_upload(upload: &Uploaded) -> Self {
        let verb = if upload.is_deletion {
            "deleted"
        } else {
            "uploaded"
        };
        let said = |key: &str, what: &str| {
            let value = upload.metadata.get(key)?;
            Some(format!(", {what} {value}"))
        };
        let said: String = [
            said("uploader", "by"),
            said("commit", "commit"),
            said("config-commit", "configuration"),
            said("build-url", "build"),
        ]
        .into_iter()
        .flatten()
        .collect();
        Self {
            time: upload.time.clone(),
            source: "upload",
            what: vec![printable(&format!("{} {verb}{said}", upload.key))],
        }
    }
}

fn of_report(report: &Report) -> Vec<String> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for change in &report.changes {
        *kinds.entry(&change.kind).or_default() += 1;
    }
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(kind, n)| {
            if n == 1 {
                kind.to_owned()
            } else {
                format!("{kind} {n} times")
            }
        })
        .collect();
    let done = (!kinds.is_empty()).then(|| format!("done: {}", kinds.join(", ")));
    let named = |what: &str, entries: &[Entry]| -> Vec<String> {
        entries
            .iter()
            .map(|entry| format!("{what}: {entry}"))
            .collect()
    };
    let problems = report.problems.len() + report.more_problems;
    let problems = (problems > 0).then(|| {
        format!(
            "nothing, because of {}",
            count(problems, "problem", "problems")
        )
    });
    let all = done.into_iter().chain(problems);
    all.chain(named("failed", &report.failed))
        .chain(named("refused", &report.refused))
        .map(|line| printable(&line))
        .collect()
}

/// The texts at `member` of each item of a list.
fn texts(report: &Value, list: &str, member: &str) -> Vec<String> {
    let items = report[list].as_array().into_iter().flatten();
    items
        .filter_map(|item| item[member].as_str().map(printable))
        .collect()
}

fn of_builds(report: &Value) -> Vec<String> {
    let started = texts(report, "started", "recipename");
    let skipped = texts(report, "skipped", "recipename");
    let reasons = texts(report, "skipped", "reason");
    let failed = texts(report, "failed", "reason");
    let started = (!started.is_empty()).then(|| format!("started {}", started.join(", ")));
    let skipped = skipped.iter().zip(reasons);
    let skipped = skipped.map(|(name, reason)| format!("skipped {name}, because {reason}"));
    let failed = failed.iter().map(|reason| format!("failed: {reason}"));
    started.into_iter().chain(skipped).chain(failed).collect()
}

/// Only what a person wants to know: most events of an image ask for nothing.
fn of_image(report: &Value) -> Vec<String> {
    let image = printable(report["image"].as_str().unwrap_or("an image"));
    match report["outcome"].as_str() {
        Some("published") => vec![format!("published {image}")],
        Some("notified") => vec![format!("notified people that {image} failed")],
        Some("superseded") => vec![format!("left {image}, because a newer build is published")],
        Some("paused") => vec![format!(
            "left {image}, because environment.json says `pause`"
        )],
        _ => Vec::new(),
    }
}

/// The events in the order of their times. Uploads of one moment become one, and runs that did nothing are
/// counted.
pub fn fold(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by(|one, other| one.time.cmp(&other.time));
    let mut folded: Vec<Event> = Vec::new();
    let mut idle = 0;
    for event in events {
        let is_idle = event.what.is_empty();
        if is_idle && event.source == Function::Reconcile.as_str() {
            idle += 1;
            continue;
        }
        if is_idle {
            continue;
        }
        match folded.last_mut().filter(|last| last.is_same_moment(&event)) {
            Some(last) => last.what.extend(event.what),
            None => folded.push(event),
        }
    }
    if idle > 0 {
        let runs = count(idle, "run of reconcile", "runs of reconcile");
        let time = folded
            .last()
            .map(|last| last.time.clone())
            .unwrap_or_default();
        folded.push(Event {
            time,
            source: "reconcile",
            what: vec![format!("{runs} in this time found nothing to do")],
        });
    }
    folded
}

impl Event {
    /// Whether both are uploads within the same minute.
    fn is_same_moment(&self, other: &Self) -> bool {
        let minute = |event: &Self| event.time.get(..16).map(str::to_owned);
        self.source == "upload" && other.source == "upload" && minute(self) == minute(other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(function: Function, time: &str, report: Value) -> StoredRun {
        StoredRun {
            function,
            time: time.to_owned(),
            request: "r".to_owned(),
            report,
        }
    }

    fn report(changes: &[&str]) -> Value {
        let entry = |kind: &&str| Entry {
            kind: (*kind).to_owned(),
            target: "t".to_owned(),
            reason: None,
        };
        serde_json::to_value(Report {
            changes: changes.iter().map(entry).collect(),
            ..Report::default()
        })
        .expect("JSON")
    }

    #[test]
    fn runs_are_told_by_what_they_did_and_idle_ones_are_counted() {
        let runs = [
            run(
                Function::Reconcile,
                "2026-11-29T10:00:05.000Z",
                report(&["start-build", "start-build", "put-rule"]),
            ),
            run(Function::Reconcile, "2026-11-29T11:00:00.000Z", report(&[])),
            run(
                Function::ScheduledBuild,
                "2026-11-29T06:00:00.000Z",
                json!({
                    "started": [{ "recipename": "110304" }],
                    "skipped": [{ "recipename": "110302", "reason": "it builds" }], "failed": [],
                }),
            ),
            run(
                Function::ImageEvents,
                "2026-11-29T10:30:00.000Z",
                json!({ "image": "i", "outcome": "published" }),
            ),
            run(
                Function::ImageEvents,
                "2026-11-29T10:20:00.000Z",
                json!({ "image": "i", "outcome": "ignored" }),
            ),
        ];
        let events = fold(runs.iter().filter_map(Event::of_run).collect());
        let told: Vec<String> = events
            .iter()
            .map(|event| format!("{}: {}", event.source, event.what.join("; ")))
            .collect();
        assert_eq!(
            told,
            [
                "scheduled-build: started 110304; skipped 110302, because it builds",
                "reconcile: done: put-rule, start-build 2 times",
                "image-events: published i",
                "reconcile: 1 run of reconcile in this time found nothing to do",
            ]
        );
    }

    #[test]
    fn an_upload_says_who_did_it_and_uploads_of_a_minute_are_one() {
        let upload = |key: &str, time: &str| Uploaded {
            key: key.to_owned(),
            version: "v".to_owned(),
            time: time.to_owned(),
            is_deletion: key.starts_with("workload"),
            metadata: [
                ("commit".to_owned(), "0123abc".to_owned()),
                ("uploader".to_owned(), "arn:ada".to_owned()),
            ]
            .into(),
        };
        let uploads = [
            upload("environment.json", "2026-11-29T10:00:01Z"),
            upload("workload_accounts.us-east-1.json", "2026-11-29T10:00:02Z"),
        ];
        let events = fold(uploads.iter().map(Event::of_upload).collect());
        assert_eq!(events.len(), 1);
        assert_eq!(
            events[0].what,
            [
                "environment.json uploaded, by arn:ada, commit 0123abc",
                "workload_accounts.us-east-1.json deleted, by arn:ada, commit 0123abc",
            ]
        );
    }

    #[test]
    fn a_dry_run_is_no_event() {
        let mut dry = report(&["start-build"]);
        dry["dry-run"] = true.into();
        assert_eq!(Event::of_run(&run(Function::Reconcile, "t", dry)), None);
    }
}
