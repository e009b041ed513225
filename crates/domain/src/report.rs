//! What a run did, for the log line, the caller, and the output bucket.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod together;

pub use crate::entry::{Entry, reasons};
use crate::health::Health;
use crate::plan::Plan;
use crate::problem::{Problem, Problems};
use crate::release::Release;
use crate::review::{DocumentEtags, Review};

/// The key in the output bucket under which the last run's report stands.
pub const LATEST: &str = "reports/latest.json";

/// What the keys of reconcile's reports begin with in the output bucket.
pub const RECONCILE_REPORTS: &str = "reports/reconcile/";

/// AWS calls by operation, such as `imagebuilder:ListImageRecipes`.
pub type Calls = BTreeMap<String, u64>;

/// What one run of reconcile saw and did.
#[must_use]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// When the run began, RFC 3339 in UTC with milliseconds, so that texts sort as times do.
    #[serde(default)]
    pub time: String,
    /// The commit that the documents came from, if their upload said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The release of goldsmith that ran; an earlier one does not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The documents that were read, by key, with their S3 versions.
    pub documents: BTreeMap<String, String>,
    /// Whether changes were only listed.
    pub dry_run: bool,
    /// Changes made, or, in a dry run, changes that would be made.
    pub changes: Vec<Entry>,
    /// What will be right later.
    pub waiting: Vec<Entry>,
    /// What needs a person.
    pub refused: Vec<Entry>,
    /// Changes that were attempted and failed.
    pub failed: Vec<Entry>,
    /// Changes that were not attempted because something they need failed.
    pub not_attempted: Vec<Entry>,
    /// What is wrong with the documents, at most [`MOST_PROBLEMS`](crate::problem::MOST_PROBLEMS).
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_problems: usize,
    /// How many GiB failed builds have left that is still there, copies and Regions together.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub leaked_gib: u64,
    /// How the factory is; only of runs that look closely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// AWS calls by operation, retries not counted apart.
    pub calls: Calls,
    /// How many of the calls were made only in search of what was changed by hand.
    #[serde(default)]
    pub drift_calls: u64,
    /// How many of the calls change AWS, except logs, notifications and the report itself.
    pub writes: u64,
    /// What the changes mean; only in a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Box<Review>>,
    /// What a caller needs to replace exactly the documents that were looked at; only in a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<DocumentEtags>,
    /// Why it is worth running again in a minute, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<String>,
    /// When a run last changed the schedule of builds, or let it fire again; only in the last run's stored report,
    /// which takes it over from the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_changed: Option<String>,
    /// How many runs this is the report of; only in an answer to a person who asked for what was done since a
    /// time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<usize>,
    /// How many more runs have reported since that time, before these. Their reports were not read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub runs_before: usize,
}

/// The format of [`Latest`]. Raise it when an older release would misread what this one writes.
pub const LATEST_FORMAT: u64 = 1;

/// The report of the last run, as it is stored in the output bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latest {
    /// The format, [`LATEST_FORMAT`]. The releases before it had a number wrote what is format 1 now.
    #[serde(default = "first_format")]
    pub format: u64,
    /// The report.
    #[serde(flatten)]
    pub report: Report,
    /// The request that the run answered, which tells runs apart.
    pub run: String,
    /// What people have been told of and is still so, by [`Report::alarms`]' names.
    pub told: BTreeSet<String>,
    /// When a run last found each of them, by its report's time. An earlier release does not say so.
    #[serde(default)]
    pub found: BTreeMap<String, String>,
}

/// Why what is stored as the last report cannot be a report of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableReport {
    /// Damaged, or something else.
    #[error("it cannot be read as a report")]
    Damaged,
    /// A format that this release does not know.
    #[error("it has format {0}, and this release knows format {LATEST_FORMAT}")]
    Format(Value),
    /// A run that has not begun.
    #[error("it is of a run at {0}, which lies ahead")]
    Future(String),
}

fn first_format() -> u64 {
    1
}

impl Latest {
    /// Reads what a run stored. `latest` is the latest time that a run can have begun at, in the form of
    /// [`Report::time`].
    ///
    /// Errors: it is no report of a run until then; the next run replaces it.
    pub fn from_json(json: &[u8], latest: &str) -> Result<Self, UnusableReport> {
        #[derive(Deserialize)]
        struct Head {
            format: Option<Value>,
        }
        let head: Option<Head> = serde_json::from_slice(json).ok();
        if let Some(format) = head.and_then(|head| head.format)
            && format != LATEST_FORMAT
        {
            return Err(UnusableReport::Format(format));
        }
        let stored: Self = serde_json::from_slice(json).map_err(|_| UnusableReport::Damaged)?;
        if stored.report.time.as_str() > latest {
            return Err(UnusableReport::Future(stored.report.time));
        }
        Ok(stored)
    }
}

