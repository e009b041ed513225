//! EC2's side: AMIs as clients see and change them.

mod copies;
mod images;
mod instances;
mod launch_checks;
mod launches;
mod references;
mod reports;
mod retirement;
mod sharing;
mod snapshots;

use http::Method;
use serde_json::json;

use crate::support::{BASE, BUILDER, CONSUMER, Client};

/// An AMI registered by the client.
async fn registered(client: &Client, name: &str) -> String {
    registered_with(client, name, &[]).await
}

/// An AMI registered by the client, with further parameters.
async fn registered_with(client: &Client, name: &str, more: &[(&str, &str)]) -> String {
    let parameters = [
        ("Name", name),
        ("Architecture", "x86_64"),
        ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
        ("BlockDeviceMapping.1.Ebs.VolumeSize", "12"),
        ("TagSpecification.1.ResourceType", "image"),
        ("TagSpecification.1.Tag.1.Key", "Team"),
        ("TagSpecification.1.Tag.1.Value", "a & b"),
    ];
    let xml = ok(client
        .ec2("RegisterImage", &[&parameters, more].concat())
        .await);
    element(&xml, "imageId").to_owned()
}

/// The answer, which must be a success.
#[track_caller]
fn ok((status, xml): (u16, String)) -> String {
    assert_eq!(status, 200, "{xml}");
    xml
}

/// The texts of all elements of that name, in order.
fn elements<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&start)
        .skip(1)
        .map(|rest| rest.split_once(&end).unwrap().0)
        .collect()
}

/// The ids of the AMIs that a client sees.
async fn seen(client: &Client, parameters: &[(&str, &str)]) -> Vec<String> {
    let xml = ok(client.ec2("DescribeImages", parameters).await);
    elements(&xml, "imageId")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// The snapshot of an AMI's only volume.
async fn snapshot_of(client: &Client, image: &str) -> String {
    let xml = ok(client.ec2("DescribeImages", &[("ImageId.1", image)]).await);
    element(&xml, "snapshotId").to_owned()
}

fn seed(client: &Client, seed: serde_json::Value) {
    client.emulator.seed(&serde_json::from_value(seed).unwrap());
}

fn element<'x>(xml: &'x str, name: &str) -> &'x str {
    let (_, rest) = xml
        .split_once(&format!("<{name}>"))
        .unwrap_or_else(|| panic!("{name}: {xml}"));
    rest.split_once(&format!("</{name}>")).unwrap().0
}

#[track_caller]
fn refused((status, xml): (u16, String), code: &str) {
    assert_eq!((status, element(&xml, "Code")), (400, code), "{xml}");
}

#[tokio::test]
async fn the_default_base_image_is_amazon_s_and_public() {
    let client = Client::manual();
    let (status, xml) = client.ec2("DescribeImages", &[("ImageId.1", BASE)]).await;
    assert_eq!(status, 200);
    assert_eq!(element(&xml, "imageOwnerId"), "137112412989");
    assert_eq!(element(&xml, "imageOwnerAlias"), "amazon");
    assert_eq!(element(&xml, "rootDeviceName"), "/dev/xvda");
    assert_eq!(element(&xml, "isPublic"), "true");
    assert_eq!(element(&xml, "platformDetails"), "Linux/UNIX");
    refused(
        client
            .in_region("eu-west-1")
            .ec2("DescribeImages", &[("ImageId.1", BASE)])
            .await,
        "InvalidAMIID.NotFound",
    );
    refused(
        client
            .ec2("DescribeImages", &[("ImageId.1", "ami-xyz")])
            .await,
        "InvalidAMIID.Malformed",
    );
}

#[tokio::test]
async fn a_registered_image_is_described_tagged_and_deregistered() {
    let client = Client::manual();
    let id = registered(&client, "one").await;
    let (_, xml) = client.ec2("DescribeImages", &[("Owner.1", "self")]).await;
    assert_eq!(element(&xml, "imageId"), id);
    assert_eq!(element(&xml, "volumeSize"), "12");
    assert!(
        xml.contains("<key>Team</key><value>a &amp; b</value>"),
        "{xml}"
    );
    let duplicate = [
        ("Name", "one"),
        ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
    ];
    refused(
        client.ec2("RegisterImage", &duplicate).await,
        "InvalidAMIName.Duplicate",
    );

    let (_, xml) = client.ec2("DeregisterImage", &[("ImageId", &id)]).await;
    assert_eq!(element(&xml, "return"), "true");
    refused(
        client.ec2("DescribeImages", &[("ImageId.1", &id)]).await,
        "InvalidAMIID.NotFound",
    );
    let (_, snapshots) = client.ec2("DescribeSnapshots", &[]).await;
    assert!(snapshots.contains("snap-"), "snapshots stay: {snapshots}");
}

#[tokio::test]
async fn snapshots_go_with_the_image_if_asked_to() {
    let client = Client::manual();
    let id = registered(&client, "one").await;
    client
        .ec2(
            "DeregisterImage",
            &[("ImageId", &id), ("DeleteAssociatedSnapshots", "true")],
        )
        .await;
    let (_, snapshots) = client.ec2("DescribeSnapshots", &[]).await;
    assert!(!snapshots.contains("snap-"), "{snapshots}");
}

