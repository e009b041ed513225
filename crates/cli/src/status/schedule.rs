//! What the schedule did, and what it does next.

use goldsmith_aws::operator::StoredRun;
use goldsmith_domain::names::ScheduleExpression;
use goldsmith_domain::observed::Rule;
use goldsmith_domain::report::{Entry, Report};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::model::{ScheduleStatus, ScheduledRun};

/// How late the report of a run may be: EventBridge invokes within a minute or so, and a function runs for five
/// minutes at most, three times if it fails.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

/// A report of scheduled-build, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outcome {
    documents: serde_json::Map<String, serde_json::Value>,
    started: Vec<Named>,
    skipped: Vec<Named>,
    failed: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Named {
    recipename: String,
    #[serde(default)]
    reason: String,
}

/// What is known of the schedule by the rule, by the reports of scheduled-build, oldest first, and by the last
/// report of reconcile.
pub fn status(
    rule: Option<&Rule>,
    runs: &[StoredRun],
    report: Option<&Report>,
    now: Timestamp,
) -> ScheduleStatus {
    let Some(rule) = rule else {
        return ScheduleStatus::default();
    };
    let expression: Option<ScheduleExpression> =
        rule.schedule.as_deref().and_then(|text| text.parse().ok());
    let next = |after: Timestamp| expression.as_ref().and_then(|cron| cron.next(after));
    let last = runs.iter().rev().find_map(scheduled);
    let enabled = rule.state.as_deref() != Some("DISABLED");
    let known = last.as_ref().and_then(|last| last.time.parse().ok());
    let since = counted_from(known, report.and_then(changed), next);
    let due = since.and_then(next).filter(|due| *due + GRACE < now);
    ScheduleStatus {
        expression: rule.schedule.clone(),
        enabled,
        next: next(now).filter(|_| enabled),
        last,
        missed: due.filter(|_| enabled),
    }
}

/// Since when each firing must have left a run: the last run, or the last change of the schedule if that is
/// later.
///
/// If no change is known, a last run that the expression does not explain is from before a change. Then nobody
/// knows since when it is valid.
fn counted_from(
    last: Option<Timestamp>,
    changed: Option<Timestamp>,
    next: impl Fn(Timestamp) -> Option<Timestamp>,
) -> Option<Timestamp> {
    let is_explained = |last: Timestamp| next(last - GRACE).is_some_and(|fired| fired <= last);
    match (last, changed) {
        (last, Some(changed)) => Some(last.map_or(changed, |last| last.max(changed))),
        (last, None) => last.filter(|last| is_explained(*last)),
    }
}

/// When a run has last changed the schedule, or let it fire again, as the last report knows.
fn changed(report: &Report) -> Option<Timestamp> {
    report.last_schedule_change(None)?.parse().ok()
}

/// A run by the rule; none if a person named the recipes. Only the rule's runs read them from the documents.
fn scheduled(run: &StoredRun) -> Option<ScheduledRun> {
    let outcome: Outcome = serde_json::from_value(run.report.clone()).ok()?;
    if outcome.documents.is_empty() {
        return None;
    }
    let started = outcome.started.into_iter().map(|one| one.recipename);
    let skipped = outcome.skipped.into_iter();
    Some(ScheduledRun {
        time: run.time.clone(),
        started: started.collect(),
        skipped: skipped.map(|one| (one.recipename, one.reason)).collect(),
        failed: outcome.failed.iter().map(ToString::to_string).collect(),
    })
}

#[cfg(test)]
mod tests {
    use goldsmith_aws::operator::Function;
    use serde_json::json;

    use super::*;
    use crate::render::samples::{entry, parsed};

    fn run(time: &str, documents: &serde_json::Value) -> StoredRun {
        StoredRun {
            function: Function::ScheduledBuild,
            time: time.to_owned(),
            request: "r".to_owned(),
            report: json!({
                "documents": documents, "started": [{ "recipename": "110304", "image-arn": "i" }],
                "skipped": [{ "recipename": "110302", "reason": "it builds" }], "failed": [],
            }),
        }
    }

