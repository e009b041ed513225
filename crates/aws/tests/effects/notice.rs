//! What people are told, and what is stored beside what is published.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_aws::fault::Fault;
use goldsmith_aws::{notify, output};
use goldsmith_domain::report::{LATEST_FORMAT, Latest, Report};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::support::World;
use crate::support::transport::Trouble;

const MARK: &str = "reports/failures/110304/1.0.0-1.json";

/// The form that was sent to the topic, by member.
fn sent(world: &World, member: &str) -> String {
    let form = world
        .cloud
        .messages()
        .pop()
        .expect("a message")
        .replace('+', " ");
    let value = form
        .split('&')
        .find_map(|pair| pair.strip_prefix(&format!("{member}=")).map(str::to_owned));
    percent_decode_str(&value.unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned()
}

#[tokio::test]
async fn a_notice_fits_what_the_topic_takes() {
    let world = World::new();
    let (subject, message) = ("größe ".repeat(30), "m".repeat(300_000));
    notify::publish(&world.aws(), &subject, &message, "alarm")
        .await
        .expect("a notice");
    assert_eq!(
        sent(&world, "TopicArn"),
        "arn:aws:sns:us-east-1:111122223333:goldsmith"
    );
    let subject = sent(&world, "Subject");
    assert!(
        subject.is_ascii() && subject.len() == 100 && subject.starts_with("gre gre "),
        "{subject}"
    );
    assert_eq!(sent(&world, "Message").len(), 64 * 1024);
    assert_eq!(sent(&world, "MessageAttributes.entry.1.Name"), "kind");
    assert_eq!(
        sent(&world, "MessageAttributes.entry.1.Value.StringValue"),
        "alarm"
    );
}

#[tokio::test]
async fn a_mark_is_set_once_until_it_is_taken_back() {
    let world = World::new();
    let aws = world.aws();
    assert!(
        output::put_once(&aws, MARK, json!({}))
            .await
            .expect("a mark")
    );
    assert!(
        !output::put_once(&aws, MARK, json!({}))
            .await
            .expect("no mark")
    );
    output::remove(&aws, MARK).await.expect("a removal");
    assert!(
        output::put_once(&aws, MARK, json!({}))
            .await
            .expect("a mark")
    );
}

#[tokio::test]
async fn a_mark_whose_answer_was_lost_is_known_as_our_own() {
    let world = World::new();
    world.transport.strike(1, Trouble::LoseFirst);
    assert!(
        output::put_once(&world.aws(), MARK, json!({}))
            .await
            .expect("a mark")
    );
    assert!(
        !output::put_once(&world.aws(), MARK, json!({}))
            .await
            .expect("another run's mark")
    );
}

#[tokio::test]
async fn the_last_report_is_replaced_only_by_a_run_that_has_read_it() {
    let world = World::new();
    let aws = world.aws();
    let report = |run: &str| Latest {
        format: LATEST_FORMAT,
        report: Report::default(),
        run: run.to_owned(),
        told: BTreeSet::new(),
        found: BTreeMap::new(),
    };
    assert_eq!(output::latest(&aws).await.expect("an answer"), (None, None));
    let first = output::put_latest(&aws, &report("1"), None)
        .await
        .expect("the first");
    let late = output::put_latest(&aws, &report("2"), None)
        .await
        .expect_err("it has not seen the first");
    assert_eq!(late.fault, Fault::Conflict);
    output::put_latest(&aws, &report("3"), first.as_deref())
        .await
        .expect("the next");
    let late = output::put_latest(&aws, &report("4"), first.as_deref())
        .await
        .expect_err("it saw the first");
    assert_eq!(late.fault, Fault::Conflict);
    let (latest, _) = output::latest(&aws).await.expect("an answer");
    assert_eq!(latest.expect("a report").run, "3");
}

#[tokio::test]
async fn a_report_has_a_key_of_its_own() {
    let world = World::new();
    output::put_report(&world.aws(), "reconcile", "request-1", &["a report"])
        .await
        .expect("a report");
    let keys: Vec<_> = world.cloud.output().into_keys().collect();
    assert!(
        keys[0].starts_with("reports/reconcile/20") && keys[0].ends_with("Z-request-1.json"),
        "{keys:?}"
    );
}

#[tokio::test]
async fn of_many_reports_the_newest_are_read() {
    let world = World::new();
    let aws = world.aws();
    for run in 0..103 {
        let report = Report {
            time: format!("{run:03}"),
            ..Report::default()
        };
        output::put_report(&aws, "reconcile", &format!("{run:03}"), &report)
            .await
            .expect("a report");
    }
    let reports = output::reports_since(&aws, "2026-01-01T00:00:00.000Z")
        .await
        .expect("reports");
    let times: Vec<&str> = reports.newest.iter().map(|run| &*run.time).collect();
    assert_eq!(
        (reports.before, times.len(), times[0], times[99]),
        (3, 100, "003", "102")
    );
}
