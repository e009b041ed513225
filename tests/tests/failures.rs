//! Failed builds leave nothing behind, as an audit of all accounts and Regions shows.

use goldsmith_tests::{Documents, Factory, failing};
use serde_json::json;

fn documents() -> Documents {
    Documents::of_recipes(["110304"]).scheduled("110304")
}

#[tokio::test]
async fn a_build_that_fails_in_its_tests_leaves_no_ami_and_no_snapshot() {
    let factory = Factory::with(&documents()).await;
    let good = factory.recipe("110304").await.newest().clone();
    factory.emulator.add_faults([failing("110304")]);
    factory.fire_schedule().await;
    factory.until_quiet().await;

    let failed = factory.recipe("110304").await.newest().clone();
    assert_eq!(failed.state, "FAILED");
    assert_eq!(factory.leaks_of(&failed.arn), Vec::<String>::new());
    factory.assert_published("110304", &good).await;
    assert!(factory.ami(&good).await.state == "available");
    let logs = factory.goldsmith(&["logs", "110304"]).await;
    let told = String::from_utf8_lossy(&logs.stdout).into_owned();
    assert!(
        told.contains("ApplyTestComponents"),
        "it still tells why: {told}"
    );
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_failed_build_is_kept_for_a_day_if_the_environment_says_so() {
    let documents = documents()
        .with_setting("on-failure", json!("expire"))
        .with_setting("instances", json!({ "keep-instance-on-failure": true }));
    let factory = Factory::with(&documents).await;
    factory.emulator.add_faults([failing("110304")]);
    factory.fire_schedule().await;
    factory.until_quiet().await;

    let failed = factory.recipe("110304").await.newest().clone();
    let left = factory.leaks_of(&failed.arn);
    assert_eq!(left.len(), 1, "its AMI");
    let ami = factory.aws.ami(&left[0]).await.expect("an answer");
    let ami = ami.expect("its AMI");
    assert!(ami.tags.contains_key("expiry_date"), "{ami:#?}");
    assert!(ami.deprecated_at.is_some(), "{ami:#?}");
    let report = factory.reconcile().await;
    assert_eq!(report.kinds(), ["expire-instance"], "{report:#?}");
    let report = factory.assert_settled().await;
    assert!(report.waiting_for("failed-image").is_some(), "{report:#?}");
    assert!(report.waiting_for("kept-instance").is_some(), "{report:#?}");
    let kept: u32 = ami.volumes.iter().map(|volume| volume.size_gib).sum();
    assert_eq!(report.leaked_gib, u64::from(kept));

    factory
        .upload(&documents.with_setting("on-failure", json!("destroy")))
        .await;
    assert_eq!(factory.leaks_of(&failed.arn), Vec::<String>::new());
    let kept = factory.aws.instances().await.expect("an answer");
    let (instance, state) = kept.first_key_value().expect("the instance");
    assert_eq!((kept.len(), state.as_str()), (1, "running"));
    factory
        .aws
        .tag(instance, "expiry_date", "2026-01-01")
        .await
        .expect("a later look");
    let report = factory.reconcile().await;
    assert_eq!(report.kinds(), ["terminate-instance"], "{report:#?}");
    let kept = factory.aws.instances().await.expect("an answer");
    assert_ne!(kept[instance], "running");
    factory.assert_settled().await;
}