impl Report {
    /// What the report says beside its time, its cost and what only a close look measures: two runs that saw and did the
    /// same say the same.
    pub fn essence(&self) -> String {
        let essence = Self {
            time: String::new(),
            calls: Calls::new(),
            drift_calls: 0,
            health: None,
            writes: 0,
            ..self.clone()
        };
        serde_json::to_string(&essence)
            .unwrap_or_else(|error| unreachable!("reports serialize: {error}"))
    }

    /// When the schedule of builds was last changed, as far as this run and the report before it know.
    pub fn last_schedule_change(&self, before: Option<&Self>) -> Option<String> {
        let mut kinds = self.changes.iter().map(|change| change.kind.as_str());
        if !self.dry_run && kinds.any(|kind| kind == "put-rule") {
            return Some(self.time.clone());
        }
        let known = self.schedule_changed.as_ref();
        known.cloned().or_else(|| before?.schedule_changed.clone())
    }

    /// Adds what a plan waits for and refuses.
    pub fn record_reasons(&mut self, plan: &Plan) {
        let (waiting, refused) = reasons(plan);
        self.waiting.extend(waiting);
        self.refused.extend(refused);
    }

    /// What people must hear of, what was put right that somebody did by hand among it: the sentence, by what makes it the same alarm as an earlier run's.
    ///
    /// A failure is the same whatever its words are, which may carry a request id. A problem of a document is the
    /// same wherever it stands in it, and in whichever version.
    pub fn alarms(&self) -> BTreeMap<String, String> {
        let refused = self.refused.iter().map(|entry| format!("refused {entry}"));
        let failed = self.failed.iter().map(|entry| {
            (
                format!("failed {} {}", entry.kind, entry.target),
                format!("failed {entry}"),
            )
        });
        let alarms = refused
            .map(|sentence| (sentence.clone(), sentence))
            .chain(failed);
        alarms
            .chain(self.repairs())
            .chain(self.document_alarms())
            .collect()
    }

    /// What somebody did by hand and this run put right: mended is not explained.
    fn repairs(&self) -> impl Iterator<Item = (String, String)> {
        let repaired = self.changes.iter().filter(|change| change.reason.is_some());
        repaired.map(|entry| (format!("repaired {entry}"), format!("repaired {entry}")))
    }

    /// The problems of documents, each with its places.
    fn document_alarms(&self) -> BTreeMap<String, String> {
        let mut alarms = BTreeMap::<_, Vec<String>>::new();
        for problem in &self.problems {
            let Problem {
                file,
                found,
                expected,
                ..
            } = problem;
            let name = format!("problems {file} found {found}, expected {expected}");
            alarms.entry(name).or_default().push(problem.to_string());
        }
        alarms
            .into_iter()
            .map(|(name, lines)| (name, lines.join("\n")))
            .collect()
    }

    /// Takes over problems.
    pub fn record_problems(&mut self, problems: Problems) {
        (self.problems, self.more_problems) = problems.into_parts();
    }
}

/// Whether a text is a time in the form of [`Report::time`].
pub fn is_time(text: &str) -> bool {
    let time: Result<Timestamp, _> = text.parse();
    time.is_ok_and(|time| format!("{time:.3}") == text)
}

/// How long ago the time may be since which a caller asks what was done: a person's work is over sooner, and each
/// report is read.
pub const LONGEST_SINCE: SignedDuration = SignedDuration::from_hours(6);

