//! Documents that nobody can act upon: told precisely, once, and nothing moves.

use std::collections::BTreeMap;

use goldsmith_tests::{Documents, Factory, Problem, Report, Topic};
use serde_json::json;

/// Something bad to upload, and what the report must say about it.
struct Bad {
    what: &'static str,
    key: &'static str,
    content: Vec<u8>,
    line: usize,
    column: usize,
    expected: &'static str,
}

const AMI_VERSIONS: &str = "ami-versions.json";
const ENVIRONMENT: &str = "environment.json";

#[tokio::test]
async fn bad_documents_are_reported_once_and_change_nothing() {
    let documents = Documents::sample();
    let factory = Factory::with(&documents).await;
    let topic = factory.listen().await;

    for bad in bad_documents() {
        let good = content_of(&documents, bad.key);
        refuses(&factory, &topic, bad).await;
        factory.upload_file_quickly(good.0, good.1).await;
    }
    factory.until_quiet().await;
    for (name, recipe) in factory.recipes().await {
        assert_eq!(recipe.build_versions(), ["1.0.0/1"], "{name}");
        factory.assert_published(&name, recipe.newest()).await;
    }
    factory.assert_settled().await;
}

fn content_of(documents: &Documents, key: &str) -> (String, Vec<u8>) {
    documents
        .files()
        .into_iter()
        .find(|(name, _)| name == key)
        .expect("a document")
}

/// Uploads the bad document and lets reconcile look twice.
async fn refuses(factory: &Factory, topic: &Topic, bad: Bad) {
    let Bad {
        what,
        key,
        content,
        line,
        column,
        expected,
    } = bad;
    let version = factory.upload_file_quickly(key, content).await;
    let report = factory.last_report().await;
    let heard = topic.next().await;

    assert_eq!(
        report.documents.get(key),
        Some(&version),
        "{what}: {report:#?}"
    );
    let place = (key, line, column);
    let is_told =
        |problem: &&Problem| (problem.file.as_str(), problem.line, problem.column) == place;
    let problem = report
        .problems
        .iter()
        .find(is_told)
        .unwrap_or_else(|| panic!("{what}: {report:#?}"));
    assert!(problem.expected.contains(expected), "{what}: {problem:#?}");
    assert_eq!(heard.len(), 1, "{what}: {heard:#?}");
    assert!(
        heard[0].message.contains(&format!("{key}:{line}:{column}")),
        "{what}: {heard:#?}"
    );

    let again = factory.assert_settled().await;
    assert_eq!(again.problems, report.problems, "{what}");
    assert_eq!(topic.heard().await, [], "{what} was told twice");
}

const ENTRY: &str = r#"{ "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" }"#;
const UNKNOWN_KEY: &str = r#"{ "aminame": "ami-08bd941ae380bd3cd", "recipe": "110304" }"#;
const BAD_AMI: &str = r#"{ "aminame": "ami-nope", "recipename": "110304" }"#;
const SCHEDULED_NOWHERE: &str = r#"{ "recipenames": "110304;110399" }"#;

/// An `ami-versions.json` whose entries start in line 3, and whose schedule is in line 5.
fn ami_versions(entries: &str, scheduled: &str) -> String {
    format!(
        "{{\n  \"ami-version\": [\n    {entries}\n  ],\n  \"ami-scheduled\": [{scheduled}]\n}}\n"
    )
}

#[rustfmt::skip]
fn bad_documents() -> Vec<Bad> {
    let bad = |what, content: &str, line, column, expected| {
        Bad { what, key: AMI_VERSIONS, content: content.as_bytes().to_vec(), line, column, expected }
    };
    let good = ami_versions(ENTRY, "");
    let twice = ami_versions(&format!("{ENTRY},\n    {ENTRY}"), "");
    let nowhere = ami_versions(ENTRY, SCHEDULED_NOWHERE);
    let key_twice = b"{\n  \"family\": \"a\",\n  \"family\": \"b\"\n}\n".to_vec();
    let utf_16 = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        bad("not JSON", "ami-version: []\n", 1, 1, "valid JSON"),
        bad("cut off", "{\n  \"ami-version\": [\n", 2, 18, "valid JSON"),
        bad("an unknown key", &ami_versions(UNKNOWN_KEY, ""), 3, 43, "one of `aminame`, `recipename`"),
        bad("a missing key", "{\n  \"ami-version\": []\n}\n", 1, 1, "ami-scheduled"),
        bad("a bad AMI id", &ami_versions(BAD_AMI, ""), 3, 18, "AMI id"),
        bad("a duplicate recipename", &twice, 4, 57, "each recipe name once"),
        bad("a scheduled name that is nowhere", &nowhere, 5, 46, "a recipename in `ami-version`"),
        bad("a BOM", &format!("\u{feff}{good}"), 1, 1, "UTF-8"),
        Bad { what: "a duplicate key", key: ENVIRONMENT, content: key_twice, line: 3, column: 3, expected: "each key once" },
        Bad { what: "UTF-16", key: AMI_VERSIONS, content: utf_16, line: 1, column: 1, expected: "UTF-8" },
        bad("100,000 brackets deep", &"[".repeat(100_000), 1, 33, "at most 32 levels"),
        bad("2 MB", &format!("{good}{}", " ".repeat(2 * 1024 * 1024)), 1, 1, "at most 256 KiB"),
    ]
}

