//! Who sees an AMI, and which sharing EC2 refuses.

use serde_json::json;

use super::{element, elements, ok, refused, registered, registered_with, seed, seen};
use crate::support::{BUILDER, CONSUMER, Client};

const ORGANIZATION: &str = "arn:aws:organizations::999999999999:organization/o-a1b2c3d4e5";

const UNIT: &str = "arn:aws:organizations::999999999999:ou/o-a1b2c3d4e5/ou-ab12-11111111";

async fn share(client: &Client, id: &str, kind: &str, whom: &str) -> (u16, String) {
    let parameter = format!("LaunchPermission.Add.1.{kind}");
    client
        .ec2(
            "ModifyImageAttribute",
            &[("ImageId", id), (&parameter, whom)],
        )
        .await
}

/// A client in an account that is in a unit below the shared one.
fn member(client: &Client) -> Client {
    let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/";
    seed(
        client,
        json!({"accounts": [{"id": CONSUMER, "organization-path": path}]}),
    );
    client.as_account(CONSUMER)
}

#[tokio::test]
async fn organizations_and_units_reach_their_accounts() {
    for (kind, arn) in [
        ("OrganizationArn", ORGANIZATION),
        ("OrganizationalUnitArn", UNIT),
    ] {
        let client = Client::manual();
        let (member, stranger) = (member(&client), client.as_account("333333333333"));
        let id = registered(&client, "web").await;
        ok(share(&client, &id, kind, arn).await);
        for selection in [
            ("Owner.1", BUILDER),
            ("ExecutableBy.1", "self"),
            ("ExecutableBy.1", CONSUMER),
        ] {
            assert_eq!(
                seen(&member, &[selection]).await,
                [id.as_str()],
                "{kind} {selection:?}"
            );
        }
        assert!(
            seen(&stranger, &[("Owner.1", BUILDER)]).await.is_empty(),
            "{kind}"
        );
        // Of another account only what names it counts, says the API reference.
        assert!(
            seen(&client, &[("ExecutableBy.1", CONSUMER)])
                .await
                .is_empty(),
            "{kind}"
        );
        let attribute = [("ImageId", id.as_str()), ("Attribute", "launchPermission")];
        let xml = ok(client.ec2("DescribeImageAttribute", &attribute).await);
        let element_name = format!("o{}", &kind[1..]);
        assert_eq!(element(&xml, &element_name), arn);
    }
}

#[tokio::test]
async fn other_organizations_see_nothing() {
    let client = Client::manual();
    let member = member(&client);
    let id = registered(&client, "web").await;
    let other = "arn:aws:organizations::999999999999:organization/o-other00000";
    ok(share(&client, &id, "OrganizationArn", other).await);
    let unit = "arn:aws:organizations::999999999999:ou/o-a1b2c3d4e5/ou-ab12-33333333";
    ok(share(&client, &id, "OrganizationalUnitArn", unit).await);
    assert!(seen(&member, &[("Owner.1", BUILDER)]).await.is_empty());
}

#[tokio::test]
async fn permissions_can_be_written_flat_and_reset() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    let flat = [
        ("ImageId", id.as_str()),
        ("Attribute", "launchPermission"),
        ("OperationType", "add"),
        ("UserId.1", CONSUMER),
        ("UserGroup.1", "all"),
        ("OrganizationArn.1", ORGANIZATION),
        ("OrganizationalUnitArn.1", UNIT),
    ];
    ok(client.ec2("ModifyImageAttribute", &flat).await);
    let attribute = [("ImageId", id.as_str()), ("Attribute", "launchPermission")];
    let xml = ok(client.ec2("DescribeImageAttribute", &attribute).await);
    assert_eq!(
        (element(&xml, "userId"), element(&xml, "group")),
        (CONSUMER, "all")
    );
    assert_eq!(elements(&xml, "item").len(), 4);
    ok(client.ec2("ResetImageAttribute", &attribute).await);
    let xml = ok(client.ec2("DescribeImageAttribute", &attribute).await);
    assert_eq!(elements(&xml, "item").len(), 0);
    let missing = [("ImageId", id.as_str()), ("UserId.1", CONSUMER)];
    refused(
        client.ec2("ModifyImageAttribute", &missing).await,
        "MissingParameter",
    );
    refused(
        share(&client, &id, "UserId", "12345").await,
        "InvalidAMIAttributeItemValue",
    );
}

