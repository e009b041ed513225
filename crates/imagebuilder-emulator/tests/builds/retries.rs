//! `RetryImage`: what can be retried, and what the second attempt leaves as it is.

use imagebuilder_emulator::{BuildFailure, Fault};
use serde_json::{Value, json};

use super::{ami_of, distributed, fail_in};
use crate::support::{CONSUMER, Client};

async fn retry(client: &Client, image: &Value) -> crate::support::Reply {
    client
        .put("RetryImage", json!({"imageBuildVersionArn": image["arn"]}))
        .await
}

async fn executions(client: &Client, image: &Value) -> Vec<(String, String, bool)> {
    let listed = client
        .list(
            "ListWorkflowExecutions",
            json!({"imageBuildVersionArn": image["arn"]}),
        )
        .await
        .ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let listed = listed.body["workflowExecutions"]
        .as_array()
        .unwrap()
        .clone();
    listed
        .iter()
        .map(|one| {
            (
                text(&one["type"]),
                text(&one["status"]),
                one["retried"] == true,
            )
        })
        .collect()
}

#[tokio::test]
async fn a_failed_test_runs_again_on_the_same_ami() {
    let client = Client::manual();
    client.emulator.add_faults([fail_in("TESTING")]);
    let failed = distributed(&client).await;
    assert_eq!(failed["state"]["status"], "FAILED");
    let before = ami_of(&failed, 0);
    retry(&client, &failed).await.ok();
    let arn = failed["arn"].as_str().unwrap();
    let running = client.image(arn).await;
    assert_eq!(running["state"], json!({"status": "TESTING"}));
    client.advance(300 + 180);
    let image = client.image(arn).await;
    assert_eq!(image["state"], json!({"status": "AVAILABLE"}));
    assert_eq!(ami_of(&image, 0), before);
    let expected = [
        ("BUILD", "COMPLETED", false),
        ("TEST", "ROLLBACK_COMPLETED", true),
        ("TEST", "COMPLETED", false),
    ];
    let seen = executions(&client, &image).await;
    let seen: Vec<_> = seen
        .iter()
        .map(|(kind, status, retried)| (kind.as_str(), status.as_str(), *retried))
        .collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_retried_distribution_copies_nothing_twice() {
    let client = Client::manual();
    client.emulator.add_faults([fail_in("DISTRIBUTING")]);
    let failed = distributed(&client).await;
    assert_eq!(
        failed["state"]["failureContext"]["imageStatus"],
        "DISTRIBUTING"
    );
    retry(&client, &failed).await.ok();
    let arn = failed["arn"].as_str().unwrap();
    client.advance(180);
    let image = client.image(arn).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    assert_eq!(
        image["outputResources"]["amis"].as_array().unwrap().len(),
        2
    );
    let consumer = client.as_account(CONSUMER).in_region("eu-west-1");
    let (_, xml) = consumer.ec2("DescribeImages", &[("Owner.1", "self")]).await;
    assert_eq!(xml.matches("<imageId>").count(), 1, "{xml}");
}

#[tokio::test]
async fn what_was_shared_before_a_key_refused_stays_and_is_not_copied_again() {
    let client = Client::manual();
    let near = json!({"region": "us-east-1", "amiDistributionConfiguration": {
        "launchPermission": {"userIds": [CONSUMER]}}});
    let far = json!({"region": "eu-west-1", "amiDistributionConfiguration": {
        "launchPermission": {"userIds": [CONSUMER]}}});
    let distribution = client.distribution("web", json!([near, far])).await.ok();
    let more =
        json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
    let pipeline = client.pipeline("web", super::encrypted_root(), more).await;
    let arn = client.start(&pipeline).await;
    client.advance(1200);
    let image = client.image(&arn).await;
    let failures = &image["state"]["failureContext"]["distributionFailure"]["regionFailures"];
    let regions: Vec<_> = failures
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["region"])
        .collect();
    assert_eq!(
        regions,
        ["eu-west-1"],
        "the copy has the Region's default key"
    );
    let attribute = [
        ("ImageId", &*ami_of(&image, 0)),
        ("Attribute", "launchPermission"),
    ];
    let (_, xml) = client.ec2("DescribeImageAttribute", &attribute).await;
    assert!(xml.contains(CONSUMER), "{xml}");
    retry(&client, &image).await.ok();
    client.advance(180);
    let again = client.image(&arn).await;
    assert_eq!(again["state"]["status"], "FAILED");
    assert_eq!(again["outputResources"], image["outputResources"]);
}