#[tokio::test]
async fn a_hundred_problems_are_listed_and_the_rest_is_counted() {
    let documents = Documents::of_recipes([]);
    let factory = Factory::with(&documents).await;
    let entries =
        (0..150).map(|n| format!("{{ \"aminame\": \"ami-nope\", \"recipename\": \"{n}\" }}"));
    let entries = entries.collect::<Vec<_>>().join(",\n");
    let content = format!("{{ \"ami-version\": [{entries}], \"ami-scheduled\": [] }}");

    factory.upload_file_quickly(AMI_VERSIONS, content).await;

    let report = factory.assert_settled().await;
    assert_eq!((report.problems.len(), report.more_problems), (100, 50));
}

#[tokio::test]
async fn a_bad_document_that_ten_concurrent_runs_see_is_reported_once() {
    let factory = Factory::start().await;
    let topic = factory.listen().await;

    factory
        .put_document(AMI_VERSIONS, b"[".to_vec())
        .await
        .expect("an upload");
    let reports = factory.deliver_at_once(&json!({}), 10).await;
    factory.until_quiet().await;

    assert!(
        reports.iter().all(|report| report.problems.len() == 1),
        "{reports:#?}"
    );
    let heard = topic.heard().await;
    assert_eq!(heard.len(), 1, "{heard:#?}");
    factory.assert_settled().await;
}

#[tokio::test]
async fn scheduled_builds_go_on_by_the_last_good_documents() {
    let factory = Factory::with(&Documents::sample().scheduled("110302")).await;
    let good = factory.last_report().await.documents;

    factory
        .upload_file_quickly(AMI_VERSIONS, "{ \"ami-version\": [] }")
        .await;
    let report = factory.assert_settled().await;
    assert_stays_in_force(&report, AMI_VERSIONS, &good[AMI_VERSIONS]);
    assert_builds_by(&factory, &good).await;

    factory.upload_file_quickly(ENVIRONMENT, "[]").await;
    let report = factory.assert_settled().await;
    assert_stays_in_force(&report, AMI_VERSIONS, &good[AMI_VERSIONS]);
    assert_stays_in_force(&report, ENVIRONMENT, &good[ENVIRONMENT]);
    assert_builds_by(&factory, &good).await;

    let recipe = factory.recipe("110302").await;
    assert_eq!(recipe.build_versions(), ["1.0.0/1", "1.0.0/2", "1.0.0/3"]);
    factory.assert_published("110302", recipe.newest()).await;
    factory.assert_settled().await;
}

async fn assert_builds_by(factory: &Factory, documents: &BTreeMap<String, String>) {
    let builds = factory.fire_schedule().await;
    assert_eq!(builds.recipes(), ["110302"], "{builds:#?}");
    assert_eq!(&builds.documents, documents, "{builds:#?}");
}

fn assert_stays_in_force(report: &Report, key: &str, version: &str) {
    let entry = report
        .waiting
        .iter()
        .find(|entry| entry.kind == "document" && entry.target == key);
    let reason = &entry.unwrap_or_else(|| panic!("{key}: {report:#?}")).reason;
    assert!(
        reason.contains(&format!("version {version} stays in force")),
        "{key}: {report:#?}"
    );
}

#[tokio::test]
async fn an_absent_document_changes_nothing() {
    let factory = Factory::start().await;

    factory
        .upload_file(ENVIRONMENT, content_of(&Documents::sample(), ENVIRONMENT).1)
        .await;

    assert_eq!(factory.writes(), Vec::<String>::new());
    let report = factory.assert_settled().await;
    let waiting: Vec<_> = report
        .waiting
        .iter()
        .map(|entry| (entry.kind.as_str(), entry.target.as_str()))
        .collect();
    assert!(waiting.contains(&("document", AMI_VERSIONS)), "{report:#?}");
}

#[tokio::test]
async fn a_deleted_document_changes_nothing() {
    let factory = Factory::with(&Documents::sample()).await;
    let before = factory.recipes().await;

    for key in [AMI_VERSIONS, ENVIRONMENT, "components/harden.yml"] {
        factory.delete_document(key).await.expect("a delete marker");
        let report = factory.assert_settled().await;
        assert!(
            !report.waiting.is_empty() || !report.problems.is_empty(),
            "{key}: {report:#?}"
        );
    }
    assert_eq!(
        factory.fire_schedule().await.recipes(),
        ["110302", "110304"]
    );

    for (name, recipe) in factory.recipes().await {
        assert_eq!(recipe.version, before[&name].version);
        assert_eq!(recipe.build_versions(), ["1.0.0/1", "1.0.0/2"], "{name}");
        factory.assert_published(&name, recipe.newest()).await;
    }
    factory.assert_settled().await;
}
