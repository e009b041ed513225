//! The AMIs that builds make and distribute.

use serde_json::json;

use super::{FAR_KEY, KEY, ami_of, distributed, encrypted_root};
use crate::support::{BUILDER, CONSUMER, Client};

#[tokio::test]
async fn the_ami_overlays_the_base_image_and_is_tagged() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", encrypted_root(), json!({})).await;
    let arn = client.start(&pipeline).await;
    client.advance(1200);
    let image = client.image(&arn).await;
    let (status, xml) = client
        .ec2("DescribeImages", &[("ImageId.1", &ami_of(&image, 0))])
        .await;
    assert_eq!(status, 200, "{xml}");
    for part in [
        "<deviceName>/dev/xvda</deviceName>",
        "<volumeSize>30</volumeSize>",
        "<volumeType>gp3</volumeType>",
        "<encrypted>true</encrypted>",
        "<key>CreatedBy</key><value>EC2 Image Builder</value>",
        &format!("<key>Ec2ImageBuilderArn</key><value>{arn}</value>"),
        "<key>Owner</key><value>ccoe</value>",
        &format!("<imageOwnerId>{BUILDER}</imageOwnerId>"),
    ] {
        assert!(xml.contains(part), "{part} is not in {xml}");
    }
    let (_, snapshots) = client
        .ec2("DescribeSnapshots", &[("Owner.1", "self")])
        .await;
    assert!(
        snapshots.contains(&format!("<kmsKeyId>{KEY}</kmsKeyId>")),
        "{snapshots}"
    );
}

#[tokio::test]
async fn a_data_volume_of_the_base_image_is_kept_or_left_out() {
    let client = Client::manual();
    let parent = json!({"parentImage": "ami-0a1b2c3d4e5f60718"});
    let without = json!({
        "parentImage": "ami-0a1b2c3d4e5f60718",
        "blockDeviceMappings": [
            {"deviceName": "/dev/sdf", "noDevice": ""},
            {"deviceName": "/dev/sdg", "ebs": {"volumeSize": 5, "volumeType": "gp2"}},
        ],
    });
    let mut devices = Vec::new();
    for (name, recipe) in [("kept", parent), ("left-out", without)] {
        let pipeline = client.pipeline(name, recipe, json!({})).await;
        let arn = client.start(&pipeline).await;
        client.advance(1200);
        let ami = ami_of(&client.image(&arn).await, 0);
        let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami)]).await;
        devices.push(
            ["/dev/sda1", "/dev/sdf", "/dev/sdg"]
                .map(|name| xml.contains(&format!("<deviceName>{name}</deviceName>"))),
        );
    }
    assert_eq!(devices, [[true, true, false], [true, false, true]]);
}

#[tokio::test]
async fn distribution_shares_tags_and_copies() {
    let client = Client::manual();
    let image = distributed(&client).await;
    let amis = image["outputResources"]["amis"].as_array().unwrap();
    let places: Vec<_> = amis
        .iter()
        .map(|ami| (&ami["region"], &ami["accountId"]))
        .collect();
    let expected = [
        (json!("us-east-1"), json!(BUILDER)),
        (json!("eu-west-1"), json!(CONSUMER)),
    ];
    assert_eq!(
        places,
        expected
            .iter()
            .map(|(region, account)| (region, account))
            .collect::<Vec<_>>()
    );
    assert!(
        amis[0]["name"].as_str().unwrap().starts_with("web-2"),
        "{amis:?}"
    );

    let home = ami_of(&image, 0);
    let consumer = client.as_account(CONSUMER);
    let (status, xml) = consumer
        .ec2("DescribeImages", &[("ImageId.1", &home)])
        .await;
    assert_eq!(status, 200);
    assert!(!xml.contains("Stage"), "tags are the owner's: {xml}");
    let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &home)]).await;
    assert!(xml.contains("<key>Stage</key><value>prod</value>"));

    let abroad = consumer.in_region("eu-west-1");
    let (status, _) = abroad
        .ec2("DescribeImages", &[("ImageId.1", &ami_of(&image, 1))])
        .await;
    assert_eq!(status, 200);
    let (_, xml) = abroad
        .ec2("DescribeSnapshots", &[("Owner.1", "self")])
        .await;
    assert!(
        xml.contains(&format!("<kmsKeyId>{FAR_KEY}</kmsKeyId>")),
        "{xml}"
    );
}
