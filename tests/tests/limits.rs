//! More consumers than a policy has room for, and accounts that a service does not know.

use goldsmith_tests::{BASE, CONSUMER, Documents, Factory, upload_event};
use serde_json::json;

/// More than 32 KiB hold, by a role each.
const CROWD: usize = 260;
/// As many as fit beside the sample's consumer.
const FULL: usize = 198;
const NEWCOMER: &str = "333333333333";
const MISTYPED: &str = "444444444444";

fn crowd(documents: Documents, size: usize) -> Documents {
    (0..size).fold(documents, |documents, number| {
        documents.with_consumer(&member(number))
    })
}

fn member(number: usize) -> String {
    format!("5{number:011}")
}

#[tokio::test]
async fn too_many_accounts_stop_only_the_key_and_existing_consumers_keep_access() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&crowd(documents.clone(), 2)).await;
    let before = factory.key_policy().await;
    let topic = factory.listen().await;

    factory
        .upload(&crowd(documents.with_recipe("110302", BASE), CROWD))
        .await;

    let report = factory.assert_settled_but_refused().await;
    let refused = report
        .refused_for("key-policy")
        .unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(report.refused.len(), 1, "{report:#?}");
    assert!(
        refused
            .reason
            .contains("name their organization or organizational units"),
        "{refused:#?}"
    );
    assert_eq!(factory.key_policy().await, before);
    let told = topic.heard().await;
    assert_eq!(
        told.iter()
            .filter(|told| told.message.contains(&refused.reason))
            .count(),
        1,
        "{told:#?}"
    );
    let added = factory.recipe("110302").await;
    factory.assert_published("110302", added.newest()).await;
    assert_eq!(
        factory.readers().await.len(),
        CROWD + 1,
        "they may read already"
    );
}

#[tokio::test]
async fn as_many_accounts_fit_as_it_says() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let report = factory.dry_run_with(&crowd(documents.clone(), CROWD)).await;
    let refused = report
        .refused_for("key-policy")
        .unwrap_or_else(|| panic!("{report:#?}"));
    // The sample's consumer is one of them.
    let fit = fitting(&refused.reason) - 1;

    factory.upload(&crowd(documents.clone(), fit)).await;

    let access = factory.access().await;
    for account in [CONSUMER, &member(0), &member(fit - 1)] {
        assert_eq!(access.admitted(account).len(), 1, "{account}");
    }
    factory.assert_settled().await;
    let one_more = factory.dry_run_with(&crowd(documents, fit + 1)).await;
    assert!(
        one_more.refused_for("key-policy").is_some(),
        "{one_more:#?}"
    );
}

#[tokio::test]
async fn a_full_policy_goes_over_to_the_organization_as_the_refusal_proposes() {
    let organization =
        json!({ "organization": "arn:aws:organizations::999999999999:organization/o-a1b2c3d4e5" });
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&crowd(documents.clone(), FULL)).await;
    assert_eq!(factory.access().await.admitted(&member(FULL - 1)).len(), 1);
    let larger = factory
        .dry_run_with(&crowd(documents.clone(), FULL).with_consumer_entry(organization.clone()))
        .await;
    assert!(
        larger.refused_for("key-policy").is_some(),
        "there is no room for both: {larger:#?}"
    );

    factory
        .upload_unannounced(&documents.with_consumer_entry(organization))
        .await;
    // As the upload would have done: a person's run would name the notification that is not there.
    let report = factory.deliver(&upload_event()).await;

    assert!(
        report.is_clean() && report.refused.is_empty(),
        "{report:#?}"
    );
    let access = factory.access().await;
    assert_eq!(
        (
            access.paths().len(),
            access.admitted(&member(FULL - 1)).len()
        ),
        (1, 0)
    );
    assert_eq!(access.admitted(CONSUMER).len(), 1);
    factory.assert_settled().await;
}

/// The number in "N of the M accounts fit".
fn fitting(reason: &str) -> usize {
    let (before, _) = reason
        .split_once(&format!(" of the {} accounts fit", CROWD + 1))
        .expect("how many fit");
    before
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[tokio::test]
async fn an_account_that_neither_kms_nor_s3_knows_keeps_no_other_reader_out() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    factory.account_is_unknown(MISTYPED).expect("a file");

    factory
        .upload(&documents.with_consumer(NEWCOMER).with_consumer(MISTYPED))
        .await;

    let report = factory.last_report().await;
    assert!(report.is_clean(), "{report:#?}");
    assert_eq!(
        report.calls["s3:PutBucketPolicy"], 1,
        "S3 is not asked what KMS has told: {report:#?}"
    );
    assert_eq!(factory.readers().await, [CONSUMER, NEWCOMER]);
    assert_eq!(factory.access().await.admitted(NEWCOMER).len(), 1);
    let report = factory.assert_settled_but_refused().await;
    assert!(report.failed.is_empty(), "{report:#?}");
}

#[tokio::test]
async fn an_account_that_s3_alone_refuses_keeps_no_other_reader_out() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    factory.account_is_unknown(MISTYPED).expect("a file");
    factory.kms.account_is_known(MISTYPED);

    factory
        .upload_unannounced(&documents.with_consumer(NEWCOMER).with_consumer(MISTYPED))
        .await;
    let report = factory.reconcile().await;

    assert_eq!(factory.readers().await, [CONSUMER, NEWCOMER], "{report:#?}");
    assert_eq!(
        report
            .refused_for("quarantined")
            .expect("it is told")
            .target,
        MISTYPED
    );
    let later = factory.assert_settled_but_refused().await;
    assert!(
        later.refused_for("quarantined").is_some(),
        "it is told while it lasts: {later:#?}"
    );
}

#[tokio::test]
async fn an_existing_account_that_is_no_longer_known_keeps_access_and_no_account_joins() {
    let documents = Documents::of_recipes(["110304"]).with_consumer(MISTYPED);
    let factory = Factory::with(&documents).await;
    factory.account_is_unknown(MISTYPED).expect("a file");

    factory
        .upload_unannounced(&documents.with_consumer(NEWCOMER))
        .await;
    let report = factory.reconcile().await;
    factory.until_quiet().await;

    let access = factory.access().await;
    assert_eq!(
        (
            access.admitted(NEWCOMER).len(),
            access.admitted(MISTYPED).len()
        ),
        (0, 1),
        "{report:#?}"
    );
    assert_eq!(factory.readers().await, [CONSUMER, MISTYPED], "{report:#?}");
    factory.reconcile().await;
    let later = factory.assert_settled_but_refused().await;
    assert_eq!(
        later
            .refused_for("quarantined")
            .expect("it is in the report")
            .target,
        NEWCOMER
    );
}
