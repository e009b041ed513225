//! Stores the report as the latest one, and notifies people of what is new in it. A refusal, a failure or a
//! document's problems are notified once while they last, and again if they return.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_aws::fault::{CallError, Fault};
use goldsmith_aws::{Aws, notify as topic, output};
use goldsmith_domain::observed::Depth;
use goldsmith_domain::report::{Entry, LATEST, LATEST_FORMAT, Latest, Report};
use jiff::{SignedDuration, Timestamp};

/// A run, as far as it is stored.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The request that it answered.
    pub id: &'a str,
    /// What it saw and did.
    pub report: &'a Report,
    /// How much it looked at.
    pub scan: Scan,
}

/// How much of what may be wrong a run looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// What lists and digests show.
    Digests,
    /// Contents and facts as well; of recipes, of those whose turn it is.
    Turns,
    /// Everything.
    Whole,
}

impl From<Depth> for Scan {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Digest => Self::Digests,
            Depth::Hour => Self::Turns,
            Depth::Content => Self::Whole,
        }
    }
}

/// What only a look at a recipe whose turn it is finds: by these words alarms begin.
const BY_TURN: [&str; 4] = [
    "refused forged-recipe ",
    "refused foreign-image ",
    "refused foreign-copies ",
    "refused deployment snap-",
];

/// How long a refusal counts as sent that no look has found since: each recipe has its turn once a day, and the
/// hourly run may be late.
const TURN: SignedDuration = SignedDuration::from_hours(25);

/// Stores the report of `run` as the latest, unless a later run has stored its own. Then it notifies the
/// topic of the alarms that the previous report did not have.
///
/// The report is stored first, so that of two runs with the same alarm only one sends it. If the
/// notification fails, the alarm is removed from the report, so that the next run sends it. A dry run
/// stores and sends nothing.
pub async fn record_latest(aws: &Aws, run: &Run<'_>) -> Result<(), CallError> {
    let Run { id, report, .. } = *run;
    let mut news = None;
    for _ in 0..output::MOST_RACES {
        let (previous, etag) = output::latest(aws).await?;
        let ours = previous.as_ref().is_some_and(|previous| previous.run == id);
        let is_later = |previous: &Latest| previous.report.time > report.time;
        if report.dry_run || (!ours && previous.as_ref().is_some_and(is_later)) {
            return Ok(());
        }
        // Our own write may have succeeded although its answer was lost: its alarms are still to be sent.
        let mut fresh = news
            .take()
            .filter(|_| ours)
            .unwrap_or_else(|| fresh(report, previous.as_ref()));
        // A last report that was discarded is news of its own: every alarm is sent once more after it.
        let discarded = aws.take_discarded().into_iter();
        fresh.extend(
            discarded.map(|entry| (format!("refused {entry}"), format!("refused {entry}"))),
        );
        let notified = notified(run, previous.as_ref());
        let latest = latest(run, notified, previous.as_ref());
        match output::put_latest(aws, &latest, etag.as_deref()).await {
            Err(error) if error.fault == Fault::Conflict => news = Some(fresh),
            written => return notify(aws, run, latest, &fresh, written?).await,
        }
    }
    Err(output::overtaken("s3:PutObject", LATEST))
}

/// The alarms of `report` that were not sent yet.
fn fresh(report: &Report, previous: Option<&Latest>) -> BTreeMap<String, String> {
    let was_sent = |name: &String| previous.is_some_and(|previous| previous.told.contains(name));
    report
        .alarms()
        .into_iter()
        .filter(|(name, _)| !was_sent(name))
        .collect()
}

/// The alarms that count as sent after a run, each with the time of the run that found it: its own, and refusals of
/// the runs before that it may not have looked for, if they read the same documents.
fn notified(run: &Run<'_>, previous: Option<&Latest>) -> BTreeMap<String, String> {
    let same = previous.filter(|previous| previous.report.documents == run.report.documents);
    let before = same.into_iter().flat_map(|previous| {
        let refusals = previous
            .told
            .iter()
            .filter(|name| name.starts_with("refused "));
        refusals.map(|name| {
            (
                name,
                previous.found.get(name).unwrap_or(&previous.report.time),
            )
        })
    });
    let stays = |(name, found): &(&String, &String)| match run.scan {
        Scan::Digests => true,
        Scan::Turns => {
            let is_by_turn = BY_TURN.iter().any(|words| name.starts_with(words));
            is_by_turn && is_recent(found, &run.report.time)
        }
        Scan::Whole => false,
    };
    let before = before.filter(stays);
    let before = before.map(|(name, found)| (name.clone(), found.clone()));
    let own = run.report.alarms().into_keys();
    let own = own.map(|name| (name, run.report.time.clone()));
    before.chain(own).collect()
}