/// Whether a time is longer than [`LONGEST_SINCE`] before `now`, both as reports have them. What is no time is.
pub fn is_long_ago(time: &str, now: &str) -> bool {
    let parsed = |text: &str| text.parse::<Timestamp>().ok();
    let ago = parsed(time).zip(parsed(now));
    ago.is_none_or(|(time, now)| now.duration_since(time) > LONGEST_SINCE)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_nothing(gib: &u64) -> bool {
    *gib == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Place;

    fn entry(kind: &str, reason: &str) -> Entry {
        Entry {
            kind: kind.to_owned(),
            target: "110304".to_owned(),
            reason: Some(reason.to_owned()),
        }
    }

    fn names(report: &Report) -> Vec<String> {
        report.alarms().into_keys().collect()
    }

    #[test]
    fn a_time_is_long_ago_after_six_hours() {
        let now = "2026-01-01T06:00:00.000Z";
        assert!(!is_long_ago("2026-01-01T00:00:00.000Z", now));
        assert!(is_long_ago("2025-12-31T23:59:59.999Z", now));
        assert!(is_long_ago("yesterday", now));
    }

    #[test]
    fn a_failure_in_other_words_is_the_same_and_a_refusal_for_another_reason_is_not() {
        let failed = |reason| Report {
            failed: vec![entry("create-recipe", reason)],
            ..Report::default()
        };
        assert_eq!(
            names(&failed("request 1 was throttled")),
            names(&failed("request 2 was throttled"))
        );
        let refused = |reason| Report {
            refused: vec![entry("base-ami", reason)],
            ..Report::default()
        };
        assert_ne!(
            names(&refused("it is gone")),
            names(&refused("it is not available"))
        );
    }

    #[test]
    fn a_problem_is_one_alarm_wherever_it_stands_and_in_whichever_version() {
        let alarms = |version: &str, line| {
            let place = Place {
                line,
                column: 2,
                ..Place::start_of("environment.json")
            };
            let problems = vec![place.problem("x", "y"), place.problem("z", "y")];
            let documents = [("environment.json".to_owned(), version.to_owned())].into();
            Report {
                documents,
                problems,
                ..Report::default()
            }
            .alarms()
        };
        let first = alarms("v7", 1);
        let expected = [
            (
                "problems environment.json found x, expected y".to_owned(),
                "environment.json:1:2: found x, expected y".to_owned(),
            ),
            (
                "problems environment.json found z, expected y".to_owned(),
                "environment.json:1:2: found z, expected y".to_owned(),
            ),
        ];
        assert_eq!(first, BTreeMap::from(expected));
        let again: Vec<String> = alarms("v8", 3).into_keys().collect();
        assert_eq!(again, first.into_keys().collect::<Vec<_>>());
    }

    #[test]
    fn the_latest_report_reads_as_a_report() {
        let report = Report {
            time: "2026-01-01T00:00:00.000Z".to_owned(),
            writes: 3,
            ..Report::default()
        };
        let latest = Latest {
            format: LATEST_FORMAT,
            report: report.clone(),
            run: "r".to_owned(),
            told: ["a".to_owned()].into(),
            found: BTreeMap::new(),
        };
        let text = serde_json::to_string(&latest).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Report>(&text).expect("a report"),
            report
        );
        assert_eq!(
            serde_json::from_str::<Latest>(&text).expect("the latest"),
            latest
        );
    }

    const NOW: &str = "2026-01-01T00:00:00.000Z";

    fn stored(format: &str, time: &str) -> Result<Latest, UnusableReport> {
        let report = Report {
            time: time.to_owned(),
            ..Report::default()
        };
        let report = serde_json::to_string(&report).expect("JSON");
        let rest = report.strip_prefix('{').expect("an object");
        let text = format!(r#"{{{format}"run":"r","told":["a"],{rest}"#);
        Latest::from_json(text.as_bytes(), NOW)
    }

    #[test]
    fn a_stored_report_without_a_format_is_of_the_first() {
        let first = stored("", NOW).expect("a report");
        assert_eq!((first.format, first.run.as_str()), (1, "r"));
        assert_eq!(stored(r#""format":1,"#, NOW), Ok(first));
    }

    #[test]
    fn a_stored_report_of_another_format_is_not_believed() {
        for format in ["2", "0", "\"1\"", "[]"] {
            let why = stored(&format!(r#""format":{format},"#), NOW).expect_err("it is refused");
            let expected = format!("it has format {format}, and this release knows format 1");
            assert_eq!(why.to_string(), expected);
        }
    }

    #[test]
    fn a_stored_report_that_lies_ahead_is_not_believed() {
        for time in ["2026-01-01T00:00:00.001Z", "9990-01-01T00:00:00.000Z", "z"] {
            assert_eq!(
                stored("", time),
                Err(UnusableReport::Future(time.to_owned()))
            );
        }
    }

    #[test]
    fn a_damaged_report_is_not_believed() {
        for damaged in ["{\"format\":1", "{\"format\":1}", ""] {
            let read = Latest::from_json(damaged.as_bytes(), NOW);
            assert_eq!(read, Err(UnusableReport::Damaged));
        }
    }
}
