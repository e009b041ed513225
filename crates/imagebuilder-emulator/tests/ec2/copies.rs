//! Copies of AMIs, within an account and from another one.

use serde_json::json;

use super::{element, ok, refused, registered, registered_with, seed, seen, snapshot_of};
use crate::support::{BASE, BUILDER, CONSUMER, Client};

async fn copy(client: &Client, source: &str, name: &str, more: &[(&str, &str)]) -> (u16, String) {
    let parameters = [
        ("Name", name),
        ("SourceImageId", source),
        ("SourceRegion", "us-east-1"),
    ];
    client.ec2("CopyImage", &[&parameters, more].concat()).await
}

async fn share(client: &Client, id: &str, user: &str) {
    let parameters = [("ImageId", id), ("LaunchPermission.Add.1.UserId", user)];
    ok(client.ec2("ModifyImageAttribute", &parameters).await);
}

async fn share_snapshot(client: &Client, image: &str, user: &str) -> (u16, String) {
    let snapshot = snapshot_of(client, image).await;
    let parameters = [
        ("SnapshotId", snapshot.as_str()),
        ("CreateVolumePermission.Add.1.UserId", user),
    ];
    client.ec2("ModifySnapshotAttribute", &parameters).await
}

#[tokio::test]
async fn a_copy_is_an_image_of_its_own_in_the_region_it_is_asked_in() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    share(&client, &id, CONSUMER).await;
    let ireland = client.in_region("eu-west-1");
    let more = [
        ("Description", "a copy"),
        ("TagSpecification.1.ResourceType", "snapshot"),
        ("TagSpecification.1.Tag.1.Key", "of"),
        ("TagSpecification.1.Tag.1.Value", "copy"),
    ];
    let copied = ok(copy(&ireland, &id, "web", &more).await);
    let copied = element(&copied, "imageId");
    assert_ne!(copied, id);
    let xml = ok(ireland
        .ec2("DescribeImages", &[("ImageId.1", copied)])
        .await);
    assert_eq!(element(&xml, "sourceImageId"), id);
    assert_eq!(element(&xml, "sourceImageRegion"), "us-east-1");
    assert_eq!(element(&xml, "description"), "a copy");
    assert!(
        !xml.contains("Team"),
        "tags are not copied unless asked for: {xml}"
    );
    let elsewhere = ireland.as_account(CONSUMER);
    assert!(
        seen(&elsewhere, &[("Owner.1", BUILDER)]).await.is_empty(),
        "nor are launch permissions"
    );
    let snapshot = [("SnapshotId.1", element(&xml, "snapshotId"))];
    let xml = ok(ireland.ec2("DescribeSnapshots", &snapshot).await);
    assert!(xml.contains("<key>of</key><value>copy</value>"), "{xml}");
    assert_eq!(element(&xml, "encrypted"), "false");
    refused(
        copy(&ireland, &id, "web", &[]).await,
        "InvalidAMIName.Duplicate",
    );
    let wrong = [
        ("Name", "other"),
        ("SourceImageId", &id),
        ("SourceRegion", "us-west-2"),
    ];
    refused(
        ireland.ec2("CopyImage", &wrong).await,
        "InvalidAMIID.NotFound",
    );
}

#[tokio::test]
async fn tags_are_copied_if_asked_for() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    let more = [
        ("CopyImageTags", "true"),
        ("TagSpecification.1.ResourceType", "image"),
        ("TagSpecification.1.Tag.1.Key", "new"),
    ];
    let copied = ok(copy(&client, &id, "copy", &more).await);
    let xml = ok(client
        .ec2(
            "DescribeImages",
            &[("ImageId.1", element(&copied, "imageId"))],
        )
        .await);
    assert!(
        xml.contains("<key>Team</key>") && xml.contains("<key>new</key>"),
        "{xml}"
    );
    let other = [
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "x"),
    ];
    refused(
        copy(&client, &id, "another", &other).await,
        "InvalidParameterValue",
    );
}

#[tokio::test]
async fn a_token_makes_one_copy() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    let token = [("ClientToken", "once")];
    let first = ok(copy(&client, &id, "copy", &token).await);
    let second = ok(copy(&client, &id, "copy", &token).await);
    assert_eq!(element(&first, "imageId"), element(&second, "imageId"));
    assert_eq!(seen(&client, &[("Owner.1", "self")]).await.len(), 2);
    refused(
        copy(&client, &id, "other", &token).await,
        "IdempotentParameterMismatch",
    );
    ok(copy(&client.in_region("eu-west-1"), &id, "copy", &token).await);
}