/// Whether something that was found then may still be so now, though nobody has looked.
fn is_recent(found: &str, now: &str) -> bool {
    match (found.parse::<Timestamp>(), now.parse::<Timestamp>()) {
        (Ok(found), Ok(now)) => now.duration_since(found) < TURN,
        _ => false,
    }
}

fn latest(run: &Run<'_>, notified: BTreeMap<String, String>, previous: Option<&Latest>) -> Latest {
    let before = previous.map(|previous| &previous.report);
    let mut refused = run.report.refused.clone();
    refused.extend(still_refused(run.report, &notified, before));
    Latest {
        format: LATEST_FORMAT,
        report: Report {
            schedule_changed: run.report.last_schedule_change(before),
            refused,
            ..run.report.clone()
        },
        run: run.id.to_owned(),
        told: notified.keys().cloned().collect(),
        found: notified,
    }
}

/// The refusals of runs before that still count as sent: this run has not looked for them, and `status` shows them.
fn still_refused(
    report: &Report,
    notified: &BTreeMap<String, String>,
    before: Option<&Report>,
) -> Vec<Entry> {
    let before = before.into_iter().flat_map(|before| &before.refused);
    let stays = |entry: &&Entry| {
        !report.refused.contains(entry) && notified.contains_key(&format!("refused {entry}"))
    };
    before.filter(stays).cloned().collect()
}

/// Sends what is new. If that fails, the stored report does not count it as sent.
async fn notify(
    aws: &Aws,
    run: &Run<'_>,
    mut latest: Latest,
    news: &BTreeMap<String, String>,
    etag: Option<String>,
) -> Result<(), CallError> {
    if news.is_empty() {
        return Ok(());
    }
    let published = topic::publish(
        aws,
        &subject(aws, news),
        &message(run.report, news),
        "alarm",
    )
    .await;
    if published.is_err() {
        latest.told.retain(|name| !news.contains_key(name));
        latest.found.retain(|name, _| !news.contains_key(name));
        // If another run was faster, the alarm is its own now: it or the next run sends it.
        let back = output::put_latest(aws, &latest, etag.as_deref()).await;
        back.map(drop).or_else(|error| {
            if error.fault == Fault::Conflict {
                Ok(())
            } else {
                Err(error)
            }
        })?;
    }
    published
}

