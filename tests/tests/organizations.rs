//! Consumers by organization and by organizational unit, and what a crowd costs.

use std::collections::BTreeMap;

use goldsmith_tests::{CONSUMER, Documents, Factory, upload_event};
use local_stack::imagebuilder_emulator::{Seed, SeedAccount};
use serde_json::{Value, json};

const MEMBER: &str = "333333333333";
const STRANGER: &str = "444444444444";
const ROLE: &str = "anybody";
const ORGANIZATION: &str = "arn:aws:organizations::999999999999:organization/o-a1b2c3d4e5";
const UNIT: &str = "arn:aws:organizations::999999999999:ou/o-f6g7h8i9j0/ou-ab12-11111111";
const UNIT_PATH: &str = "o-f6g7h8i9j0/r-ab12/ou-ab12-11111111/*";

/// As many accounts by one role each as are said to fit, `docs/consumers.md`.
const CROWD: usize = 200;

fn organization() -> Value {
    json!({ "organization": ORGANIZATION })
}

fn unit() -> Value {
    json!({ "organizational-unit": UNIT, "path": UNIT_PATH })
}

/// Puts an account where Organizations would have it, for EC2 and for KMS.
fn place(factory: &Factory, account: &str, path: &str) {
    let seed = SeedAccount {
        id: account.to_owned(),
        organization_path: Some(path.to_owned()),
        ..SeedAccount::default()
    };
    factory.emulator.seed(&Seed {
        accounts: vec![seed],
        ..Seed::default()
    });
    factory.kms.account_is_in(account, Some(path));
}

/// Whether the account's role may use the key, and what a dry run of a launch says: both doors.
async fn doors(factory: &Factory, account: &str, ami: &str) -> (bool, &'static str) {
    let launch = factory
        .aws
        .in_account(account)
        .try_launch(ami)
        .await
        .expect("an answer");
    let launch = [OPEN.1, SHUT.1]
        .into_iter()
        .find(|code| **code == launch)
        .unwrap_or("another answer");
    (factory.may_use_the_key(account, ROLE).await, launch)
}

const OPEN: (bool, &str) = (true, "DryRunOperation");
const SHUT: (bool, &str) = (false, "InvalidAMIID.NotFound");

#[tokio::test]
async fn an_organization_and_a_unit_gain_and_lose_access_by_arn_and_path() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let build = factory.recipe("110304").await.newest().clone();
    let ami = build.amis[local_stack::REGION].clone();
    place(&factory, MEMBER, "o-a1b2c3d4e5/r-cd34/ou-cd34-22222222/");
    place(&factory, STRANGER, "o-f6g7h8i9j0/r-ab12/ou-ab12-33333333/");
    for account in [MEMBER, STRANGER] {
        factory.make_role(account, ROLE, account, &["kms:*"]).await;
        assert_eq!(doors(&factory, account, &ami).await, SHUT, "{account}");
    }
    let before = factory.access().await;

    factory
        .upload(
            &documents
                .clone()
                .with_consumer_entry(organization())
                .with_consumer_entry(unit()),
        )
        .await;

    assert_eq!(
        factory.access().await.paths(),
        ["o-a1b2c3d4e5/*", UNIT_PATH]
    );
    assert_eq!(
        sorted(factory.ami(&build).await.shared_with_organizations),
        [ORGANIZATION, UNIT]
    );
    let recipe = factory.recipe("110304").await;
    assert_eq!(
        recipe.distributions[0].shared_with_organizations(),
        [ORGANIZATION, UNIT]
    );
    assert_eq!(recipe.builds.len(), 1, "nothing is built for them");
    assert_eq!(doors(&factory, MEMBER, &ami).await, OPEN);
    assert_eq!(
        doors(&factory, STRANGER, &ami).await,
        SHUT,
        "in another unit"
    );
    factory.assert_settled().await;
    place(
        &factory,
        STRANGER,
        "o-f6g7h8i9j0/r-ab12/ou-ab12-11111111/ou-ab12-44444444/",
    );
    assert_eq!(
        doors(&factory, STRANGER, &ami).await,
        OPEN,
        "now below the unit"
    );

    factory.upload(&documents).await;

    assert_eq!(factory.access().await, before);
    let ami_now = factory.ami(&build).await;
    assert_eq!(
        (ami_now.shared_with, ami_now.shared_with_organizations),
        (vec![CONSUMER.to_owned()], vec![])
    );
    for account in [MEMBER, STRANGER] {
        assert_eq!(doors(&factory, account, &ami).await, SHUT, "{account}");
    }
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_crowd_costs_no_more_calls_than_one_account() {
    let documents = Documents::of_recipes(["110304"]);
    let one = costs(documents.clone().with_consumer(MEMBER)).await;
    let by_organization = costs(documents.clone().with_consumer_entry(organization())).await;
    let member = |number| {
        let account = format!("5{number:011}");
        json!({ "account-id": account, "roles": [format!("arn:aws:iam::{account}:role/app")] })
    };
    let crowd = (0..CROWD)
        .map(member)
        .fold(documents, Documents::with_consumer_entry);
    let by_role = costs(crowd).await;

    // An organization is no account, so that no quarantine is read for it.
    let no_more = |calls: &BTreeMap<String, u64>, most: &BTreeMap<String, u64>| {
        let within =
            |(name, count): (&String, &u64)| most.get(name).is_some_and(|most| count <= most);
        calls.iter().all(within)
    };
    for (calls, most) in by_organization.iter().zip(&one) {
        assert!(no_more(calls, most), "{calls:#?} are more than {most:#?}");
    }
    assert_eq!(by_role, one, "{CROWD} accounts by a role each");
}

/// The calls of the run that lets `joined` in beside the sample's consumer, and of the next one, which
/// finds nothing to do.
async fn costs(joined: Documents) -> [BTreeMap<String, u64>; 2] {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    factory.upload_unannounced(&joined).await;
    // By events, as uploads would: a person's run looks more closely.
    let change = factory.deliver(&upload_event()).await;
    assert!(
        change.is_clean() && change.refused.is_empty() && change.writes > 0,
        "{change:#?}"
    );
    let nothing = factory.deliver(&upload_event()).await;
    assert!(nothing.is_clean() && nothing.writes == 0, "{nothing:#?}");
    [change.calls, nothing.calls]
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}