#[tokio::test]
async fn a_copy_can_be_encrypted_but_not_decrypted() {
    let client = Client::manual();
    let ireland = client.in_region("eu-west-1");
    let id = registered(&client, "web").await;
    let key = async |name: &str, more: &[(&str, &str)]| {
        let copied = ok(copy(&ireland, &id, name, more).await);
        let snapshot = snapshot_of(&ireland, element(&copied, "imageId")).await;
        let xml = ok(ireland
            .ec2("DescribeSnapshots", &[("SnapshotId.1", &snapshot)])
            .await);
        element(&xml, "kmsKeyId").to_owned()
    };
    let default = format!("arn:aws:kms:eu-west-1:{BUILDER}:alias/aws/ebs");
    assert_eq!(key("one", &[("Encrypted", "true")]).await, default);
    let own = [
        ("Encrypted", "true"),
        ("KmsKeyId", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    ];
    let own = key("two", &own).await;
    assert_eq!(
        own,
        format!("arn:aws:kms:eu-west-1:{BUILDER}:key/1234abcd-12ab-34cd-56ef-1234567890ab")
    );
    let alone = [("KmsKeyId", "alias/mine")];
    refused(
        copy(&ireland, &id, "three", &alone).await,
        "InvalidParameterDependency",
    );
    let encrypted = registered_with(
        &client,
        "secret",
        &[("BlockDeviceMapping.1.Ebs.Encrypted", "true")],
    )
    .await;
    let plain = copy(&ireland, &encrypted, "secret", &[("Encrypted", "false")]).await;
    assert!(
        plain.1.contains(
            "is encrypted. Creating unencrypted copy from an encrypted snapshot is not supported."
        ),
        "packer, issue 11741: {}",
        plain.1
    );
    refused(plain, "InvalidRequest");
    let copied = ok(copy(&ireland, &encrypted, "secret", &[]).await);
    let xml = ok(ireland
        .ec2(
            "DescribeImages",
            &[("ImageId.1", element(&copied, "imageId"))],
        )
        .await);
    assert_eq!(element(&xml, "encrypted"), "true");
}

#[tokio::test]
async fn sharing_an_image_does_not_share_its_storage() {
    let client = Client::manual();
    let consumer = client.as_account(CONSUMER);
    let id = registered(&client, "web").await;
    refused(
        copy(&consumer, &id, "mine", &[]).await,
        "InvalidAMIID.NotFound",
    );
    share(&client, &id, CONSUMER).await;
    refused(copy(&consumer, &id, "mine", &[]).await, "InvalidRequest");
    ok(share_snapshot(&client, &id, CONSUMER).await);
    let copied = ok(copy(&consumer, &id, "mine", &[]).await);
    let xml = ok(consumer
        .ec2(
            "DescribeImages",
            &[("ImageId.1", element(&copied, "imageId"))],
        )
        .await);
    assert_eq!(element(&xml, "imageOwnerId"), CONSUMER);
}

#[tokio::test]
async fn the_storage_can_be_shared_by_a_seed_and_amazon_s_is_anyway() {
    let client = Client::manual();
    let image = |id: &str, shared: bool| {
        json!({"id": id, "owner": "333333333333", "public": false, "launch-permissions": [BUILDER],
               "share-snapshots": shared})
    };
    let images = [
        image("ami-0000000000000000a", true),
        image("ami-0000000000000000b", false),
    ];
    seed(&client, json!({"images": images}));
    ok(copy(&client, "ami-0000000000000000a", "a copy", &[]).await);
    refused(
        copy(&client, "ami-0000000000000000b", "b copy", &[]).await,
        "InvalidRequest",
    );
    ok(copy(&client, BASE, "base copy", &[]).await);
}

#[tokio::test]
async fn what_is_billed_cannot_be_copied_into_another_account() {
    let client = Client::manual();
    let consumer = client.as_account(CONSUMER);
    let image = |id: &str, key: &str| {
        json!({"id": id, "owner": BUILDER, "public": false, "launch-permissions": [CONSUMER],
               "share-snapshots": true, key: ["bp-6ba54002"]})
    };
    let (billed, sold) = ("ami-0000000000000000a", "ami-0000000000000000b");
    seed(
        &client,
        json!({"images": [image(billed, "billing-products"), image(sold, "product-codes")]}),
    );
    for id in [billed, sold] {
        refused(copy(&consumer, id, "mine", &[]).await, "InvalidRequest");
        ok(copy(&client, id, &format!("copy of {id}"), &[]).await);
    }
}

#[tokio::test]
async fn a_disabled_image_cannot_be_copied() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    ok(client.ec2("DisableImage", &[("ImageId", &id)]).await);
    refused(
        copy(&client, &id, "copy", &[]).await,
        "InvalidAMIID.Unavailable",
    );
}
