//! Snapshots: seen, shared, copied, deleted and tagged.

use super::{element, elements, ok, refused, registered, registered_with, snapshot_of};
use crate::support::{BUILDER, CONSUMER, Client};

async fn modify(client: &Client, id: &str, parameters: &[(&str, &str)]) -> (u16, String) {
    client
        .ec2(
            "ModifySnapshotAttribute",
            &[&[("SnapshotId", id)], parameters].concat(),
        )
        .await
}

async fn seen(client: &Client, parameters: &[(&str, &str)]) -> Vec<String> {
    let xml = ok(client.ec2("DescribeSnapshots", parameters).await);
    elements(&xml, "snapshotId")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn an_image_holds_its_snapshot() {
    let client = Client::manual();
    let image = registered(&client, "web").await;
    let id = snapshot_of(&client, &image).await;
    let delete = async || client.ec2("DeleteSnapshot", &[("SnapshotId", &id)]).await;
    refused(delete().await, "InvalidSnapshot.InUse");
    ok(client.ec2("DisableImage", &[("ImageId", &image)]).await);
    refused(delete().await, "InvalidSnapshot.InUse");
    ok(client.ec2("DeregisterImage", &[("ImageId", &image)]).await);
    ok(delete().await);
    refused(delete().await, "InvalidSnapshot.NotFound");
}

#[tokio::test]
async fn a_snapshot_is_shared_with_accounts() {
    let client = Client::manual();
    let consumer = client.as_account(CONSUMER);
    let id = snapshot_of(&client, &registered(&client, "web").await).await;
    refused(
        consumer
            .ec2("DescribeSnapshots", &[("SnapshotId.1", &id)])
            .await,
        "InvalidSnapshot.NotFound",
    );
    ok(modify(
        &client,
        &id,
        &[("CreateVolumePermission.Add.1.UserId", CONSUMER)],
    )
    .await);
    for selection in [
        ("Owner.1", BUILDER),
        ("RestorableBy.1", "self"),
        ("RestorableBy.1", CONSUMER),
    ] {
        assert_eq!(
            seen(&consumer, &[selection]).await,
            [id.as_str()],
            "{selection:?}"
        );
    }
    assert!(seen(&consumer, &[("Owner.1", "self")]).await.is_empty());
    refused(
        modify(
            &consumer,
            &id,
            &[("CreateVolumePermission.Add.1.Group", "all")],
        )
        .await,
        "AuthFailure",
    );
    refused(
        consumer.ec2("DeleteSnapshot", &[("SnapshotId", &id)]).await,
        "AuthFailure",
    );
    let attribute = [
        ("SnapshotId", id.as_str()),
        ("Attribute", "createVolumePermission"),
    ];
    let xml = ok(client.ec2("DescribeSnapshotAttribute", &attribute).await);
    assert_eq!(element(&xml, "userId"), CONSUMER);
    ok(client.ec2("ResetSnapshotAttribute", &attribute).await);
    assert!(seen(&consumer, &[]).await.is_empty());
}

#[tokio::test]
async fn permissions_are_added_or_removed_but_not_both() {
    let client = Client::manual();
    let id = snapshot_of(&client, &registered(&client, "web").await).await;
    let flat = |operation| {
        let attribute = ("Attribute", "createVolumePermission");
        [
            attribute,
            ("OperationType", operation),
            ("UserGroup.1", "all"),
            ("UserId.1", CONSUMER),
        ]
    };
    ok(modify(&client, &id, &flat("add")).await);
    assert_eq!(
        seen(
            &client.as_account("333333333333"),
            &[("RestorableBy.1", "all")]
        )
        .await,
        [id.as_str()]
    );
    ok(modify(&client, &id, &flat("remove")).await);
    assert!(seen(&client, &[("RestorableBy.1", "all")]).await.is_empty());
    let both = [
        ("CreateVolumePermission.Add.1.UserId", CONSUMER),
        ("CreateVolumePermission.Remove.1.UserId", "333333333333"),
    ];
    refused(
        modify(&client, &id, &both).await,
        "InvalidParameterCombination",
    );
    let organization = "arn:aws:organizations::999999999999:organization/o-a1b2c3d4e5";
    let organization = [("CreateVolumePermission.Add.1.OrganizationArn", organization)];
    refused(
        modify(&client, &id, &organization).await,
        "InvalidParameterValue",
    );
}

#[tokio::test]
async fn keys_limit_the_sharing_of_snapshots() {
    let client = Client::manual();
    let encrypted = [("BlockDeviceMapping.1.Ebs.Encrypted", "true")];
    let id = snapshot_of(&client, &registered_with(&client, "web", &encrypted).await).await;
    let user = [("CreateVolumePermission.Add.1.UserId", CONSUMER)];
    refused(modify(&client, &id, &user).await, "OperationNotPermitted");
    let copy = [
        ("SourceRegion", "us-east-1"),
        ("SourceSnapshotId", id.as_str()),
        ("Encrypted", "true"),
        ("KmsKeyId", "alias/shared"),
    ];
    let copy = element(&ok(client.ec2("CopySnapshot", &copy).await), "snapshotId").to_owned();
    ok(modify(&client, &copy, &user).await);
    let all = [("CreateVolumePermission.Add.1.Group", "all")];
    refused(modify(&client, &copy, &all).await, "OperationNotPermitted");
}

#[tokio::test]
async fn a_shared_snapshot_can_be_copied_and_registered() {
    let client = Client::manual();
    let id = snapshot_of(&client, &registered(&client, "web").await).await;
    let copy = async |client: &Client| {
        let copy = [
            ("SourceRegion", "us-east-1"),
            ("SourceSnapshotId", id.as_str()),
            ("Description", "mine"),
            ("TagSpecification.1.ResourceType", "snapshot"),
            ("TagSpecification.1.Tag.1.Key", "of"),
            ("TagSpecification.1.Tag.1.Value", "copy"),
        ];
        client.ec2("CopySnapshot", &copy).await
    };
    let consumer = client.as_account(CONSUMER).in_region("eu-west-1");
    refused(copy(&consumer).await, "InvalidSnapshot.NotFound");
    ok(modify(
        &client,
        &id,
        &[("CreateVolumePermission.Add.1.UserId", CONSUMER)],
    )
    .await);
    let xml = ok(copy(&consumer).await);
    assert!(xml.contains("<key>of</key><value>copy</value>"), "{xml}");
    let own = element(&xml, "snapshotId").to_owned();
    let xml = ok(consumer
        .ec2("DescribeSnapshots", &[("SnapshotId.1", &own)])
        .await);
    assert_eq!(
        (element(&xml, "description"), element(&xml, "volumeSize")),
        ("mine", "12")
    );
    assert_eq!(
        (element(&xml, "ownerId"), element(&xml, "transferType")),
        (CONSUMER, "standard")
    );
    let register = |more: &'static [(&'static str, &'static str)]| {
        let device = ("BlockDeviceMapping.1.DeviceName", "/dev/xvda");
        let snapshot = ("BlockDeviceMapping.1.Ebs.SnapshotId", own.as_str());
        [&[("Name", "mine"), device, snapshot], more].concat()
    };
    let smaller = register(&[("BlockDeviceMapping.1.Ebs.VolumeSize", "4")]);
    refused(
        consumer.ec2("RegisterImage", &smaller).await,
        "InvalidBlockDeviceMapping",
    );
    let encrypted = register(&[("BlockDeviceMapping.1.Ebs.Encrypted", "true")]);
    refused(
        consumer.ec2("RegisterImage", &encrypted).await,
        "InvalidBlockDeviceMapping",
    );
    let xml = ok(consumer.ec2("RegisterImage", &register(&[])).await);
    assert_eq!(snapshot_of(&consumer, element(&xml, "imageId")).await, own);
}

