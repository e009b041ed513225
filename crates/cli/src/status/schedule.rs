//! What the schedule did, and what it does next.

use goldsmith_aws::operator::StoredRun;
use goldsmith_domain::names::ScheduleExpression;
use goldsmith_domain::observed::Rule;
use goldsmith_domain::report::Entry;
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

/// What is known of the schedule by the rule and by the reports of scheduled-build, oldest first.
pub fn status(rule: Option<&Rule>, runs: &[StoredRun], now: Timestamp) -> ScheduleStatus {
    let Some(rule) = rule else {
        return ScheduleStatus::default();
    };
    let expression: Option<ScheduleExpression> =
        rule.schedule.as_deref().and_then(|text| text.parse().ok());
    let next = |after: Timestamp| expression.as_ref().and_then(|cron| cron.next(after));
    let last = runs.iter().rev().find_map(scheduled);
    let enabled = rule.state.as_deref() != Some("DISABLED");
    // A firing before the first run that is known may be from before the schedule was set.
    let known: Option<Timestamp> = last.as_ref().and_then(|last| last.time.parse().ok());
    let due = known.and_then(next).filter(|due| *due + GRACE < now);
    ScheduleStatus {
        expression: rule.schedule.clone(),
        enabled,
        next: next(now).filter(|_| enabled),
        last,
        missed: due,
    }
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
    use crate::render::samples::parsed;

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
        let missed = |now| status(Some(&rule("ENABLED")), &runs, parsed(now)).missed;
        assert_eq!(missed("2026-11-29T06:10:00Z"), None, "it may still run");
        assert_eq!(
            missed("2026-11-29T07:00:00Z"),
            Some(parsed("2026-11-29T06:00:00Z"))
        );
    }

    #[test]
    fn a_disabled_rule_fires_never() {
        let status = status(Some(&rule("DISABLED")), &[], parsed("2026-11-29T07:00:00Z"));
        assert_eq!((status.enabled, status.next), (false, None));
    }
}
