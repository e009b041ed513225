//! Leaves the report as the last one, and tells people what is new in it: a refusal, a failure or a
//! document's problems are told once while they last, and again if they come back.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_aws::fault::{CallError, Fault};
use goldsmith_aws::{Aws, notify, output};
use goldsmith_domain::report::{LATEST, Latest, Report};

/// A run, as far as it is remembered.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The request that it answered.
    pub id: &'a str,
    /// What it saw and did.
    pub report: &'a Report,
    /// Whether it looked at contents and facts, which an ordinary run does not ask for.
    pub closely: bool,
}

/// Makes the report of `run` the last one, unless a later run's is there, and notifies the
/// topic of the alarms that the one before did not have.
///
/// The report is stored first, so that of two runs with the same alarm one tells it, and the alarm is
/// taken out of it again if the notification fails, so that the next run tells it. A dry run tells
/// nothing.
pub async fn remember(aws: &Aws, run: &Run<'_>) -> Result<(), CallError> {
    let Run { id, report, .. } = *run;
    let mut news = None;
    for _ in 0..output::MOST_RACES {
        let (standing, etag) = output::latest(aws).await?;
        let ours = standing.as_ref().is_some_and(|standing| standing.run == id);
        let is_later = |standing: &Latest| standing.report.time > report.time;
        if report.dry_run || (!ours && standing.as_ref().is_some_and(is_later)) {
            return Ok(());
        }
        // To a write of ours whose answer was lost, what it told of is no news any more.
        let fresh = news
            .take()
            .filter(|_| ours)
            .unwrap_or_else(|| fresh(report, standing.as_ref()));
        let told = told(run, standing.as_ref());
        match output::put_latest(aws, &latest(run, told.clone()), etag.as_deref()).await {
            Err(error) if error.fault == Fault::Conflict => news = Some(fresh),
            written => return tell(aws, run, told, &fresh, written?).await,
        }
    }
    Err(output::overtaken("s3:PutObject", LATEST))
}

/// The alarms of `report` that people have not been told of.
fn fresh(report: &Report, standing: Option<&Latest>) -> BTreeMap<String, String> {
    let told = |name: &String| standing.is_some_and(|standing| standing.told.contains(name));
    report
        .alarms()
        .into_iter()
        .filter(|(name, _)| !told(name))
        .collect()
}

/// What counts as told after a run: its alarms, and of an ordinary look at the same documents the
/// refusals of the look before, which may have been a closer one.
fn told(run: &Run<'_>, standing: Option<&Latest>) -> BTreeSet<String> {
    let same = standing
        .filter(|standing| standing.report.documents == run.report.documents && !run.closely);
    let refusals = same
        .into_iter()
        .flat_map(|standing| &standing.told)
        .filter(|name| name.starts_with("refused "));
    run.report
        .alarms()
        .into_keys()
        .chain(refusals.cloned())
        .collect()
}

fn latest(run: &Run<'_>, told: BTreeSet<String>) -> Latest {
    Latest {
        report: run.report.clone(),
        run: run.id.to_owned(),
        told,
    }
}

async fn tell(
    aws: &Aws,
    run: &Run<'_>,
    mut told: BTreeSet<String>,
    news: &BTreeMap<String, String>,
    etag: Option<String>,
) -> Result<(), CallError> {
    if news.is_empty() {
        return Ok(());
    }
    let published = notify::publish(aws, &subject(aws, news), &message(run.report, news)).await;
    if published.is_err() {
        told.retain(|name| !news.contains_key(name));
        // Overtaken by another run, it is that run's alarm now, and told by it or the next.
        let back = output::put_latest(aws, &latest(run, told), etag.as_deref()).await;
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
    let counted = [
        (of("problems "), "bad document"),
        (of("refused "), "refusal"),
        (of("failed "), "failure"),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counted
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    format!("goldsmith {}: {}", aws.stack.environment, parts.join(", "))
}

fn message(report: &Report, news: &BTreeMap<String, String>) -> String {
    let mut lines: Vec<String> = news.values().cloned().collect();
    if !report.problems.is_empty() {
        if report.more_problems > 0 {
            lines.push(format!("... and {} more problems", report.more_problems));
        }
        lines.push("Nothing was changed: a bad document changes nothing.".to_owned());
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
    use goldsmith_domain::report::Entry;

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

    fn run(report: &Report, closely: bool) -> Run<'_> {
        Run {
            id: "1",
            report,
            closely,
        }
    }

    /// What a run leaves that told everything.
    fn left(report: &Report, closely: bool, before: Option<&Latest>) -> Latest {
        latest(&run(report, closely), told(&run(report, closely), before))
    }

    #[test]
    fn what_was_told_and_lasts_is_no_news_and_what_comes_back_is() {
        let first = refusing(&["it is gone"]);
        let told = left(&first, true, None);
        let both = refusing(&["it is gone", "it is too small"]);
        let news: Vec<_> = fresh(&both, Some(&told)).into_values().collect();
        assert_eq!(news, ["refused base-ami 110304: it is too small"]);
        let mended = left(&Report::default(), true, Some(&told));
        assert_eq!(fresh(&first, Some(&mended)).len(), 1);
    }

    #[test]
    fn what_only_a_close_look_finds_is_told_once_and_not_by_every_second_run() {
        let close = refusing(&["the subnet is gone"]);
        let told = left(&close, true, None);
        let ordinary = left(&Report::default(), false, Some(&told));
        assert_eq!(fresh(&close, Some(&ordinary)).len(), 0);
        let documents = [("environment.json".to_owned(), "v2".to_owned())].into();
        let other = left(
            &Report {
                documents,
                ..Report::default()
            },
            false,
            Some(&told),
        );
        assert_eq!(
            fresh(&close, Some(&other)).len(),
            1,
            "other documents were looked at meanwhile"
        );
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
                        Nothing was changed: a bad document changes nothing.\ncommit: 0123abc\n";
        assert_eq!(message(&report, &report.alarms()), expected);
    }
}