#[tokio::test]
async fn snapshots_are_filtered_and_tagged() {
    let client = Client::manual();
    let id = snapshot_of(&client, &registered(&client, "web").await).await;
    registered_with(
        &client,
        "other",
        &[("BlockDeviceMapping.1.Ebs.Encrypted", "true")],
    )
    .await;
    let tag = [
        ("ResourceId.1", id.as_str()),
        ("Tag.1.Key", "env"),
        ("Tag.1.Value", "prod"),
    ];
    ok(client.ec2("CreateTags", &tag).await);
    for (name, value) in [
        ("tag:env", "prod"),
        ("encrypted", "false"),
        ("snapshot-id", &id),
    ] {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        assert_eq!(seen(&client, &filter).await, [id.as_str()], "{name}");
    }
    for (name, value) in [
        ("owner-id", BUILDER),
        ("status", "completed"),
        ("storage-tier", "standard"),
    ] {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        assert_eq!(seen(&client, &filter).await.len(), 2, "{name}");
    }
}

#[tokio::test]
async fn tags_are_limited_and_checked_before_any_is_made() {
    let client = Client::manual();
    let image = registered(&client, "web").await;
    let keys: Vec<String> = (1..=50).map(|number| format!("Tag.{number}.Key")).collect();
    let values: Vec<String> = (1..=50).map(|number| number.to_string()).collect();
    let mut parameters = vec![("ResourceId.1", image.as_str())];
    parameters.extend(
        keys.iter()
            .map(String::as_str)
            .zip(values.iter().map(String::as_str)),
    );
    // It has one tag from its registration.
    refused(
        client.ec2("CreateTags", &parameters).await,
        "TagLimitExceeded",
    );
    parameters.pop();
    ok(client.ec2("CreateTags", &parameters).await);
    let snapshot = snapshot_of(&client, &image).await;
    let gone = "snap-0123456789abcdef0";
    let tag = [
        ("ResourceId.1", snapshot.as_str()),
        ("ResourceId.2", gone),
        ("Tag.1.Key", "a"),
    ];
    refused(
        client.ec2("CreateTags", &tag).await,
        "InvalidSnapshot.NotFound",
    );
    let filter = [
        ("Filter.1.Name", "resource-type"),
        ("Filter.1.Value.1", "snapshot"),
    ];
    assert!(!ok(client.ec2("DescribeTags", &filter).await).contains("<key>a</key>"));
    refused(
        client
            .ec2("CreateTags", &[("ResourceId.1", &snapshot)])
            .await,
        "MissingParameter",
    );
    refused(
        client.ec2("DescribeTags", &[("MaxResults", "4")]).await,
        "InvalidParameterValue",
    );
}
