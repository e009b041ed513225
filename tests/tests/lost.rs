//! A stack that was deleted, and made again over the buckets and keys that outlive it.

use goldsmith_tests::{CONSUMER, Documents, Factory};

#[tokio::test]
async fn a_new_stack_over_what_an_old_one_left_goes_on_where_that_one_ended() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;
    let before = factory.outputs.clone();
    let first = factory.recipe("110304").await.newest().clone();

    let factory = factory.made_again().await;

    let after = &factory.outputs;
    assert_eq!(
        (&after.document_bucket, &after.output_bucket),
        (&before.document_bucket, &before.output_bucket)
    );
    assert_eq!(
        (&after.key_arn, &after.signing_key_arn),
        (&before.key_arn, &before.signing_key_arn)
    );
    let report = factory.reconcile().await;
    assert!(report.is_clean(), "{report:#?}");
    factory.until_quiet().await;
    assert_eq!(
        *factory.recipe("110304").await.newest(),
        first,
        "nothing is built again"
    );
    factory.assert_published("110304", &first).await;
    assert!(!factory.access().await.admitted(CONSUMER).is_empty());
    factory.fire_schedule().await;
    let second = factory.recipe("110304").await.newest().clone();
    assert_ne!(second, first, "the new rule starts builds");
    factory.assert_published("110304", &second).await;
    factory.upload(&documents.without_consumer(CONSUMER)).await;
    assert!(
        factory.access().await.admitted(CONSUMER).is_empty(),
        "the old bucket announces its documents to the new function"
    );
    factory.assert_settled().await;
}

/// The bucket is all that consumers read, and nothing in it is anywhere else.
#[tokio::test]
async fn an_output_bucket_that_lost_everything_is_filled_again() {
    let factory = Factory::with(&Documents::of_recipes(["110304", "110302"])).await;
    let bucket = factory.outputs.output_bucket.clone();
    for key in factory.output_keys("images/").await.expect("keys") {
        let deleted = factory.aws.delete_object(&bucket, &key).await;
        deleted.expect("a deletion");
    }
    let factory = factory.made_again().await;

    let report = factory.reconcile().await;

    assert!(report.is_clean(), "{report:#?}");
    for recipe in ["110304", "110302"] {
        let build = factory.recipe(recipe).await.newest().clone();
        factory.assert_published(recipe, &build).await;
    }
    factory.assert_settled().await;
}
