//! The roles of the template allow what the functions do: the whole flow with IAM enforced.
//!
//! Image Builder and EC2 are the emulator's, which knows no policies, so that this proves the roles
//! for everything else.

use goldsmith_tests::{Documents, Factory, failing, scheduled_event};
use local_stack::Config;
use serde_json::Value;

#[tokio::test]
async fn the_roles_suffice() {
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;
    let topic = factory.listen().await;
    let documents = Documents::sample().with_long_component();
    factory.emulator.add_faults([failing("110304")]);

    factory.upload(&documents).await;
    let builds = factory.fire_schedule().await;
    factory.upload_file("ami-versions.json", "{").await;

    assert_eq!(builds.recipes(), ["110302", "110304"], "{builds:#?}");
    let given_by_uri = factory.output_keys("components/").await.expect("a list");
    assert_eq!(given_by_uri.len(), 1, "{given_by_uri:?}");
    for key in factory.report_keys().await.expect("reports") {
        let report = factory.output_json(&key).await.expect("a report");
        assert!(nothing_failed(&report), "{key}: {report:#}");
    }
    assert_eq!(
        factory.failures().await.expect("a queue"),
        Vec::<String>::new()
    );
    let subjects: Vec<_> = topic
        .heard()
        .await
        .into_iter()
        .filter_map(|told| told.subject)
        .collect();
    let (published, others): (Vec<String>, Vec<String>) = subjects
        .into_iter()
        .partition(|subject| subject.ends_with("is published"));
    let expected = [
        "goldsmith nonprod: build of 110304 failed",
        "goldsmith nonprod: 1 bad document",
    ];
    assert_eq!(others, expected);
    assert_eq!(published.len(), 3, "{published:?}");
    for (name, recipe) in factory.recipes().await {
        factory.assert_published(&name, recipe.newest()).await;
    }
    factory.upload(&documents).await;
    let hour = factory.deliver(&scheduled_event("hour")).await;
    assert!(
        hour.refused.is_empty() && hour.changes.is_empty(),
        "{hour:#?}"
    );
    assert!(hour.waiting_for("not-compared").is_none(), "{hour:#?}");
    factory.assert_settled().await;
}

/// An absent list is an empty list: not every function reports one.
fn nothing_failed(report: &Value) -> bool {
    report["failed"].as_array().is_none_or(Vec::is_empty)
}
