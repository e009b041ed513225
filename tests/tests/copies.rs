//! Accounts that get an encrypted AMI of their own.

use goldsmith_tests::{Documents, Factory, scheduled_event};
use local_stack::REGION;
use local_stack::imagebuilder_emulator::{BuildFailure, Fault};
use serde_json::json;

const TAKER: &str = "333333333333";
const OTHER: &str = "444444444444";

#[tokio::test]
async fn each_account_gets_an_ami_of_its_own_before_the_image_is_published() {
    let own = format!("arn:aws:kms:{REGION}:{OTHER}:key/11111111-2222-4333-8444-0000000000aa");
    let keys = json!({ "account-id": OTHER, "roles": "any", "serve": "copy", "kms-keys": { REGION: own } });
    let documents = Documents::of_recipes(["110304"])
        .with_copies_for(TAKER)
        .with_consumer_entry(keys);
    let factory = Factory::with(&documents).await;

    let taken = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    let others = factory
        .published_copy("110304", OTHER, REGION)
        .await
        .expect("a copy");
    assert_eq!(
        factory.key_of_copy(TAKER, REGION, &taken).await,
        factory.outputs.key_arn
    );
    assert_eq!(factory.key_of_copy(OTHER, REGION, &others).await, own);
    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.builds.len(), 1);
    assert!(
        factory
            .output_keys("images/110304/image.json")
            .await
            .expect("keys")
            .len()
            == 1
    );
    assert_eq!(
        factory.copies_configurations().await,
        Vec::<String>::new(),
        "they are deleted afterwards"
    );
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_joining_consumer_gets_a_copy_of_the_current_image() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;

    factory.upload(&documents.with_copies_for(TAKER)).await;

    let copy = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert_eq!(
        factory.key_of_copy(TAKER, REGION, &copy).await,
        factory.outputs.key_arn
    );
    assert_eq!(
        factory.recipe("110304").await.builds.len(),
        1,
        "nothing is built for it"
    );
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_consumer_that_changes_to_copies_keeps_our_image_until_its_copy_exists() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::start_with_builds_by_hand().await;
    factory
        .upload(&documents.clone().with_consumer(TAKER))
        .await;
    factory.finish_builds().await;
    let build = factory.recipe("110304").await.newest().clone();

    factory.upload(&documents.with_copies_for(TAKER)).await;

    assert_eq!(factory.published_copy("110304", TAKER, REGION).await, None);
    let is_shared = async || {
        factory
            .ami(&build)
            .await
            .shared_with
            .iter()
            .any(|account| account == TAKER)
    };
    assert!(is_shared().await, "there is nothing in its place yet");
    factory.finish_builds().await;
    factory.deliver(&scheduled_event("hour")).await;
    assert!(
        factory
            .published_copy("110304", TAKER, REGION)
            .await
            .is_some()
    );
    assert!(!is_shared().await, "it has its own");
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_target_that_cannot_take_a_copy_is_left_out_by_name_and_the_others_are_served() {
    let documents = Documents::of_recipes(["110304"])
        .with_copies_for(TAKER)
        .with_copies_for(OTHER);
    let factory = Factory::start().await;
    let missing_role = BuildFailure {
        account: Some(OTHER.to_owned()),
        times: 4,
        message: Some("the role is missing".to_owned()),
        ..BuildFailure::next("DISTRIBUTING")
    };
    factory
        .emulator
        .add_faults([Fault::FailBuild(missing_role)]);

    factory.upload(&documents).await;

    assert!(
        factory
            .published_copy("110304", TAKER, REGION)
            .await
            .is_some()
    );
    assert_eq!(factory.published_copy("110304", OTHER, REGION).await, None);
    let report = factory.assert_settled_but_refused().await;
    let refused = report
        .refused_for("copy-failed")
        .unwrap_or_else(|| panic!("{report:#?}"));
    let reason = &refused.reason;
    assert!(
        reason.contains(OTHER) && reason.contains("the role is missing"),
        "{reason}"
    );
    assert!(
        !factory
            .output_keys("images/110304/image.json")
            .await
            .expect("keys")
            .is_empty()
    );
}

#[tokio::test]
async fn one_region_of_three_fails_and_is_brought_without_a_second_build() {
    let factory = Factory::start().await;
    let mut documents = Documents::of_recipes(["110304"]);
    for region in ["eu-west-1", "ap-south-1"] {
        let key = factory
            .aws
            .in_region(region)
            .create_key()
            .await
            .expect("a key");
        documents = documents.with_region(region, Some(&key));
    }
    let fails = BuildFailure {
        region: Some("eu-west-1".to_owned()),
        ..BuildFailure::next("DISTRIBUTING")
    };
    factory.emulator.add_faults([Fault::FailBuild(fails)]);

    factory.upload(&documents).await;

    let recipe = factory.recipe("110304").await;
    assert_eq!(
        recipe.build_versions(),
        ["1.0.0/1"],
        "redistributed, never rebuilt"
    );
    assert_eq!(
        recipe.newest().amis.keys().collect::<Vec<_>>(),
        ["ap-south-1", "eu-west-1", REGION]
    );
    let image = factory
        .output_json("images/110304/image.json")
        .await
        .expect("it is published");
    assert_eq!(image["ami_ids"].as_object().expect("AMIs").len(), 3);
    factory.assert_settled().await;
}
