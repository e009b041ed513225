//! Fifty versions, and how little it takes to see that nothing has changed.

use goldsmith_tests::{Documents, Factory, scheduled_event, upload_event};

const VERSIONS: usize = 50;

/// The calls of a run that finds nothing to do: what the document bucket holds, four lists of Image Builder, the
/// policies of key and output bucket, and the build rule. One more for each further page of a list.
const MOST_CALLS: u64 = 8;

/// The calls of an hourly run: some forty that look at the deployment, the keys and the lists, one for each ten
/// parameters, and nine for each recipe whose turn it is, of which there are about five and never twice as many.
const MOST_HOURLY_CALLS: u64 = 130;

#[tokio::test]
async fn fifty_versions_cost_no_more_calls_than_one() {
    let names: Vec<_> = (0..VERSIONS)
        .map(|number| format!("1103{number:02}"))
        .collect();
    let factory = Factory::start_a_month_ago().await;
    factory
        .upload(&Documents::of_recipes(names.iter().map(String::as_str)))
        .await;
    factory.finish_builds().await;
    assert_eq!(
        factory.output_keys("images/").await.expect("keys").len(),
        3 * VERSIONS
    );

    factory.assert_settled().await;

    // By an event: a person's run looks more closely.
    factory.emulator.clear_calls();
    let report = factory.deliver(&upload_event()).await;
    assert_eq!(report.writes, 0, "not settled: {report:#?}");

    let calls: u64 = report.calls.values().sum();
    assert!(calls <= MOST_CALLS, "{calls} calls: {:#?}", report.calls);
    let ours = report
        .calls
        .iter()
        .filter(|(name, _)| name.starts_with("imagebuilder:") || name.starts_with("ec2:"));
    let counted: u64 = ours.map(|(_, count)| count).sum();
    assert_eq!(
        factory.emulator.calls().len() as u64,
        counted,
        "the report counts what was called: {report:#?}"
    );

    let hour = factory.deliver(&scheduled_event("an hour")).await;
    assert_eq!(hour.writes, 0, "{hour:#?}");
    assert!(
        hour.refused.is_empty() && hour.waiting.is_empty(),
        "{hour:#?}"
    );
    let calls: u64 = hour.calls.values().sum();
    assert!(
        calls <= MOST_HOURLY_CALLS,
        "{calls} calls: {:#?}",
        hour.calls
    );
    for (name, recipe) in factory.recipes().await {
        assert_eq!(recipe.build_versions(), ["1.0.0/1"], "{name}");
    }
}
