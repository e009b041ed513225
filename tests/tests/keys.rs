//! Keys in several Regions, of ours and of consumers, and what becomes of one that is replaced.

use goldsmith_tests::{CONSUMER, Documents, Factory, scheduled_event};
use local_stack::REGION;
use serde_json::{Value, json};

const TAKER: &str = "333333333333";
const NEWCOMER: &str = "444444444444";
const FURTHER: [&str; 2] = ["eu-west-1", "ap-south-1"];

#[tokio::test]
async fn a_consumer_that_names_another_key_gets_its_next_copies_under_that_one() {
    let [old, new] = ["cc", "dd"].map(|end| {
        format!("arn:aws:kms:{REGION}:{TAKER}:key/11111111-2222-4333-8444-0000000000{end}")
    });
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents.clone().with_consumer_entry(taking_under(&old))).await;
    let first = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert_eq!(factory.key_of_copy(TAKER, REGION, &first).await, old);

    factory
        .upload(&documents.with_consumer_entry(taking_under(&new)))
        .await;
    factory.assert_settled().await;
    assert_eq!(
        factory
            .published_copy("110304", TAKER, REGION)
            .await
            .as_ref(),
        Some(&first),
        "it stays"
    );
    factory.fire_schedule().await;

    let second = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert_ne!(second, first);
    assert_eq!(factory.key_of_copy(TAKER, REGION, &second).await, new);
    assert_eq!(
        factory.key_of_copy(TAKER, REGION, &first).await,
        old,
        "nothing is encrypted anew"
    );
    assert_eq!(factory.recipe("110304").await.builds.len(), 2);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_key_of_ours_that_is_replaced_in_a_further_region_encrypts_the_next_images() {
    let (region, factory) = (FURTHER[0], Factory::start().await);
    let [old, new] = [
        key_in(&factory, region).await,
        key_in(&factory, region).await,
    ];
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    factory
        .upload(&documents.clone().with_region(region, Some(&old)))
        .await;
    let first = factory.recipe("110304").await.newest().clone();
    assert_eq!(key_of(&factory, region, &first.amis[region]).await, old);

    factory
        .upload(&documents.with_region(region, Some(&new)))
        .await;

    assert_eq!(
        factory
            .access_in(region, &new)
            .await
            .admitted(CONSUMER)
            .len(),
        1,
        "before any image needs it"
    );
    assert_eq!(
        factory
            .access_in(region, &old)
            .await
            .admitted(CONSUMER)
            .len(),
        1,
        "what is there needs it"
    );
    assert_eq!(
        factory.recipe("110304").await.builds.len(),
        1,
        "nothing is built for it"
    );
    factory.assert_settled().await;
    factory.fire_schedule().await;
    let second = factory.recipe("110304").await.newest().clone();
    assert_eq!(key_of(&factory, region, &second.amis[region]).await, new);
    assert_eq!(key_of(&factory, region, &first.amis[region]).await, old);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_leaving_consumer_loses_the_former_key_and_a_forgotten_key_is_reported() {
    let (region, factory) = (FURTHER[0], Factory::start().await);
    let [old, new] = [
        key_in(&factory, region).await,
        key_in(&factory, region).await,
    ];
    let documents = Documents::of_recipes(["110304"]).with_consumer(TAKER);
    factory
        .upload(&documents.clone().with_region(region, Some(&old)))
        .await;

    let replaced = documents.with_region(region, Some(&new));
    let told = factory.dry_run_with(&replaced).await;
    assert_eq!(
        told.waiting_for("forgotten-key")
            .expect("it is told")
            .target,
        old
    );
    let replaced = replaced.with_former_key(region, &old);
    factory.upload(&replaced).await;
    assert!(
        factory
            .last_report()
            .await
            .waiting_for("forgotten-key")
            .is_none()
    );
    assert_eq!(
        factory.access_in(region, &old).await.admitted(TAKER),
        [role(TAKER)],
        "images are under it"
    );

    factory.upload(&replaced.without_consumer(TAKER)).await;
    for key in [&old, &new] {
        assert_eq!(
            factory.access_in(region, key).await.admitted(TAKER),
            Vec::<String>::new()
        );
        assert_eq!(
            factory
                .access_in(region, key)
                .await
                .admitted(CONSUMER)
                .len(),
            1
        );
    }
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_consumer_with_a_new_key_can_launch_its_current_copy_until_the_next_one() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents.clone().with_copies_for(TAKER)).await;
    factory
        .make_role(TAKER, "mstr-launch", TAKER, &["kms:*"])
        .await;
    let own = format!("arn:aws:kms:{REGION}:{TAKER}:key/11111111-2222-4333-8444-0000000000aa");
    let entry = json!({ "account-id": TAKER, "roles": [role(TAKER)], "serve": "copy", "kms-keys": { REGION: own } });

    factory.upload(&documents.with_consumer_entry(entry)).await;

    factory.deliver(&scheduled_event("hour")).await;
    let copy = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert_eq!(
        factory.key_of_copy(TAKER, REGION, &copy).await,
        factory.outputs.key_arn
    );
    assert!(
        factory.may_use_the_key(TAKER, "mstr-launch").await,
        "its only copy is under our key"
    );

    factory.fire_schedule().await;
    factory.deliver(&scheduled_event("next-hour")).await;
    let copy = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("a copy");
    assert_eq!(factory.key_of_copy(TAKER, REGION, &copy).await, own);
    assert!(
        !factory.may_use_the_key(TAKER, "mstr-launch").await,
        "nothing of it is under our key"
    );
    factory.assert_settled().await;
}

