//! Accounts that consume the images come and go.

use goldsmith_tests::{CONSUMER, Documents, Factory, OTHER_BASE, failing, scheduled_event};
use local_stack::{ACCOUNT, REGION};

const NEWCOMER: &str = "333333333333";
const TRAINEE: &str = "444444444444";

#[tokio::test]
async fn a_consumer_account_is_added() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;
    let before = factory.access().await;

    factory.upload(&documents.with_consumer(NEWCOMER)).await;

    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.shared_with(), [CONSUMER, NEWCOMER]);
    assert_eq!(recipe.builds.len(), 1, "{recipe:#?}");
    let role = format!("arn:aws:iam::{NEWCOMER}:role/mstr-launch");
    assert_eq!(factory.access().await.admitted(NEWCOMER), [role]);
    assert_eq!(
        factory.access().await.others(),
        before.others(),
        "statements that are not ours"
    );

    factory.fire_schedule().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, NEWCOMER]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_joining_consumer_may_launch_the_current_image_without_a_build() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let build = factory.recipe("110304").await.newest().clone();
    assert!(!factory.can_read(NEWCOMER, "110304").await);

    factory.upload(&documents.with_consumer(NEWCOMER)).await;

    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, NEWCOMER]);
    assert_eq!(factory.recipe("110304").await.builds.len(), 1);
    assert!(factory.readers().await.contains(&NEWCOMER.to_owned()));
    assert!(factory.can_read(NEWCOMER, "110304").await);
    assert!(!factory.can_read(TRAINEE, "110304").await, "a stranger");
    factory.assert_settled().await;
}

/// The build of the newest version has failed: the image before it is what everybody launches.
#[tokio::test]
async fn a_consumer_that_joins_during_a_first_build_gets_the_published_image() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let build = factory.recipe("110304").await.newest().clone();
    factory.emulator.add_faults([failing("110304")]);
    let broken = documents.with_recipe("110304", OTHER_BASE);
    factory.upload(&broken).await;

    factory
        .upload(&broken.with_consumer(NEWCOMER).with_copies_for(TRAINEE))
        .await;

    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, NEWCOMER]);
    assert!(
        factory
            .published_copy("110304", TRAINEE, REGION)
            .await
            .is_some()
    );
    let recipe = factory.recipe("110304").await;
    assert_eq!(
        recipe.build_versions(),
        ["1.0.0/1", "1.0.1/1"],
        "nothing is built for it: {recipe:#?}"
    );
    factory.assert_settled_but_refused().await;
}

#[tokio::test]
async fn workload_accounts_are_consumers_except_the_one_that_builds() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;

    let accounts = [("product", ACCOUNT), ("trainee", TRAINEE)];
    factory
        .upload(
            &documents
                .with_workload_accounts(&accounts)
                .sharing_with_workload_accounts(),
        )
        .await;

    assert_eq!(
        factory.recipe("110304").await.shared_with(),
        [CONSUMER, TRAINEE]
    );
    assert_eq!(
        factory.access().await.admitted(TRAINEE),
        [format!("arn:aws:iam::{TRAINEE}:*")]
    );
    assert_eq!(
        factory.access().await.admitted(ACCOUNT),
        Vec::<String>::new()
    );
    factory.fire_schedule().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, TRAINEE]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_consumer_that_leaves_loses_what_it_could_launch_and_the_key() {
    let documents = Documents::of_recipes(["110304"])
        .scheduled("110304")
        .with_consumer(NEWCOMER);
    let factory = Factory::with(&documents).await;
    factory.fire_schedule().await;
    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.builds.len(), 2, "an older image, too");
    let before = factory.access().await;

    factory.upload(&documents.without_consumer(NEWCOMER)).await;

    assert_eq!(factory.recipe("110304").await.shared_with(), [CONSUMER]);
    for build in &recipe.builds {
        assert_eq!(
            factory.ami(build).await.shared_with,
            [CONSUMER],
            "{build:?}"
        );
    }
    assert_eq!(
        factory.access().await.admitted(NEWCOMER),
        Vec::<String>::new()
    );
    assert_eq!(factory.access().await.admitted(CONSUMER).len(), 1);
    assert_eq!(factory.access().await.others(), before.others());
    assert_eq!(factory.readers().await, [CONSUMER]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_build_that_was_distributing_while_its_consumer_left_is_taken_back() {
    let factory = Factory::start_with_builds_by_hand().await;
    let documents = Documents::of_recipes(["110304"]).with_consumer(NEWCOMER);
    factory.upload(&documents).await;
    factory.upload(&documents.without_consumer(NEWCOMER)).await;
    factory.finish_builds().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(
        factory.ami(&build).await.shared_with,
        [CONSUMER, NEWCOMER],
        "it was started before"
    );

    let report = factory.deliver(&scheduled_event("the-hour")).await;

    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER]);
    assert!(
        report.drift_calls > 0,
        "the close look is counted apart: {report:#?}"
    );
    factory.assert_settled().await;
}

#[tokio::test]
async fn workload_accounts_whose_document_is_deleted_lose_nothing_until_it_says_so() {
    const WORKLOADS: &str = "workload_accounts.us-east-1.json";
    let documents = Documents::of_recipes(["110304"]).sharing_with_workload_accounts();
    let factory = Factory::with(&documents.with_workload_accounts(&[("trainee", TRAINEE)])).await;
    let build = factory.recipe("110304").await.newest().clone();

    factory
        .delete_document(WORKLOADS)
        .await
        .expect("a delete marker");
    let report = factory.deliver(&scheduled_event("the-hour")).await;

    let waiting = report
        .waiting_for("document")
        .unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!((waiting.target.as_str(), report.writes), (WORKLOADS, 0));
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, TRAINEE]);
    assert_eq!(factory.access().await.admitted(TRAINEE).len(), 1);

    factory.upload_file(WORKLOADS, "{}").await;
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER]);
    assert_eq!(
        factory.access().await.admitted(TRAINEE),
        Vec::<String>::new()
    );
    factory.assert_settled().await;
}

#[tokio::test]
async fn an_account_that_does_not_exist_blocks_no_other_account() {
    let documents = Documents::of_recipes(["110304"])
        .with_consumer(NEWCOMER)
        .with_consumer(TRAINEE);
    let factory = Factory::start().await;
    factory.kms.account_is_unknown(TRAINEE);

    factory.upload(&documents).await;
    factory.reconcile().await;

    assert_eq!(factory.access().await.admitted(NEWCOMER).len(), 1);
    assert_eq!(
        factory.access().await.admitted(TRAINEE),
        Vec::<String>::new()
    );
    let report = factory.reconcile().await;
    let refused = report
        .refused_for("quarantined")
        .unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(refused.target, TRAINEE);
    assert_eq!(
        report.writes, 0,
        "it is not tried again every time: {report:#?}"
    );
}
