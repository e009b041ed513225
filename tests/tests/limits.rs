//! More consumers than a policy has room for, and accounts that a service does not know.

use goldsmith_tests::{BASE, CONSUMER, Documents, Factory};
use serde_json::json;

/// More than 32 KiB hold, by a role each.
const CROWD: usize = 260;
const NEWCOMER: &str = "333333333333";
const MISTYPED: &str = "444444444444";

fn crowd(documents: Documents, size: usize) -> Documents {
    (0..size).fold(documents, |documents, number| documents.with_consumer(&format!("5{number:011}")))
}

#[tokio::test]
async fn more_accounts_than_fit_stop_the_key_alone_and_nobody_who_is_in_goes_out() {
    let documents = crowd(Documents::of_recipes(["110304"]), 2);
    let factory = Factory::with(&documents).await;
    let before = factory.key_policy().await;
    let topic = factory.listen().await;

    let crowded = crowd(Documents::of_recipes(["110304"]), CROWD).with_recipe("110302", BASE);
    factory.upload(&crowded).await;

    let report = factory.assert_settled_but_refused().await;
    let refused = report.refused_for("key-policy").unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(report.refused.len(), 1, "{report:#?}");
    let fit = fitting(&refused.reason);
    assert!(refused.reason.contains("name their organization or organizational units"), "{refused:#?}");
    assert_eq!(factory.key_policy().await, before);
    let told = topic.heard().await;
    assert_eq!(told.iter().filter(|told| told.message.contains(&refused.reason)).count(), 1, "{told:#?}");
    let added = factory.recipe("110302").await;
    factory.assert_published("110302", added.newest()).await;

    // As many as it says do fit; the sample's consumer is one of them.
    let all_that_fit = crowd(Documents::of_recipes(["110304"]), fit - 1).with_recipe("110302", BASE);
    factory.upload(&all_that_fit).await;
    let last = format!("5{:011}", fit - 2);
    assert_eq!(factory.access().await.admitted(&last).len(), 1);
    assert_eq!(factory.access().await.admitted(CONSUMER).len(), 1);
    factory.assert_settled().await;
    let one_more = crowd(Documents::of_recipes(["110304"]), fit).with_recipe("110302", BASE);
    let dry = factory.dry_run_with(&one_more).await;
    assert!(dry.refused_for("key-policy").is_some(), "{dry:#?}");
}

/// The number in "N of the M accounts fit".
fn fitting(reason: &str) -> usize {
    let (before, _) =
        reason.split_once(&format!(" of the {} accounts fit", CROWD + 1)).expect("how many fit");
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

#[tokio::test]
async fn an_account_that_s3_does_not_know_keeps_no_other_reader_out() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    factory.account_is_unknown(MISTYPED).expect("a file");

    factory
        .upload(&documents.with_consumer(NEWCOMER).with_consumer_entry(json!(
            { "account-id": MISTYPED, "roles": "any" }
        )))
        .await;
    factory.reconcile().await;

    assert_eq!(factory.readers().await, [CONSUMER, NEWCOMER]);
    assert_eq!(factory.access().await.admitted(NEWCOMER).len(), 1);
    let report = factory.assert_settled_but_refused().await;
    assert!(report.failed.is_empty(), "{report:#?}");
}