#[tokio::test]
async fn the_default_key_keeps_an_image_from_being_shared() {
    let client = Client::manual();
    let encrypted = [("BlockDeviceMapping.1.Ebs.Encrypted", "true")];
    let id = registered_with(&client, "web", &encrypted).await;
    refused(
        share(&client, &id, "UserId", CONSUMER).await,
        "InvalidParameter",
    );
    let copy = [
        ("Name", "copy"),
        ("SourceImageId", id.as_str()),
        ("SourceRegion", "us-east-1"),
        ("Encrypted", "true"),
        ("KmsKeyId", "alias/shared"),
    ];
    let copy = element(&ok(client.ec2("CopyImage", &copy).await), "imageId").to_owned();
    ok(share(&client, &copy, "UserId", CONSUMER).await);
    refused(
        share(&client, &copy, "Group", "all").await,
        "OperationNotPermitted",
    );
}

#[tokio::test]
async fn public_sharing_can_be_blocked() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    let state = async || {
        let xml = ok(client.ec2("GetImageBlockPublicAccessState", &[]).await);
        element(&xml, "imageBlockPublicAccessState").to_owned()
    };
    assert_eq!(state().await, "unblocked");
    refused(
        client.ec2("EnableImageBlockPublicAccess", &[]).await,
        "MissingParameter",
    );
    let block = [("ImageBlockPublicAccessState", "block-new-sharing")];
    ok(client.ec2("EnableImageBlockPublicAccess", &block).await);
    assert_eq!(state().await, "block-new-sharing");
    refused(
        share(&client, &id, "Group", "all").await,
        "OperationNotPermitted",
    );
    ok(share(&client, &id, "UserId", CONSUMER).await);
    let elsewhere = client.in_region("eu-west-1");
    let other = registered(&elsewhere, "web").await;
    ok(share(&elsewhere, &other, "Group", "all").await);
    ok(client.ec2("DisableImageBlockPublicAccess", &[]).await);
    ok(share(&client, &id, "Group", "all").await);
    // What is public stays public.
    ok(client.ec2("EnableImageBlockPublicAccess", &block).await);
    assert_eq!(
        seen(&client.as_account(CONSUMER), &[("Owner.1", BUILDER)]).await,
        [id]
    );
}

#[tokio::test]
async fn a_seed_blocks_public_sharing() {
    let client = Client::manual();
    seed(
        &client,
        json!({"accounts": [{"id": BUILDER, "block-public-access": ["us-east-1"]}]}),
    );
    let id = registered(&client, "web").await;
    refused(
        share(&client, &id, "Group", "all").await,
        "OperationNotPermitted",
    );
}

#[tokio::test]
async fn what_is_paid_for_stays_private() {
    let client = Client::manual();
    seed(
        &client,
        json!({"images": [{
            "id": "ami-0123456789abcdef0", "owner": BUILDER, "public": false, "product-codes": ["abc123"],
        }]}),
    );
    refused(
        share(&client, "ami-0123456789abcdef0", "Group", "all").await,
        "OperationNotPermitted",
    );
    ok(share(&client, "ami-0123456789abcdef0", "UserId", CONSUMER).await);
}

#[tokio::test]
async fn seeded_images_can_be_an_organization_s() {
    let client = Client::manual();
    let member = member(&client);
    seed(
        &client,
        json!({"images": [{
            "id": "ami-0123456789abcdef0", "owner": BUILDER, "public": false,
            "organizational-unit-arns": [UNIT],
        }]}),
    );
    assert_eq!(
        seen(&member, &[("Owner.1", BUILDER)]).await,
        ["ami-0123456789abcdef0"]
    );
}
