//! What ends an AMI: deprecation, disabling, deregistration, and what stands in the way.

use std::collections::BTreeSet;

use imagebuilder_emulator::{Clock, Options};
use serde_json::json;

use super::{element, elements, ok, refused, registered, seed, seen, snapshot_of};
use crate::support::{BASE, BUILDER, CONSUMER, Client};

const DAY: u64 = 24 * 60 * 60;

/// A client at the beginning of 2026, on a clock that only the test moves.
fn in_2026() -> Client {
    let start = Some("2026-01-01T00:00:00Z".parse().unwrap());
    Client::new(Options {
        clock: Clock::Manual,
        start,
        ..Options::default()
    })
}

async fn share(client: &Client, id: &str, kind: &str, whom: &str) -> (u16, String) {
    let parameter = format!("LaunchPermission.Add.1.{kind}");
    client
        .ec2(
            "ModifyImageAttribute",
            &[("ImageId", id), (&parameter, whom)],
        )
        .await
}

async fn deprecate(client: &Client, id: &str, at: &str) -> (u16, String) {
    client
        .ec2(
            "EnableImageDeprecation",
            &[("ImageId", id), ("DeprecateAt", at)],
        )
        .await
}

#[tokio::test]
async fn a_deprecated_image_hides_from_others() {
    let client = in_2026();
    let consumer = client.as_account(CONSUMER);
    let id = registered(&client, "web").await;
    ok(share(&client, &id, "UserId", CONSUMER).await);
    ok(deprecate(&client, &id, "2026-01-02T00:00:29Z").await);
    let xml = ok(client.ec2("DescribeImages", &[("ImageId.1", &id)]).await);
    assert_eq!(
        element(&xml, "deprecationTime"),
        "2026-01-02T00:00:00.000Z",
        "to the nearest minute"
    );
    let of_builder = ("Owner.1", BUILDER);
    assert_eq!(seen(&consumer, &[of_builder]).await.len(), 1);
    client.advance(DAY);
    assert!(seen(&consumer, &[of_builder]).await.is_empty());
    assert_eq!(
        seen(&consumer, &[of_builder, ("IncludeDeprecated", "true")])
            .await
            .len(),
        1
    );
    assert_eq!(
        seen(&consumer, &[("ImageId.1", &id)]).await.len(),
        1,
        "its id is asked for"
    );
    assert_eq!(
        seen(&client, &[of_builder]).await.len(),
        1,
        "its owner sees it"
    );
    ok(client
        .ec2("DisableImageDeprecation", &[("ImageId", &id)])
        .await);
    assert_eq!(seen(&consumer, &[of_builder]).await.len(), 1);
}

#[tokio::test]
async fn deprecation_has_limits() {
    let client = in_2026();
    let id = registered(&client, "web").await;
    refused(
        deprecate(&client, &id, "2025-12-31T23:59:00Z").await,
        "InvalidParameterValue",
    );
    refused(
        deprecate(&client, &id, "2036-01-01T00:01:00Z").await,
        "InvalidParameterValue",
    );
    refused(
        deprecate(&client, &id, "soon").await,
        "InvalidParameterValue",
    );
    refused(
        deprecate(&client, BASE, "2027-01-01T00:00:00Z").await,
        "AuthFailure",
    );
    ok(deprecate(&client, &id, "2036-01-01T00:00:00Z").await);
    // A public image is deprecated after two years at the latest.
    ok(share(&client, &id, "Group", "all").await);
    let xml = ok(client.ec2("DescribeImages", &[("ImageId.1", &id)]).await);
    assert_eq!(element(&xml, "deprecationTime"), "2028-01-01T00:00:00.000Z");
    refused(
        deprecate(&client, &id, "2028-01-01T00:01:00Z").await,
        "InvalidParameterValue",
    );
    ok(deprecate(&client, &id, "2027-01-01T00:00:00Z").await);
    let cancel = client
        .ec2("DisableImageDeprecation", &[("ImageId", &id)])
        .await;
    refused(cancel, "OperationNotPermitted");
}

#[tokio::test]
async fn a_disabled_image_is_private_hidden_and_cannot_be_built_on() {
    let client = Client::manual();
    let consumer = client.as_account(CONSUMER);
    let id = registered(&client, "web").await;
    ok(share(&client, &id, "UserId", CONSUMER).await);
    refused(
        consumer.ec2("DisableImage", &[("ImageId", &id)]).await,
        "AuthFailure",
    );
    ok(client.ec2("DisableImage", &[("ImageId", &id)]).await);
    assert!(seen(&client, &[("Owner.1", "self")]).await.is_empty());
    let disabled = [("Owner.1", "self"), ("IncludeDisabled", "true")];
    let xml = ok(client.ec2("DescribeImages", &disabled).await);
    assert_eq!(element(&xml, "imageState"), "disabled");
    let filter = [
        &disabled[..],
        &[("Filter.1.Name", "state"), ("Filter.1.Value.1", "disabled")],
    ]
    .concat();
    assert_eq!(seen(&client, &filter).await.len(), 1);
    refused(
        share(&client, &id, "UserId", CONSUMER).await,
        "InvalidAMIID.Unavailable",
    );
    assert_eq!(built_on(&client, &id).await, "FAILED");
    ok(client.ec2("EnableImage", &[("ImageId", &id)]).await);
    assert_eq!(seen(&client, &[("Owner.1", "self")]).await, [id.as_str()]);
    refused(
        consumer.ec2("DescribeImages", &[("ImageId.1", &id)]).await,
        "InvalidAMIID.NotFound",
    );
}

