//! AMIs as they are registered, described, filtered and changed.

use serde_json::json;

use super::{element, elements, ok, refused, registered, registered_with, seed, seen};
use crate::support::{BASE, CONSUMER, Client};

#[tokio::test]
async fn an_image_says_only_what_it_has() {
    let client = Client::manual();
    let plain = [
        ("Name", "plain"),
        ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
    ];
    let xml = ok(client.ec2("RegisterImage", &plain).await);
    let id = element(&xml, "imageId");
    let xml = ok(client.ec2("DescribeImages", &[("ImageId.1", id)]).await);
    for absent in [
        "tagSet",
        "productCodes",
        "bootMode",
        "tpmSupport",
        "imdsSupport",
        "sourceImageId",
        "platform",
    ] {
        assert!(!xml.contains(&format!("<{absent}>")), "{absent}: {xml}");
    }
    assert_eq!(element(&xml, "deregistrationProtection"), "disabled");
    assert_eq!(element(&xml, "imageState"), "available");
}

#[tokio::test]
async fn registration_keeps_the_given_attributes() {
    let client = Client::manual();
    let more = [
        ("BootMode", "uefi"),
        ("TpmSupport", "v2.0"),
        ("ImdsSupport", "v2.0"),
        ("EnaSupport", "true"),
        ("BlockDeviceMapping.2.DeviceName", "/dev/sdb"),
        ("BlockDeviceMapping.2.VirtualName", "ephemeral0"),
    ];
    let id = registered_with(&client, "web", &more).await;
    let xml = ok(client.ec2("DescribeImages", &[("ImageId.1", &id)]).await);
    assert_eq!(element(&xml, "bootMode"), "uefi");
    assert_eq!(element(&xml, "tpmSupport"), "v2.0");
    assert_eq!(element(&xml, "imdsSupport"), "v2.0");
    assert_eq!(element(&xml, "enaSupport"), "true");
    assert_eq!(element(&xml, "virtualName"), "ephemeral0");
}

#[tokio::test]
async fn a_registration_that_is_refused_leaves_nothing_behind() {
    let client = Client::manual();
    let device = ("BlockDeviceMapping.1.DeviceName", "/dev/xvda");
    let cases: [(&str, &[(&str, &str)]); 6] = [
        ("InvalidAMIName.Malformed", &[("Name", "ab"), device]),
        ("InvalidAMIName.Malformed", &[("Name", "what?"), device]),
        (
            "InvalidParameterValue",
            &[("Name", "web"), ("Architecture", "vax"), device],
        ),
        (
            "InvalidParameterValue",
            &[("Name", "web"), ("TpmSupport", "v1.2"), device],
        ),
        (
            "InvalidSnapshot.NotFound",
            &[
                ("Name", "web"),
                device,
                ("BlockDeviceMapping.2.DeviceName", "/dev/sdb"),
                (
                    "BlockDeviceMapping.2.Ebs.SnapshotId",
                    "snap-0123456789abcdef0",
                ),
            ],
        ),
        (
            "InvalidParameterValue",
            &[
                ("Name", "web"),
                device,
                ("TagSpecification.1.ResourceType", "snapshot"),
                ("TagSpecification.1.Tag.1.Key", "a"),
            ],
        ),
    ];
    for (code, parameters) in cases {
        refused(client.ec2("RegisterImage", parameters).await, code);
    }
    assert!(seen(&client, &[("Owner.1", "self")]).await.is_empty());
    let snapshots = ok(client
        .ec2("DescribeSnapshots", &[("Owner.1", "self")])
        .await);
    assert!(!snapshots.contains("snap-"), "{snapshots}");
    let paravirtual = [
        ("Name", "web"),
        device,
        ("VirtualizationType", "paravirtual"),
    ];
    assert_eq!(client.ec2("RegisterImage", &paravirtual).await.0, 501);
}

