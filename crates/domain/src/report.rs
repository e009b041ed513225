//! What a run did, for the log line, the caller, and the output bucket.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::{Change, Plan};
use crate::problem::{Problem, Problems};
use crate::review::{DocumentEtags, Review};

/// The key in the output bucket under which the last run's report stands.
pub const LATEST: &str = "reports/latest.json";

/// AWS calls by operation, such as `imagebuilder:ListImageRecipes`.
pub type Calls = BTreeMap<String, u64>;

/// What one run of reconcile saw and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// When the run began, RFC 3339 in UTC with milliseconds, so that texts sort as times do.
    #[serde(default)]
    pub time: String,
    /// The commit that the documents came from, if their upload said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
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
}

/// A report in a format that this release does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{LATEST}: found format {0}, expected format {LATEST_FORMAT}; a newer release wrote it: deploy that release \
     again, or delete the object, and every alarm is sent once more"
)]
pub struct UnknownFormat(pub Value);

fn first_format() -> u64 {
    1
}

impl Latest {
    /// Reads what a run stored; none if it is damaged, which the next run replaces.
    ///
    /// Errors: another format. It must not count as none: the run that replaces it would send every alarm
    /// again, and lose what the newer release stored.
    pub fn from_json(json: &[u8]) -> Result<Option<Self>, UnknownFormat> {
        #[derive(Deserialize)]
        struct Head {
            format: Option<Value>,
        }
        let head: Option<Head> = serde_json::from_slice(json).ok();
        match head.and_then(|head| head.format) {
            Some(format) if format != LATEST_FORMAT => Err(UnknownFormat(format)),
            _ => Ok(serde_json::from_slice(json).ok()),
        }
    }
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What kind of change or reason it is.
    pub kind: String,
    /// What it is about: an ARN or a name.
    pub target: String,
    /// Why; changes that were made need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Entry {
    /// An entry for a change, without a reason.
    pub fn change(change: &Change) -> Self {
        Self {
            kind: change.kind().to_owned(),
            target: change.target(),
            reason: None,
        }
    }

    /// The same entry with a reason.
    #[must_use]
    pub fn because(mut self, reason: &(impl ToString + ?Sized)) -> Self {
        self.reason = Some(reason.to_string());
        self
    }
}

/// What a plan waits for, and what it refuses.
pub fn reasons(plan: &Plan) -> (Vec<Entry>, Vec<Entry>) {
    let entry = |kind: &str, target: &str, reason: String| Entry {
        kind: kind.to_owned(),
        target: target.to_owned(),
        reason: Some(reason),
    };
    (
        plan.waiting
            .iter()
            .map(|(target, why)| entry(why.kind(), target, why.to_string()))
            .collect(),
        plan.refused
            .iter()
            .map(|(target, why)| entry(why.kind(), target, why.to_string()))
            .collect(),
    )
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.target)?;
        self.reason
            .iter()
            .try_for_each(|reason| write!(f, ": {reason}"))
    }
}

impl Report {
    /// Takes over what a plan waits for and refuses.
    pub fn record_reasons(&mut self, plan: &Plan) {
        (self.waiting, self.refused) = reasons(plan);
    }

    /// What people must hear of: the sentence, by what makes it the same alarm as an earlier run's.
    ///
    /// A failure is the same whatever its words are, which may carry a request id; a document's
    /// problems are the same as long as its version is.
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
        alarms.chain(self.document_alarms()).collect()
    }

    /// The problems of each document's version, a line each.
    fn document_alarms(&self) -> BTreeMap<String, String> {
        let mut alarms = BTreeMap::<_, Vec<String>>::new();
        for problem in &self.problems {
            let version = self
                .documents
                .get(&problem.file)
                .map_or("none", String::as_str);
            let name = format!("problems {} {version}", problem.file);
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
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
    fn problems_are_one_alarm_for_each_version_of_a_document() {
        let place = Place {
            column: 2,
            ..Place::start_of("environment.json")
        };
        let problems = vec![place.problem("x", "y"), place.problem("z", "y")];
        let documents = [("environment.json".to_owned(), "v7".to_owned())].into();
        let alarms = Report {
            documents,
            problems,
            ..Report::default()
        }
        .alarms();
        let sentence =
            "environment.json:1:2: found x, expected y\nenvironment.json:1:2: found z, expected y";
        let expected = [(
            "problems environment.json v7".to_owned(),
            sentence.to_owned(),
        )];
        assert_eq!(alarms, BTreeMap::from(expected));
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

    fn stored(format: &str) -> Result<Option<Latest>, UnknownFormat> {
        let report = serde_json::to_string(&Report::default()).expect("JSON");
        let rest = report.strip_prefix('{').expect("an object");
        Latest::from_json(format!(r#"{{{format}"run":"r","told":["a"],{rest}"#).as_bytes())
    }

    #[test]
    fn a_stored_report_without_a_format_is_of_the_first() {
        let first = stored("").expect("it is known").expect("a report");
        assert_eq!((first.format, first.run.as_str()), (1, "r"));
        assert_eq!(stored(r#""format":1,"#), Ok(Some(first)));
    }

    #[test]
    fn a_stored_report_of_another_format_is_not_read_as_none() {
        for format in ["2", "0", "\"1\"", "[]"] {
            let answer = stored(&format!(r#""format":{format},"#)).expect_err("it is refused");
            let sentence = answer.to_string();
            let start = format!("{LATEST}: found format {format}, expected format 1; ");
            assert!(sentence.starts_with(&start), "{sentence}");
        }
    }

    #[test]
    fn a_damaged_report_is_replaced() {
        assert_eq!(Latest::from_json(b"{\"format\":1"), Ok(None));
        assert_eq!(Latest::from_json(b"{\"format\":1}"), Ok(None));
        assert_eq!(Latest::from_json(b""), Ok(None));
    }
}
