//! Launches that are refused, dry runs, and who may launch.

use serde_json::json;

use super::{
    element,
    instances::{SHARED, SUBNET, launch, world},
    ok, refused, registered, seed,
};
use crate::support::{BUILDER, CONSUMER};

#[tokio::test]
async fn a_launch_is_refused_for_what_is_not_there_or_does_not_fit() {
    let client = world();
    let consumer = client.as_account(CONSUMER);
    let private = registered(&client, "private").await;
    let disabled = registered(&consumer, "disabled").await;
    ok(consumer
        .ec2("DisableImage", &[("ImageId", &disabled)])
        .await);
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("ImageId", "ami-1")], "InvalidAMIID.Malformed"),
        (&[("ImageId", "ami-99999999")], "InvalidAMIID.NotFound"),
        (&[("ImageId", &private)], "InvalidAMIID.NotFound"),
        (&[("ImageId", &disabled)], "InvalidAMIID.Unavailable"),
        (&[("ImageId", "")], "MissingParameter"),
        (&[("MinCount", "")], "MissingParameter"),
        (&[("MaxCount", "")], "MissingParameter"),
        (&[("MinCount", "0")], "InvalidParameterValue"),
        (&[("MinCount", "2")], "InvalidParameterValue"),
        (&[("InstanceType", "m99.large")], "InvalidParameterValue"),
        (&[("InstanceType", "t4g.micro")], "InvalidParameterValue"),
        (&[("SubnetId", "x")], "InvalidSubnetID.Malformed"),
        (
            &[("SubnetId", "subnet-99999999")],
            "InvalidSubnetID.NotFound",
        ),
        (
            &[("SecurityGroupId.1", "default")],
            "InvalidGroupId.Malformed",
        ),
        (
            &[("SecurityGroupId.1", "sg-99999999")],
            "InvalidGroup.NotFound",
        ),
        (
            &[("SecurityGroupId.1", "sg-33333333")],
            "InvalidGroup.NotFound",
        ),
        (
            &[SUBNET, ("SecurityGroupId.1", "sg-22222222")],
            "InvalidParameter",
        ),
    ];
    for (other, code) in cases {
        refused(launch(&consumer, other).await, code);
        refused(
            launch(&consumer, &[&[("DryRun", "true")], *other].concat()).await,
            code,
        );
    }
    refused(launch(&client, &[SUBNET]).await, "InvalidSubnetID.NotFound");
    let none = ok(consumer.ec2("DescribeInstances", &[]).await);
    assert!(!none.contains("instanceId"), "{none}");
}

#[tokio::test]
async fn what_a_launch_cannot_have_here_is_refused_aloud() {
    let client = world();
    for other in [
        ("UserData", "ZWNobw=="),
        ("IamInstanceProfile.Name", "web"),
        ("LaunchTemplate.LaunchTemplateName", "web"),
        ("NetworkInterface.1.SubnetId", SUBNET.1),
        ("BlockDeviceMapping.1.Ebs.VolumeSize", "20"),
        ("TagSpecification.1.ResourceType", "volume"),
        ("InstanceType", ""),
        ("MaxCount", "101"),
    ] {
        let (status, xml) = launch(&client, &[other]).await;
        assert_eq!(
            (status, element(&xml, "Code")),
            (501, "NotEmulatedException"),
            "{other:?} {xml}"
        );
    }
}

#[tokio::test]
async fn a_dry_run_launches_nothing() {
    let consumer = world().as_account(CONSUMER);
    let (status, xml) = launch(
        &consumer,
        &[("ImageId", SHARED), SUBNET, ("DryRun", "true")],
    )
    .await;
    assert_eq!(
        (status, element(&xml, "Code")),
        (412, "DryRunOperation"),
        "{xml}"
    );
    let none = ok(consumer.ec2("DescribeInstances", &[]).await);
    assert!(!none.contains("instanceId"), "{none}");
}

#[tokio::test]
async fn launch_permissions_of_an_organization_let_its_accounts_launch() {
    let client = world();
    let organization = "arn:aws:organizations::999999999999:organization/o-a1b2c3d4e5";
    seed(
        &client,
        json!({
            "accounts": [{"id": CONSUMER, "organization-path": "o-a1b2c3d4e5/r-ab12/"}],
            "images": [{"id": "ami-22222222", "owner": BUILDER, "public": false, "organization-arns": [organization]}],
        }),
    );
    ok(launch(&client.as_account(CONSUMER), &[("ImageId", "ami-22222222")]).await);
    let stranger = client.as_account("999988887777");
    refused(
        launch(&stranger, &[("ImageId", "ami-22222222")]).await,
        "InvalidAMIID.NotFound",
    );
}

#[tokio::test]
async fn a_product_of_the_marketplace_is_for_subscribers() {
    let client = world();
    let consumer = client.as_account(CONSUMER);
    seed(
        &client,
        json!({"images": [{"id": "ami-22222222", "product-codes": ["abc123"]}]}),
    );
    for dry_run in ["true", "false"] {
        let (status, xml) = launch(
            &consumer,
            &[("ImageId", "ami-22222222"), ("DryRun", dry_run)],
        )
        .await;
        assert_eq!(
            (status, element(&xml, "Code")),
            (401, "OptInRequired"),
            "{xml}"
        );
    }
    seed(
        &client,
        json!({"accounts": [{"id": CONSUMER, "subscriptions": ["abc123"]}]}),
    );
    ok(launch(&consumer, &[("ImageId", "ami-22222222")]).await);
}