/// How a build ends whose base is that AMI.
async fn built_on(client: &Client, base: &str) -> String {
    let recipe = client
        .recipe("built-on", "1.0.0", json!({"parentImage": base}))
        .await
        .ok();
    let input = json!({
        "imageRecipeArn": recipe.text("/imageRecipeArn"),
        "infrastructureConfigurationArn": client.infrastructure("built-on").await,
    });
    let image = client.put("CreateImage", input).await.ok();
    client.advance(3600);
    let arn = image.text("/imageBuildVersionArn");
    let image = client
        .get("GetImage", "imageBuildVersionArn", arn)
        .await
        .ok();
    image.text("/image/state/status").to_owned()
}

#[tokio::test]
async fn an_image_that_is_built_does_not_inherit_what_its_base_went_through() {
    let client = in_2026();
    let base = registered(&client, "base").await;
    ok(deprecate(&client, &base, "2026-06-01T00:00:00Z").await);
    ok(client
        .ec2("EnableImageDeregistrationProtection", &[("ImageId", &base)])
        .await);
    assert_eq!(built_on(&client, &base).await, "AVAILABLE");
    let filter = [
        ("Filter.1.Name", "source-image-id"),
        ("Filter.1.Value.1", base.as_str()),
    ];
    let xml = ok(client.ec2("DescribeImages", &filter).await);
    assert!(!xml.contains("deprecationTime"), "{xml}");
    assert_eq!(element(&xml, "deregistrationProtection"), "disabled");
}

#[tokio::test]
async fn protection_outlives_its_end_by_a_cooldown() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    let switch = async |action: &str, more: &[(&str, &str)]| {
        let xml = ok(client
            .ec2(action, &[&[("ImageId", id.as_str())], more].concat())
            .await);
        element(&xml, "return").to_owned()
    };
    let (on, off) = (
        "EnableImageDeregistrationProtection",
        "DisableImageDeregistrationProtection",
    );
    let deregister = async || client.ec2("DeregisterImage", &[("ImageId", &id)]).await;
    assert_eq!(switch(on, &[]).await, "enabled-without-cooldown");
    refused(deregister().await, "OperationNotPermitted");
    assert_eq!(
        switch(on, &[("WithCooldown", "true")]).await,
        "enabled-with-cooldown"
    );
    assert_eq!(switch(off, &[]).await, "disabled");
    client.advance(DAY - 1);
    refused(deregister().await, "OperationNotPermitted");
    client.advance(1);
    ok(deregister().await);
}

#[tokio::test]
async fn protection_without_cooldown_ends_at_once() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    ok(client
        .ec2("EnableImageDeregistrationProtection", &[("ImageId", &id)])
        .await);
    ok(client
        .ec2("DisableImageDeregistrationProtection", &[("ImageId", &id)])
        .await);
    ok(client.ec2("DeregisterImage", &[("ImageId", &id)]).await);
}

#[tokio::test]
async fn a_snapshot_of_two_images_survives_the_first() {
    let client = Client::manual();
    let first = registered(&client, "first").await;
    let shared = snapshot_of(&client, &first).await;
    let second = [
        ("Name", "second"),
        ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
        ("BlockDeviceMapping.1.Ebs.SnapshotId", shared.as_str()),
        ("BlockDeviceMapping.2.DeviceName", "/dev/sdb"),
        ("BlockDeviceMapping.2.Ebs.VolumeSize", "1"),
    ];
    let second = element(&ok(client.ec2("RegisterImage", &second).await), "imageId").to_owned();
    let deregister = async |id: &str| {
        let xml = ok(client
            .ec2(
                "DeregisterImage",
                &[("ImageId", id), ("DeleteAssociatedSnapshots", "true")],
            )
            .await);
        let codes = elements(&xml, "returnCode").into_iter().map(str::to_owned);
        let ids = elements(&xml, "snapshotId").into_iter().map(str::to_owned);
        ids.zip(codes).collect::<BTreeSet<_>>()
    };
    let results = deregister(&second).await;
    assert_eq!(results.len(), 2);
    assert!(
        results.contains(&(shared.clone(), "skipped".to_owned())),
        "{results:?}"
    );
    assert!(
        results
            .iter()
            .any(|(id, code)| *id != shared && code == "success"),
        "{results:?}"
    );
    assert_eq!(
        deregister(&first).await,
        BTreeSet::from([(shared, "success".to_owned())])
    );
}

#[tokio::test]
async fn the_last_launch_is_the_owner_s_to_know() {
    let client = Client::manual();
    let id = registered(&client, "web").await;
    ok(share(&client, &id, "UserId", CONSUMER).await);
    let attribute = async || {
        let parameters = [("ImageId", id.as_str()), ("Attribute", "lastLaunchedTime")];
        ok(client.ec2("DescribeImageAttribute", &parameters).await)
    };
    assert!(!attribute().await.contains("<value>"));
    seed(
        &client,
        json!({"launches": [{"image": id, "at": "2026-01-31T12:00:00Z"}]}),
    );
    assert_eq!(
        element(&attribute().await, "value"),
        "2026-01-31T12:00:00.000Z"
    );
    let own = ok(client.ec2("DescribeImages", &[("ImageId.1", &id)]).await);
    assert_eq!(
        element(&own, "lastLaunchedTime"),
        "2026-01-31T12:00:00.000Z"
    );
    let theirs = ok(client
        .as_account(CONSUMER)
        .ec2("DescribeImages", &[("ImageId.1", &id)])
        .await);
    assert!(!theirs.contains("lastLaunchedTime"), "{theirs}");
}