#[tokio::test]
async fn a_dry_run_meets_the_checks_and_has_no_effect() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    let dry = ("DryRun", "true");
    let device = ("BlockDeviceMapping.1.DeviceName", "/dev/xvda");
    let actions: [(&str, &[(&str, &str)]); 6] = [
        ("RegisterImage", &[("Name", "other"), device, dry]),
        ("DeregisterImage", &[("ImageId", &id), dry]),
        ("DisableImage", &[("ImageId", &id), dry]),
        (
            "CopyImage",
            &[
                ("Name", "copy"),
                ("SourceImageId", &id),
                ("SourceRegion", "us-east-1"),
                dry,
            ],
        ),
        ("DescribeImages", &[dry]),
        (
            "ModifyImageAttribute",
            &[("ImageId", &id), ("Description.Value", "new"), dry],
        ),
    ];
    let before = ok(client
        .ec2("DescribeImages", &[("IncludeDisabled", "true")])
        .await);
    for (action, parameters) in actions {
        let (status, xml) = client.ec2(action, parameters).await;
        assert_eq!(
            (status, element(&xml, "Code")),
            (412, "DryRunOperation"),
            "{action}: {xml}"
        );
    }
    let after = ok(client
        .ec2("DescribeImages", &[("IncludeDisabled", "true")])
        .await);
    let images = |xml: &str| xml.split_once("<imagesSet>").unwrap().1.to_owned();
    assert_eq!(images(&before), images(&after));
    refused(
        client
            .ec2("DeregisterImage", &[("ImageId", BASE), dry])
            .await,
        "AuthFailure",
    );
    refused(
        client
            .ec2("RegisterImage", &[("Name", "web"), device, dry])
            .await,
        "InvalidAMIName.Duplicate",
    );
}

#[tokio::test]
async fn filters_look_into_every_part_of_an_image() {
    let client = Client::manual();
    let id = registered_with(
        &client,
        "web",
        &[("BootMode", "uefi"), ("EnaSupport", "true")],
    )
    .await;
    let copy = [
        ("Name", "copy"),
        ("SourceImageId", BASE),
        ("SourceRegion", "us-east-1"),
    ];
    let copy = element(&ok(client.ec2("CopyImage", &copy).await), "imageId").to_owned();
    let snapshot = super::snapshot_of(&client, &id).await;
    let cases = [
        ("block-device-mapping.volume-size", "12", &id),
        ("block-device-mapping.volume-type", "gp2", &id),
        ("block-device-mapping.volume-type", "gp3", &copy),
        ("block-device-mapping.snapshot-id", snapshot.as_str(), &id),
        ("boot-mode", "uefi", &id),
        ("source-image-id", BASE, &copy),
        ("source-image-region", "us-*", &copy),
        ("manifest-location", "*/copy", &copy),
    ];
    for (name, value, expected) in cases {
        let filter = [
            ("Owner.1", "self"),
            ("Filter.1.Name", name),
            ("Filter.1.Value.1", value),
        ];
        assert_eq!(seen(&client, &filter).await, [expected.as_str()], "{name}");
    }
    let both = [
        ("Owner.1", "self"),
        (
            "Filter.1.Name",
            "block-device-mapping.delete-on-termination",
        ),
    ];
    let both = seen(
        &client,
        &[&both[..], &[("Filter.1.Value.1", "true")]].concat(),
    )
    .await;
    assert_eq!(both.len(), 2);
    let none = [("Filter.1.Name", "kernel-id"), ("Filter.1.Value.1", "*")];
    assert!(seen(&client, &none).await.is_empty());
    let allowed = [
        ("Filter.1.Name", "image-allowed"),
        ("Filter.1.Value.1", "true"),
    ];
    assert_eq!(client.ec2("DescribeImages", &allowed).await.0, 501);
}

#[tokio::test]
async fn an_unknown_filter_is_refused_even_where_nothing_is() {
    let client = Client::manual().in_region("eu-west-1");
    let filter = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")];
    for action in [
        "DescribeImages",
        "DescribeSnapshots",
        "DescribeTags",
        "DescribeRegions",
    ] {
        refused(client.ec2(action, &filter).await, "InvalidParameterValue");
    }
}

#[tokio::test]
async fn filters_have_limits() {
    let client = Client::manual();
    let values = |count: usize| {
        (1..=count)
            .map(|n| format!("Filter.1.Value.{n}"))
            .collect::<Vec<_>>()
    };
    let ask = async |count: usize| {
        let names = values(count);
        let mut parameters = vec![("Filter.1.Name", "image-id")];
        parameters.extend(names.iter().map(|name| (name.as_str(), BASE)));
        client.ec2("DescribeImages", &parameters).await
    };
    ok(ask(200).await);
    refused(ask(201).await, "FilterLimitExceeded");
}

