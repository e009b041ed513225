//! Infrastructure and distribution configurations: each change reaches Image Builder with every input.

use goldsmith_domain::observed::Sharing;
use goldsmith_domain::plan::Action;
use serde_json::{Value, json};

use crate::support::World;
use crate::support::documents::FURTHER_KEY;
use crate::support::emulated::get;
use crate::support::inputs::{DISTRIBUTION, INFRASTRUCTURE, distribution, infrastructure};

fn check_infrastructure(found: &Value, instance_type: &str, digest: &str) {
    assert_eq!(found["instanceTypes"], json!([instance_type, "m5.large"]));
    assert_eq!(found["instanceProfileName"], "goldsmith-nonprod");
    assert_eq!(found["resourceTags"], json!({"Owner": instance_type}));
    let metadata = json!({"httpTokens": "required", "httpPutResponseHopLimit": 1});
    assert_eq!(found["instanceMetadataOptions"], metadata);
    assert_eq!(found["terminateInstanceOnFailure"], true);
    assert_eq!(found["description"], format!("goldsmith:digest={digest}"));
    assert_eq!(
        found["tags"],
        json!({"Owner": "a"}),
        "an update leaves the tags as they are"
    );
}

#[tokio::test]
async fn an_infrastructure_configuration_is_made_and_replaced() {
    let world = World::new();
    let (get_it, parameter) = (
        "GetInfrastructureConfiguration",
        "infrastructureConfigurationArn",
    );
    world
        .make(Action::CreateInfrastructure(infrastructure(
            "m6i.large",
            "a",
        )))
        .await;
    let made = get(&world.emulator, get_it, parameter, INFRASTRUCTURE).await;
    assert_eq!(made["name"], "mstr-nonprod");
    check_infrastructure(&made, "m6i.large", "a");

    world
        .make(Action::UpdateInfrastructure(infrastructure(
            "m7i.large",
            "b",
        )))
        .await;
    let updated = get(&world.emulator, get_it, parameter, INFRASTRUCTURE).await;
    check_infrastructure(&updated, "m7i.large", "b");
}

fn check_distribution(found: &Value, account: &str, digest: &str) {
    let ami = |key: Option<&str>| {
        let mut ami = json!({
            "name": "mstr-nonprod-110304 {{ imagebuilder:buildDate }}",
            "amiTags": {"Product": account},
            "launchPermission": {"userIds": [account]},
        });
        if let Some(key) = key {
            ami["kmsKeyId"] = key.into();
        }
        ami
    };
    let expected = json!([
        {"region": "eu-west-1", "amiDistributionConfiguration": ami(Some(FURTHER_KEY))},
        {"region": "us-east-1", "amiDistributionConfiguration": ami(None)},
    ]);
    assert_eq!(found["distributions"], expected);
    assert_eq!(found["description"], format!("goldsmith:digest={digest}"));
    assert_eq!(
        found["tags"],
        json!({"Owner": "a"}),
        "an update leaves the tags as they are"
    );
}

#[tokio::test]
async fn a_distribution_configuration_is_made_and_replaced() {
    let world = World::new();
    let (get_it, parameter) = (
        "GetDistributionConfiguration",
        "distributionConfigurationArn",
    );
    world
        .make(Action::CreateDistribution(distribution(
            "222222222222",
            "a",
        )))
        .await;
    let made = get(&world.emulator, get_it, parameter, DISTRIBUTION).await;
    assert_eq!(made["name"], "mstr-nonprod-110304");
    check_distribution(&made, "222222222222", "a");

    world
        .make(Action::UpdateDistribution(distribution(
            "333333333333",
            "b",
        )))
        .await;
    let updated = get(&world.emulator, get_it, parameter, DISTRIBUTION).await;
    check_distribution(&updated, "333333333333", "b");
}

#[tokio::test]
async fn without_consumers_there_is_no_launch_permission() {
    let world = World::new();
    let mut alone = distribution("222222222222", "a");
    alone
        .content
        .regions
        .values_mut()
        .for_each(|entry| entry.shared_with = Sharing::default());
    world.make(Action::CreateDistribution(alone)).await;
    let (get_it, parameter) = (
        "GetDistributionConfiguration",
        "distributionConfigurationArn",
    );
    let made = get(&world.emulator, get_it, parameter, DISTRIBUTION).await;
    let text = made.to_string();
    assert!(
        text.contains("amiTags") && !text.contains("launchPermission"),
        "{text}"
    );
}