fn subject(aws: &Aws, news: &BTreeMap<String, String>) -> String {
    let of = |kind: &str| news.keys().filter(|name| name.starts_with(kind)).count();
    let documents: BTreeSet<_> = news.keys().filter_map(|name| document_of(name)).collect();
    let counted = [
        (documents.len(), "bad document"),
        (of("refused "), "refusal"),
        (of("repaired "), "repair"),
        (of("failed "), "failure"),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counted
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    format!("goldsmith {}: {}", aws.stack.environment, parts.join(", "))
}

/// The document that an alarm is about, if it is about one.
fn document_of(alarm: &str) -> Option<&str> {
    alarm.strip_prefix("problems ")?.split(' ').next()
}

fn message(report: &Report, news: &BTreeMap<String, String>) -> String {
    let mut lines: Vec<String> = news.values().cloned().collect();
    if !report.problems.is_empty() {
        if report.more_problems > 0 {
            lines.push(format!("... and {} more problems", report.more_problems));
        }
        lines.push(
            "Nothing was made or changed: while a document is bad, only access is taken away."
                .to_owned(),
        );
    }
    lines.extend(
        report
            .commit
            .iter()
            .map(|commit| format!("commit: {commit}")),
    );
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::problem::Place;

    use super::*;

    fn refusing(reasons: &[&str]) -> Report {
        let entry = |reason: &&str| Entry {
            kind: "base-ami".to_owned(),
            target: "110304".to_owned(),
            reason: Some((*reason).to_owned()),
        };
        Report {
            refused: reasons.iter().map(entry).collect(),
            ..Report::default()
        }
    }

    fn run(report: &Report, scan: Scan) -> Run<'_> {
        Run {
            id: "1",
            report,
            scan,
        }
    }

    /// What a run stores that sent everything.
    fn stored(report: &Report, scan: Scan, before: Option<&Latest>) -> Latest {
        let run = run(report, scan);
        latest(&run, notified(&run, before), before)
    }

    /// `status` counts missed firings since then, and the report of that run is soon gone.
    #[test]
    fn the_time_of_the_schedules_last_change_is_taken_over_from_report_to_report() {
        let at = |time: &str, kinds: &[&str]| Report {
            time: time.to_owned(),
            changes: kinds
                .iter()
                .map(|kind| Entry {
                    kind: (*kind).to_owned(),
                    target: "goldsmith-nonprod-build".to_owned(),
                    reason: None,
                })
                .collect(),
            ..Report::default()
        };
        let before = stored(&at("1", &["create-recipe"]), Scan::Whole, None);
        assert_eq!(before.report.schedule_changed, None);
        let changed = stored(&at("2", &["put-rule"]), Scan::Digests, Some(&before));
        let later = stored(&at("3", &["start-build"]), Scan::Whole, Some(&changed));
        let last = stored(&at("4", &[]), Scan::Digests, Some(&later));
        assert_eq!(last.report.schedule_changed.as_deref(), Some("2"));
        let again = stored(&at("5", &["put-rule"]), Scan::Digests, Some(&last));
        assert_eq!(again.report.schedule_changed.as_deref(), Some("5"));
    }

    #[test]
    fn an_alarm_is_sent_once_while_it_lasts_and_again_when_it_returns() {
        let first = refusing(&["it is gone"]);
        let first_stored = stored(&first, Scan::Whole, None);
        let both = refusing(&["it is gone", "it is too small"]);
        let news: Vec<_> = fresh(&both, Some(&first_stored)).into_values().collect();
        assert_eq!(news, ["refused base-ami 110304: it is too small"]);
        let mended = stored(&Report::default(), Scan::Whole, Some(&first_stored));
        assert_eq!(fresh(&first, Some(&mended)).len(), 1);
    }

    #[test]
    fn an_alarm_that_only_deep_scans_find_is_sent_once() {
        let close = refusing(&["the subnet is gone"]);
        let first_stored = stored(&close, Scan::Whole, None);
        let ordinary = stored(&Report::default(), Scan::Digests, Some(&first_stored));
        assert_eq!(fresh(&close, Some(&ordinary)).len(), 0);
        let documents = [("environment.json".to_owned(), "v2".to_owned())].into();
        let other = stored(
            &Report {
                documents,
                ..Report::default()
            },
            Scan::Digests,
            Some(&first_stored),
        );
        assert_eq!(
            fresh(&close, Some(&other)).len(),
            1,
            "the run in between read other documents"
        );
    }

    /// In a large environment each recipe is looked at once a day.
    #[test]
    fn an_alarm_of_a_recipe_that_takes_turns_is_sent_once_while_it_lasts() {
        let at = |hour: u32, report: Report| Report {
            time: format!("2026-01-{:02}T{:02}:00:00.000Z", 1 + hour / 24, hour % 24),
            ..report
        };
        let refusal = || Report {
            refused: vec![Entry {
                kind: "foreign-image".to_owned(),
                target: "110304".to_owned(),
                reason: Some("somebody else built it".to_owned()),
            }],
            ..Report::default()
        };
        let mut latest = stored(&at(0, refusal()), Scan::Turns, None);
        for hour in 1..24 {
            latest = stored(&at(hour, Report::default()), Scan::Turns, Some(&latest));
        }
        assert_eq!(fresh(&refusal(), Some(&latest)).len(), 0);
        assert_eq!(latest.report.refused, refusal().refused, "status shows it");
        let again = stored(&at(24, refusal()), Scan::Turns, Some(&latest));
        let quiet = stored(&at(48, Report::default()), Scan::Turns, Some(&again));
        assert_eq!(fresh(&refusal(), Some(&quiet)).len(), 0);
        let mended = stored(&at(49, Report::default()), Scan::Turns, Some(&quiet));
        assert_eq!(mended.report.refused, []);
        assert_eq!(fresh(&refusal(), Some(&mended)).len(), 1);
        // What every hour looks for is new again when it returns.
        let base = stored(&at(1, refusing(&["it is gone"])), Scan::Turns, None);
        let mended = stored(&at(2, Report::default()), Scan::Turns, Some(&base));
        assert_eq!(fresh(&refusing(&["it is gone"]), Some(&mended)).len(), 1);
        let person = stored(&at(2, Report::default()), Scan::Whole, Some(&latest));
        assert_eq!(fresh(&refusal(), Some(&person)).len(), 1);
    }

    #[test]
    fn the_message_has_place_found_expected_and_hint() {
        let place = Place {
            line: 3,
            column: 17,
            ..Place::start_of("ami-versions.json")
        };
        let problem = place
            .problem("`ami-nope`", "an AMI id")
            .hint("copy it from the console");
        let commit = Some("0123abc".to_owned());
        let report = Report {
            problems: vec![problem],
            more_problems: 2,
            commit,
            ..Report::default()
        };
        let expected = "ami-versions.json:3:17: found `ami-nope`, expected an AMI id\n  \
                        hint: copy it from the console\n... and 2 more problems\n\
                        Nothing was made or changed: while a document is bad, only access is taken away.\ncommit: 0123abc\n";
        assert_eq!(message(&report, &report.alarms()), expected);
    }
}