#[tokio::test]
async fn one_attribute_is_modified_at_a_time() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    let modify = async |parameters: &[(&str, &str)]| {
        client
            .ec2(
                "ModifyImageAttribute",
                &[&[("ImageId", id.as_str())], parameters].concat(),
            )
            .await
    };
    let described = async |attribute: &str| {
        let parameters = [("ImageId", id.as_str()), ("Attribute", attribute)];
        ok(client.ec2("DescribeImageAttribute", &parameters).await)
    };
    assert!(!described("description").await.contains("<value>"));
    ok(modify(&[("Description.Value", "one")]).await);
    assert_eq!(element(&described("description").await, "value"), "one");
    ok(modify(&[("Attribute", "description"), ("Value", "two")]).await);
    assert_eq!(element(&described("description").await, "value"), "two");
    ok(modify(&[("ImdsSupport.Value", "v2.0")]).await);
    assert_eq!(element(&described("imdsSupport").await, "value"), "v2.0");
    refused(
        modify(&[("ImdsSupport.Value", "v1.0")]).await,
        "InvalidParameterValue",
    );
    refused(modify(&[]).await, "InvalidParameterCombination");
    let two = [
        ("Description.Value", "three"),
        ("LaunchPermission.Add.1.UserId", CONSUMER),
    ];
    refused(modify(&two).await, "InvalidParameterCombination");
    refused(
        modify(&[("Attribute", "kernel"), ("Value", "x")]).await,
        "InvalidParameterValue",
    );
    refused(
        modify(&[("ProductCode.1", "abc")]).await,
        "UnsupportedOperation",
    );
    let devices = [
        ("ImageId", id.as_str()),
        ("Attribute", "blockDeviceMapping"),
    ];
    refused(
        client.ec2("DescribeImageAttribute", &devices).await,
        "AuthFailure",
    );
}

#[tokio::test]
async fn attributes_are_the_owner_s() {
    let client = Client::manual();
    for action in ["DescribeImageAttribute", "ResetImageAttribute"] {
        let parameters = [("ImageId", BASE), ("Attribute", "launchPermission")];
        refused(client.ec2(action, &parameters).await, "AuthFailure");
    }
    let modification = [("ImageId", BASE), ("Description.Value", "mine")];
    refused(
        client.ec2("ModifyImageAttribute", &modification).await,
        "AuthFailure",
    );
}

#[tokio::test]
async fn regions_are_opted_in_to() {
    let client = Client::manual();
    seed(
        &client,
        json!({"accounts": [{"id": CONSUMER, "opted-in-regions": ["ap-east-1"]}]}),
    );
    let consumer = client.as_account(CONSUMER);
    let names = async |client: &Client, parameters: &[(&str, &str)]| {
        let xml = ok(client.ec2("DescribeRegions", parameters).await);
        elements(&xml, "regionName")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(!names(&client, &[]).await.contains(&"ap-east-1".to_owned()));
    assert!(
        names(&consumer, &[])
            .await
            .contains(&"ap-east-1".to_owned())
    );
    let not = [
        ("AllRegions", "true"),
        ("Filter.1.Name", "opt-in-status"),
        ("Filter.1.Value.1", "not-opted-in"),
    ];
    assert!(names(&client, &not).await.contains(&"ap-east-1".to_owned()));
    assert!(
        !names(&consumer, &not)
            .await
            .contains(&"ap-east-1".to_owned())
    );
    let xml = ok(client
        .ec2("DescribeRegions", &[("RegionName.1", "ap-east-1")])
        .await);
    assert_eq!(element(&xml, "optInStatus"), "not-opted-in");
    assert_eq!(
        element(&xml, "regionEndpoint"),
        "ec2.ap-east-1.amazonaws.com"
    );
    refused(
        client
            .ec2("DescribeRegions", &[("RegionName.1", "mars-1")])
            .await,
        "InvalidParameterValue",
    );
    assert_eq!(
        names(&client.in_region("cn-north-1"), &[]).await,
        ["cn-north-1", "cn-northwest-1"]
    );
}
