//! Builds that fail, by themselves and by request.

use imagebuilder_emulator::{Options, Unknowns};
use serde_json::json;

use super::{ami_of, distributed, fail_in};
use crate::support::{BUILDER, CONSUMER, Client};

#[tokio::test]
async fn what_is_encrypted_with_the_default_key_cannot_be_shared() {
    let client = Client::manual();
    let distributions = json!([{"region": "us-east-1", "amiDistributionConfiguration": {
        "launchPermission": {"userIds": [CONSUMER]}}}]);
    let distribution = client.distribution("web", distributions).await.ok();
    let more =
        json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
    let default_key =
        json!({"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": true}}]});
    let pipeline = client.pipeline("web", default_key, more).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    let state = &client.image(&image).await["state"];
    assert_eq!(state["status"], "FAILED");
    assert_eq!(state["failureContext"]["imageStatus"], "DISTRIBUTING");
    let failures = &state["failureContext"]["distributionFailure"]["regionFailures"];
    assert_eq!(failures[0]["region"], "us-east-1");
}

#[tokio::test]
async fn a_base_image_that_is_gone_or_private_fails_the_build_early() {
    let client = Client::manual();
    let private = json!({"images": [
        {"id": "ami-0aaaaaaaaaaaaaaaa", "owner": "333333333333", "public": false},
        {"id": "ami-0bbbbbbbbbbbbbbbb", "owner": "333333333333", "public": false,
         "launch-permissions": [BUILDER]},
    ]});
    client
        .emulator
        .seed(&serde_json::from_value(private).unwrap());
    let bases = [
        ("gone", "ami-0cccccccccccccccc", "FAILED"),
        ("private", "ami-0aaaaaaaaaaaaaaaa", "FAILED"),
        ("shared", "ami-0bbbbbbbbbbbbbbbb", "AVAILABLE"),
    ];
    for (name, base, expected) in bases {
        let pipeline = client
            .pipeline(name, json!({"parentImage": base}), json!({}))
            .await;
        let image = client.start(&pipeline).await;
        client.advance(1200);
        let state = client.image(&image).await["state"].clone();
        assert_eq!(state["status"], expected, "{name}");
        if expected == "FAILED" {
            assert!(state["reason"].as_str().unwrap().contains(base));
            assert_eq!(state["failureContext"], json!({"imageStatus": "CREATING"}));
        }
    }
}

#[tokio::test]
async fn a_failed_test_leaves_an_ami_without_launch_permissions() {
    let client = Client::manual();
    client.emulator.add_faults([fail_in("TESTING")]);
    let image = distributed(&client).await;
    assert_eq!(image["state"]["status"], "FAILED");
    assert_eq!(
        image["state"]["failureContext"]["failedStep"],
        "ApplyTestComponents"
    );
    let ami = ami_of(&image, 0);
    let filter = [
        ("Filter.1.Name", "tag:Ec2ImageBuilderArn"),
        ("Filter.1.Value.1", image["arn"].as_str().unwrap()),
    ];
    let (_, found) = client.ec2("DescribeImages", &filter).await;
    assert!(found.contains(&ami), "{found}");
    let attribute = [("ImageId", ami.as_str()), ("Attribute", "launchPermission")];
    let (_, xml) = client.ec2("DescribeImageAttribute", &attribute).await;
    assert!(!xml.contains("userId"), "{xml}");
}

#[tokio::test]
async fn a_failure_by_request_happens_once_and_where_it_was_asked_for() {
    for (state, reason) in [
        ("BUILDING", "Workflow"),
        ("DISTRIBUTING", "Distribution"),
        ("INTEGRATING", "Integration"),
    ] {
        let client = Client::manual();
        client.emulator.add_faults([fail_in(state)]);
        let pipeline = client.pipeline("web", json!({}), json!({})).await;
        let first = client.start(&pipeline).await;
        client.advance(1200);
        let image = client.image(&first).await;
        assert_eq!(image["state"]["status"], "FAILED");
        assert_eq!(image["state"]["failureContext"]["imageStatus"], state);
        assert!(
            image["state"]["reason"]
                .as_str()
                .unwrap()
                .starts_with(reason)
        );
        assert_eq!(
            image["outputResources"]["amis"]
                .as_array()
                .unwrap()
                .is_empty(),
            state == "BUILDING"
        );
        let second = client.start(&pipeline).await;
        client.advance(1200);
        assert_eq!(client.status(&second).await, "AVAILABLE");
    }
}

#[tokio::test]
async fn a_failure_can_be_kept_to_one_recipe_and_without_context() {
    let client = Client::manual();
    let failure =
        json!({"fail-build": {"state": "TESTING", "recipe": "bad", "failure-context": false}});
    client
        .emulator
        .add_faults([serde_json::from_value(failure).unwrap()]);
    let good = client.pipeline("good", json!({}), json!({})).await;
    let bad = client.pipeline("Bad", json!({}), json!({})).await;
    let (good, bad) = (client.start(&good).await, client.start(&bad).await);
    client.advance(1200);
    assert_eq!(client.status(&good).await, "AVAILABLE");
    let state = client.image(&bad).await["state"].clone();
    assert_eq!(state["status"], "FAILED");
    assert_eq!(state.get("failureContext"), None);
}

#[tokio::test]
async fn whether_a_failed_image_lists_its_ami_is_a_setting() {
    let unknowns = Unknowns {
        amis_of_unfinished_images: false,
        ..Unknowns::default()
    };
    let manual = imagebuilder_emulator::Clock::Manual;
    let client = Client::new(Options {
        clock: manual,
        unknowns,
        ..Options::default()
    });
    client.emulator.add_faults([fail_in("TESTING")]);
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    assert_eq!(
        client.image(&image).await["outputResources"]["amis"],
        json!([])
    );
}