#[tokio::test]
async fn launch_permissions_make_an_image_visible_but_not_theirs() {
    let client = Client::manual();
    let consumer = client.as_account(CONSUMER);
    let id = registered(&client, "one").await;
    let described = async || consumer.ec2("DescribeImages", &[("ImageId.1", &id)]).await;
    refused(described().await, "InvalidAMIID.NotFound");
    let change = async |operation: &str| {
        let parameter = format!("LaunchPermission.{operation}.1.UserId");
        client
            .ec2(
                "ModifyImageAttribute",
                &[("ImageId", &id), (&parameter, CONSUMER)],
            )
            .await
    };
    assert_eq!(change("Add").await.0, 200);
    assert_eq!(described().await.0, 200);
    refused(
        consumer.ec2("DeregisterImage", &[("ImageId", &id)]).await,
        "AuthFailure",
    );
    let attribute = [("ImageId", id.as_str()), ("Attribute", "launchPermission")];
    let (_, xml) = client.ec2("DescribeImageAttribute", &attribute).await;
    assert_eq!(element(&xml, "userId"), CONSUMER);
    change("Remove").await;
    refused(described().await, "InvalidAMIID.NotFound");
}

#[tokio::test]
async fn filters_match_patterns_and_tags() {
    let client = Client::manual();
    let (one, two) = (
        registered(&client, "web-1").await,
        registered(&client, "db-1").await,
    );
    client
        .ec2(
            "CreateTags",
            &[
                ("ResourceId.1", &one),
                ("Tag.1.Key", "env"),
                ("Tag.1.Value", "prod"),
            ],
        )
        .await;
    let cases = [
        ("name", "web-*", true, false),
        ("tag:env", "prod", true, false),
        ("tag-key", "Team", true, true),
        ("is-public", "false", true, true),
        ("owner-id", BUILDER, true, true),
        ("architecture", "arm64", false, false),
        ("state", "available", true, true),
    ];
    for (name, value, has_one, has_two) in cases {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        let (_, xml) = client.ec2("DescribeImages", &filter).await;
        assert_eq!(
            (xml.contains(&one), xml.contains(&two)),
            (has_one, has_two),
            "{name}"
        );
    }
    let unknown = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")];
    refused(
        client.ec2("DescribeImages", &unknown).await,
        "InvalidParameterValue",
    );
}

#[tokio::test]
async fn tags_are_deleted_by_key_and_value() {
    let client = Client::manual();
    let id = registered(&client, "one").await;
    let tags = async || {
        let filter = [
            ("Filter.1.Name", "resource-id"),
            ("Filter.1.Value.1", id.as_str()),
        ];
        client.ec2("DescribeTags", &filter).await.1
    };
    let delete = async |value: &str| {
        let tag = [
            ("ResourceId.1", id.as_str()),
            ("Tag.1.Key", "Team"),
            ("Tag.1.Value", value),
        ];
        client.ec2("DeleteTags", &tag).await
    };
    delete("other").await;
    assert!(tags().await.contains("<key>Team</key>"));
    delete("a & b").await;
    assert!(!tags().await.contains("<key>Team</key>"));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let client = Client::manual();
    for number in 0..7 {
        registered(&client, &format!("web-{number}")).await;
    }
    let (_, first) = client
        .ec2(
            "DescribeImages",
            &[("Owner.1", "self"), ("MaxResults", "5")],
        )
        .await;
    let token = element(&first, "nextToken");
    let rest = [
        ("Owner.1", "self"),
        ("MaxResults", "5"),
        ("NextToken", token),
    ];
    let (_, second) = client.ec2("DescribeImages", &rest).await;
    let count = |xml: &str| xml.matches("<imageState>").count();
    assert_eq!((count(&first), count(&second)), (5, 2));
    assert!(!second.contains("nextToken"));
}

#[tokio::test]
async fn what_is_not_emulated_says_so_in_xml() {
    let client = Client::manual();
    let body = "Action=StartInstances&Version=2016-11-15".to_owned();
    let response = client.send("ec2", Method::POST, "/", body).await;
    assert_eq!(response.status(), 501);
    assert_eq!(
        response.headers()["x-amzn-errortype"],
        "NotEmulatedException"
    );
    let xml = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(element(&xml, "Code"), "NotEmulatedException");
}

#[tokio::test]
async fn seeds_set_platform_codes_and_devices() {
    let client = Client::manual();
    let seed = json!({"images": [{
        "id": "ami-0123456789abcdef0", "owner": "333333333333", "platform-details": "Windows",
        "usage-operation": "RunInstances:0002", "product-codes": ["abc123"],
        "devices": [{"name": "/dev/sda1", "size-gib": 30, "type": "gp2"}],
    }]});
    client.emulator.seed(&serde_json::from_value(seed).unwrap());
    let (_, xml) = client
        .ec2("DescribeImages", &[("ImageId.1", "ami-0123456789abcdef0")])
        .await;
    assert_eq!(element(&xml, "platform"), "windows");
    assert_eq!(element(&xml, "productCode"), "abc123");
    assert_eq!(element(&xml, "usageOperation"), "RunInstances:0002");
    assert_eq!(element(&xml, "rootDeviceName"), "/dev/sda1");
    let windows = client
        .recipe(
            "win",
            "1.0.0",
            json!({"parentImage": "ami-0123456789abcdef0"}),
        )
        .await
        .ok();
    let recipe = client
        .get(
            "GetImageRecipe",
            "imageRecipeArn",
            windows.text("/imageRecipeArn"),
        )
        .await
        .ok();
    assert_eq!(recipe.text("/imageRecipe/platform"), "Windows");
}
