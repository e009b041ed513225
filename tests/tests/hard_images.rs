//! Images that AWS does not copy into another account, or does not say that it does: they are built and
//! shared, and the copy is refused by name before the build.

use goldsmith_tests::{Documents, Factory, Report, scheduled_event};
use local_stack::imagebuilder_emulator::Seed;
use local_stack::{ACCOUNT, REGION};
use serde_json::{Value, json};

const BASE: &str = "ami-0dddddddddddddddd";
const SHARER: &str = "444444444444";
const TAKER: &str = "333333333333";

/// A factory that sees this base AMI beside its own.
async fn factory_with(mut base: Value) -> Factory {
    base["id"] = BASE.into();
    let factory = Factory::start().await;
    factory
        .emulator
        .seed(&serde_json::from_value::<Seed>(json!({ "images": [base] })).expect("a seed"));
    factory
}

/// One recipe on the hard base, an account that it is shared with, and one that wants copies.
fn documents() -> Documents {
    let owners = json!(["self", "amazon", "aws-marketplace"]);
    Documents::of_recipes([])
        .with_setting("base-owners", owners)
        .with_recipe("110304", BASE)
        .with_consumer(SHARER)
        .with_copies_for(TAKER)
}

/// The one refusal, which names recipe, account and way out.
fn assert_barred(report: &Report, found: &str) {
    let refused = report
        .refused_for("licence")
        .unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(
        (report.refused.len(), refused.target.as_str()),
        (1, "110304"),
        "{report:#?}"
    );
    for part in [TAKER, found, r#""serve": "share""#] {
        assert!(refused.reason.contains(part), "{part}: {refused:#?}");
    }
}

fn copies_tried(factory: &Factory) -> usize {
    factory
        .emulator
        .calls()
        .iter()
        .filter(|call| call.operation == "DistributeImage")
        .count()
}

async fn is_shared_and_never_copied(base: Value, found: &str) {
    let factory = factory_with(base).await;
    assert_barred(&factory.dry_run_with(&documents()).await, found);

    factory.upload(&documents()).await;

    let recipe = factory.recipe("110304").await;
    assert_eq!(
        recipe.build_versions(),
        ["1.0.0/1"],
        "it is built all the same"
    );
    let ami = factory.ami(recipe.newest()).await;
    assert!(
        ami.shared_with.iter().any(|account| account == SHARER),
        "it is shared: {ami:?}"
    );
    assert!(
        ami.shared_with.iter().all(|account| account != TAKER),
        "{ami:?}"
    );
    assert!(
        factory
            .output_json("images/110304/image.json")
            .await
            .is_ok(),
        "it is published"
    );
    let copies = factory
        .output_keys(&format!("images/110304/{TAKER}/"))
        .await
        .expect("keys");
    assert_eq!(
        (copies, copies_tried(&factory)),
        (Vec::new(), 0),
        "nothing is tried"
    );
    assert_barred(&factory.assert_settled_but_refused().await, found);
}

#[tokio::test]
async fn red_hat_is_shared_and_its_copy_is_refused_before_the_build() {
    let base = json!({ "platform-details": "Red Hat Enterprise Linux", "usage-operation": "RunInstances:0010",
                       "billing-products": ["bp-6fa54006"] });
    is_shared_and_never_copied(base, "Red Hat Enterprise Linux (RunInstances:0010)").await;
}

#[tokio::test]
async fn a_marketplace_image_is_shared_and_its_copy_is_refused_before_the_build() {
    let base = json!({ "product-codes": ["abc123"], "owner": "679593333241" });
    is_shared_and_never_copied(base, "a product code of the kind marketplace").await;
}

#[tokio::test]
async fn a_later_request_for_a_copy_is_answered_at_once_and_a_share_fulfils_it() {
    let base = json!({ "platform-details": "SUSE Linux", "usage-operation": "RunInstances:000g" });
    let factory = factory_with(base).await;
    let shared = Documents::of_recipes([]).with_recipe("110304", BASE);
    factory.upload(&shared).await;
    factory.assert_settled().await;

    factory.upload(&shared.clone().with_copies_for(TAKER)).await;
    assert_barred(
        &factory.assert_settled_but_refused().await,
        "SUSE Linux (RunInstances:000g)",
    );

    factory.upload(&shared.with_consumer(TAKER)).await;
    let ami = factory.ami(factory.recipe("110304").await.newest()).await;
    assert!(
        ami.shared_with.iter().any(|account| account == TAKER),
        "{ami:?}"
    );
    assert_eq!(copies_tried(&factory), 0);
    factory.assert_settled().await;
}

#[tokio::test]
async fn an_account_that_builds_it_again_gets_an_ami_of_its_own_under_its_own_key() {
    let base = json!({ "platform-details": "Red Hat Enterprise Linux", "usage-operation": "RunInstances:0010",
                       "billing-products": ["bp-6fa54006"] });
    let factory = factory_with(base).await;
    let role = |name: &str| format!("arn:aws:iam::{TAKER}:role/{name}");
    factory
        .make_role(
            TAKER,
            "goldsmith-nonprod-rebuild",
            ACCOUNT,
            &["imagebuilder:*"],
        )
        .await;
    let own = format!("arn:aws:kms:{REGION}:{TAKER}:key/11111111-2222-4333-8444-0000000000aa");
    let rebuilding = json!({ "account-id": TAKER, "roles": [role("mstr-launch")], "serve": "copy",
        "kms-keys": { REGION: own },
        "rebuild": { "role": role("goldsmith-nonprod-rebuild"), "instance-profile": "goldsmith-nonprod-rebuild" } });
    let documents = Documents::of_recipes([])
        .with_recipe("110304", BASE)
        .with_consumer_entry(rebuilding);

    factory.upload(&documents).await;
    // What ends in another account is seen by the hour.
    for hour in ["one", "two", "three"] {
        factory.deliver(&scheduled_event(hour)).await;
        factory.until_quiet().await;
    }

    let copy = factory
        .published_copy("110304", TAKER, REGION)
        .await
        .expect("it is published for it");
    assert_eq!(factory.key_of_copy(TAKER, REGION, &copy).await, own);
    assert_eq!(
        factory.recipe("110304").await.build_versions(),
        ["1.0.0/1"],
        "ours is built once"
    );
    assert_eq!(
        copies_tried(&factory),
        0,
        "AWS is not asked for what it refuses"
    );
    let there = factory.aws.in_account(TAKER);
    assert_eq!(
        there
            .distribution_configurations()
            .await
            .expect("configurations"),
        Vec::<String>::new()
    );
    factory.assert_settled().await;
}