#[tokio::test]
async fn only_tests_and_distributions_can_be_retried() {
    for state in ["BUILDING", "INTEGRATING"] {
        let client = Client::manual();
        client.emulator.add_faults([fail_in(state)]);
        let failed = distributed(&client).await;
        assert_eq!(failed["state"]["status"], "FAILED");
        retry(&client, &failed)
            .await
            .refused(400, "InvalidRequestException");
    }
    let client = Client::manual();
    let image = distributed(&client).await;
    retry(&client, &image)
        .await
        .refused(400, "InvalidRequestException");
    let gone = json!({"arn": image["arn"].as_str().unwrap().replace("/1.0.0/1", "/1.0.0/9")});
    retry(&client, &gone)
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_cancelled_test_can_be_retried_and_a_cancelled_build_cannot() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    for (seconds, status) in [(800, 200), (200, 400)] {
        let arn = client.start(&pipeline).await;
        client.advance(seconds);
        let input = json!({"imageBuildVersionArn": arn});
        client.put("CancelImageCreation", input.clone()).await.ok();
        client.advance(5);
        let image = client.image(&arn).await;
        assert_eq!(image["state"], json!({"status": "CANCELLED"}));
        let last = executions(&client, &image).await.pop().unwrap();
        assert_eq!(last.1, "CANCELLED");
        assert_eq!(client.put("RetryImage", input).await.status, status);
        client.advance(1200);
    }
}

#[tokio::test]
async fn one_region_of_three_fails_the_others_stand_and_a_retry_brings_it() {
    let client = Client::manual();
    let entry = |region: &str| json!({"region": region, "amiDistributionConfiguration": {}});
    let regions = ["us-east-1", "eu-west-1", "ap-south-1"].map(entry);
    let distribution = client.distribution("web", json!(regions)).await.ok();
    let more =
        json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
    let pipeline = client.pipeline("web", json!({}), more).await;
    let there = BuildFailure {
        region: Some("eu-west-1".to_owned()),
        ..BuildFailure::next("DISTRIBUTING")
    };
    client.emulator.add_faults([Fault::FailBuild(there)]);
    let arn = client.start(&pipeline).await;
    client.advance(1200);
    let failed = client.image(&arn).await;
    assert_eq!(failed["state"]["status"], "FAILED");
    let failures = &failed["state"]["failureContext"]["distributionFailure"]["regionFailures"];
    let missed: Vec<_> = failures
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| &failure["region"])
        .collect();
    assert_eq!(missed, ["eu-west-1"]);
    assert_eq!(regions_of(&failed), ["ap-south-1", "us-east-1"]);
    retry(&client, &failed).await.ok();
    client.advance(1200);
    let image = client.image(&arn).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    assert_eq!(regions_of(&image), ["ap-south-1", "eu-west-1", "us-east-1"]);
    assert!(
        regions_of(&failed)
            .iter()
            .all(|region| ami_in(&image, region) == ami_in(&failed, region))
    );
}

fn regions_of(image: &Value) -> Vec<String> {
    let amis = image["outputResources"]["amis"].as_array().unwrap();
    let mut regions: Vec<_> = amis
        .iter()
        .map(|ami| ami["region"].as_str().unwrap().to_owned())
        .collect();
    regions.sort();
    regions
}

fn ami_in<'i>(image: &'i Value, region: &str) -> &'i Value {
    let amis = image["outputResources"]["amis"].as_array().unwrap();
    &amis.iter().find(|ami| ami["region"] == region).unwrap()["image"]
}