#[tokio::test]
async fn the_keys_of_every_region_follow_joining_and_leaving_consumers() {
    let factory = Factory::start().await;
    let mut documents = Documents::of_recipes(["110304"]);
    let mut keys = vec![(REGION, factory.outputs.key_arn.clone())];
    for region in FURTHER {
        let key = key_in(&factory, region).await;
        documents = documents.with_region(region, Some(&key));
        keys.push((region, key));
    }
    factory.upload(&documents).await;
    let build = factory.recipe("110304").await.newest().clone();
    let before = accesses(&factory, &keys).await;

    let everywhere = documents.clone().with_consumer(TAKER);
    let joined = everywhere.with_consumer_entry(in_one_region(NEWCOMER, FURTHER[0]));
    factory.upload(&joined).await;

    for ((region, _), access) in keys.iter().zip(accesses(&factory, &keys).await) {
        let is_in = *region == FURTHER[0];
        assert_eq!(access.admitted(TAKER), [role(TAKER)], "{region}");
        assert_eq!(
            access.admitted(NEWCOMER).len(),
            usize::from(is_in),
            "{region}"
        );
        let shared = factory.ami_in(region, &build).await.shared_with;
        let who = |account: &str| shared.iter().any(|one| one == account);
        assert_eq!(
            (who(TAKER), who(NEWCOMER)),
            (true, is_in),
            "{region}: {shared:?}"
        );
    }
    factory.assert_settled().await;

    factory.upload(&documents).await;

    assert_eq!(
        accesses(&factory, &keys).await,
        before,
        "as if nobody had been there"
    );
    for (region, _) in &keys {
        assert_eq!(
            factory.ami_in(region, &build).await.shared_with,
            [CONSUMER],
            "{region}"
        );
    }
    factory.assert_settled().await;
}

fn taking_under(key: &str) -> Value {
    json!({ "account-id": TAKER, "roles": "any", "serve": "copy", "kms-keys": { REGION: key } })
}

fn in_one_region(account: &str, region: &str) -> Value {
    json!({ "account-id": account, "roles": [role(account)], "regions": [region] })
}

fn role(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/mstr-launch")
}

async fn key_in(factory: &Factory, region: &str) -> String {
    factory
        .aws
        .in_region(region)
        .create_key()
        .await
        .expect("a key")
}

/// The key that encrypts an AMI of ours.
async fn key_of(factory: &Factory, region: &str, ami: &str) -> String {
    factory.key_of_copy(local_stack::ACCOUNT, region, ami).await
}

async fn accesses(factory: &Factory, keys: &[(&str, String)]) -> Vec<goldsmith_tests::KeyAccess> {
    let mut accesses = Vec::new();
    for (region, key) in keys {
        accesses.push(factory.access_in(region, key).await);
    }
    accesses
}
