//! What a run leaves behind: the last report, and what people are told of it.

use goldsmith_tests::{BASE, Documents, Factory};
use serde_json::json;

/// An AMI id that nobody has.
const NOWHERE: &str = "ami-0dddddddddddddddd";

#[tokio::test]
async fn a_refusal_is_reported_once_while_it_lasts_and_again_when_it_returns() {
    let good = Documents::sample();
    let factory = Factory::with(&good).await;
    let topic = factory.listen().await;
    let refused = good.clone().with_recipe("110304", NOWHERE);

    factory.upload(&refused).await;
    factory.reconcile().await;
    let heard = topic.next().await;
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert_eq!(
        heard[0].subject.as_deref(),
        Some("goldsmith nonprod: 1 refusal")
    );
    assert!(
        heard[0].message.contains("refused base-ami 110304"),
        "{heard:#?}"
    );
    let latest = factory
        .output_json("reports/latest.json")
        .await
        .expect("the last report");
    assert_eq!(latest["refused"][0]["target"], "110304", "{latest:#}");
    factory.assert_settled().await;

    factory.upload(&good).await;
    assert_eq!(
        topic.heard().await.len(),
        0,
        "that it is mended is in the report, and wakes nobody"
    );
    factory.upload(&refused).await;
    assert_eq!(topic.next().await.len(), 1, "it is news again");
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_dry_run_plans_for_documents_that_are_not_uploaded() {
    let documents = Documents::sample();
    let factory = Factory::with(&documents).await;
    let wanted = documents.clone().with_recipe("110305", BASE);

    factory.emulator.clear_calls();
    let report = factory.dry_run_with(&wanted).await;
    assert_eq!(factory.writes(), Vec::<String>::new());
    assert!(report.kinds().contains(&"create-recipe"), "{report:#?}");
    let review = report.review.expect("what it would mean");
    assert_eq!(review["recipes"][0]["recipename"], "110305", "{review:#}");
    assert_eq!(review["recipes"][0]["action"], "create", "{review:#}");
    let standing = report.standing.expect("what an upload would replace");
    assert_eq!(standing["bucket"], factory.outputs.document_bucket);
    let etags = standing["etags"].as_object().expect("ETags");
    assert_eq!(etags.len(), documents.files().len(), "{standing:#}");
    assert!(
        etags
            .values()
            .all(|etag| etag.as_str().is_some_and(|etag| etag.len() > 2)),
        "{standing:#}"
    );

    let latest = factory
        .output_json("reports/latest.json")
        .await
        .expect("the last report");
    assert_eq!(
        latest["dry-run"],
        json!(false),
        "a dry run is nobody's last report"
    );
    factory.assert_settled().await;
}