    fn rule(state: &str) -> Rule {
        Rule {
            schedule: Some("cron(0 6 ? * SUN *)".to_owned()),
            state: Some(state.to_owned()),
            ..Rule::default()
        }
    }

    #[test]
    fn the_last_run_by_the_rule_counts_and_a_persons_does_not() {
        let runs = [
            run(
                "2026-11-29T06:00:10.000Z",
                &json!({ "ami-versions.json": "v" }),
            ),
            run("2026-11-29T12:00:00.000Z", &json!({})),
        ];
        let status = status(
            Some(&rule("ENABLED")),
            &runs,
            None,
            parsed("2026-11-30T00:00:00Z"),
        );
        let last = status.last.expect("a run");
        assert_eq!(last.time, "2026-11-29T06:00:10.000Z");
        assert_eq!(
            last.skipped,
            [("110302".to_owned(), "it builds".to_owned())]
        );
        assert_eq!(status.missed, None);
        assert_eq!(status.next, Some(parsed("2026-12-06T06:00:00Z")));
    }

    #[test]
    fn a_firing_without_a_report_is_missed() {
        let runs = [run(
            "2026-11-22T06:00:10.000Z",
            &json!({ "ami-versions.json": "v" }),
        )];
        let missed = |now| status(Some(&rule("ENABLED")), &runs, None, parsed(now)).missed;
        assert_eq!(missed("2026-11-29T06:10:00Z"), None, "it may still run");
        assert_eq!(
            missed("2026-11-29T07:00:00Z"),
            Some(parsed("2026-11-29T06:00:00Z"))
        );
    }

    /// What is missed at noon on Sunday the 29th, if the last run was at `last`.
    fn missed(state: &str, last: &str, report: Option<&Report>) -> Option<Timestamp> {
        let runs = [run(last, &json!({ "ami-versions.json": "v" }))];
        let noon = parsed("2026-11-29T12:00:00Z");
        status(Some(&rule(state)), &runs, report, noon).missed
    }

    fn put_rule(time: &str) -> Report {
        Report {
            time: time.to_owned(),
            changes: vec![entry("put-rule", "goldsmith-nonprod-build", None)],
            ..Report::default()
        }
    }

    #[test]
    fn a_disabled_rule_fires_never_and_misses_nothing() {
        let status = status(
            Some(&rule("DISABLED")),
            &[],
            None,
            parsed("2026-11-29T07:00:00Z"),
        );
        assert_eq!((status.enabled, status.next), (false, None));
        assert_eq!(missed("DISABLED", "2026-11-15T06:00:10.000Z", None), None);
        assert!(missed("ENABLED", "2026-11-15T06:00:10.000Z", None).is_some());
    }

    #[test]
    fn a_firing_from_before_the_last_change_of_the_schedule_is_not_missed() {
        let last = "2026-11-15T06:00:10.000Z";
        let between = put_rule("2026-11-25T10:00:00.000Z");
        assert_eq!(
            missed("ENABLED", last, Some(&between)),
            Some(parsed("2026-11-29T06:00:00Z")),
            "the 22nd was before the change"
        );
        let later = Report {
            changes: Vec::new(),
            schedule_changed: Some(between.time.clone()),
            time: "2026-11-29T11:30:00.000Z".to_owned(),
            ..between
        };
        assert_eq!(
            missed("ENABLED", last, Some(&later)),
            Some(parsed("2026-11-29T06:00:00Z")),
            "a later report has taken the time over"
        );
        let after = put_rule("2026-11-29T11:00:00.000Z");
        assert_eq!(missed("ENABLED", last, Some(&after)), None);
        let planned = Report {
            dry_run: true,
            ..after
        };
        assert!(missed("ENABLED", last, Some(&planned)).is_some());
    }

    #[test]
    fn a_last_run_that_the_expression_does_not_explain_is_of_another_schedule() {
        assert_eq!(missed("ENABLED", "2026-11-18T06:00:10.000Z", None), None);
        assert_eq!(
            missed("ENABLED", "2026-11-22T06:10:00.000Z", None),
            Some(parsed("2026-11-29T06:00:00Z"))
        );
    }
}
