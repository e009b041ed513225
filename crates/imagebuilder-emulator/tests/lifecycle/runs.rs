//! The daily runs of policies.

use imagebuilder_emulator::{BuildFailure, Fault};
use serde_json::{Value, json};

use super::{
    BUILD, DAY, EXECUTION, ami, built, created, executions, left, older_than, policy, resources,
    rule, status_of,
};
use crate::support::{CONSUMER, Client};

fn keep(count: u32) -> Value {
    rule("DELETE", json!({"type": "COUNT", "value": count}))
}

fn fail_tests() -> Fault {
    let state = "TESTING".to_owned();
    Fault::FailBuild(BuildFailure::next(state))
}

/// The statuses of images.
async fn statuses(client: &Client, images: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for image in images {
        found.push(client.status(image).await);
    }
    found
}

#[tokio::test]
async fn count_keeps_the_newest_of_each_version_and_deletes_the_failed() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let old = built(&client, &pipeline).await;
    let new = built(&client, &pipeline).await;
    client.emulator.add_faults([fail_tests()]);
    let failed = built(&client, &pipeline).await;
    assert_eq!(client.status(&failed).await, "FAILED");
    let recipe = client.recipe("web", "1.1.0", json!({})).await.ok();
    let other = json!({
        "imageRecipeArn": recipe.text("/imageRecipeArn"),
        "infrastructureConfigurationArn": client.infrastructure("other").await,
    });
    let other = client
        .put("CreateImage", other)
        .await
        .ok()
        .text("/imageBuildVersionArn")
        .to_owned();
    client.advance(BUILD);
    assert_eq!(left(&client).await, (4, 4));

    created(&client, policy("keep-one", keep(1))).await;
    client.advance(DAY + EXECUTION);
    let images = [old, new.clone(), failed, other.clone()];
    assert_eq!(
        statuses(&client, &images).await,
        ["DELETED", "AVAILABLE", "DELETED", "AVAILABLE"]
    );
    assert_eq!(left(&client).await, (2, 2), "AMIs and snapshots");
    let version = new.rsplit_once('/').unwrap().0;
    assert_eq!(client.image(version).await["arn"], new.as_str());
}

#[tokio::test]
async fn what_is_deleted_no_longer_resolves() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = built(&client, &pipeline).await;
    created(
        &client,
        policy("delete", rule("DELETE", older_than(1, "DAYS"))),
    )
    .await;
    client.advance(DAY + EXECUTION);
    assert_eq!(client.status(&image).await, "DELETED");
    let version = image.rsplit_once('/').unwrap().0;
    client
        .get("GetImage", "imageBuildVersionArn", version)
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn age_spares_the_young_and_retain_at_least_the_newest() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let mut images = Vec::new();
    for _ in 0..3 {
        images.push(built(&client, &pipeline).await);
    }
    let filter = json!({"type": "AGE", "value": 2, "unit": "DAYS", "retainAtLeast": 1});
    let arn = created(&client, policy("keep", rule("DELETE", filter))).await;
    client.advance(DAY + EXECUTION);
    assert_eq!(
        statuses(&client, &images).await,
        ["AVAILABLE"; 3],
        "a day old"
    );
    client.advance(DAY);
    assert_eq!(
        statuses(&client, &images).await,
        ["DELETED", "DELETED", "AVAILABLE"]
    );
    let found: Vec<_> = executions(&client, &arn).await;
    let impacted: Vec<_> = found
        .iter()
        .map(|one| &one["resourcesImpactedSummary"]["hasImpactedResources"])
        .collect();
    assert_eq!(impacted, [true, false], "newest first");
    assert_eq!(status_of(&found[1]), "SUCCESS");
    assert_eq!(
        resources(&client, &found[1], None).await,
        Vec::<Value>::new()
    );
}

/// "Failed or canceled images always qualify for deletion", and tags protect what would be kept.
#[tokio::test]
async fn a_failed_image_is_deleted_whatever_its_age_and_tags() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let good = built(&client, &pipeline).await;
    client.emulator.add_faults([fail_tests()]);
    let failed = built(&client, &pipeline).await;
    let path = format!("/tags/{}", crate::support::encoded(&failed));
    client
        .request(http::Method::POST, &path, &json!({"tags": {"keep": "yes"}}))
        .await
        .ok();
    let mut detail = rule("DELETE", older_than(1, "YEARS"));
    detail["exclusionRules"] = json!({"tagMap": {"keep": "yes"}});
    created(&client, policy("old", detail)).await;
    client.advance(DAY + EXECUTION);
    assert_eq!(
        statuses(&client, &[good, failed]).await,
        ["AVAILABLE", "DELETED"]
    );
    assert_eq!(left(&client).await, (1, 1));
}

#[tokio::test]
async fn one_action_a_day_from_deprecated_to_disabled_to_deleted() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = built(&client, &pipeline).await;
    let ami = ami(&client, &image, 0).await;
    let mut input = policy("progressive", Value::Null);
    let day = older_than(1, "DAYS");
    input["policyDetails"] = json!([
        rule("DELETE", day.clone()),
        rule("DISABLE", day.clone()),
        rule("DEPRECATE", day)
    ]);
    let arn = created(&client, input).await;
    client.advance(DAY + EXECUTION);
    let deprecated = client.image(&image).await;
    assert_eq!(deprecated["state"]["status"], "DEPRECATED");
    assert!(deprecated["deprecationTime"].is_number(), "{deprecated}");
    assert_eq!(
        deprecated["lifecycleExecutionId"],
        executions(&client, &arn).await[0]["lifecycleExecutionId"]
    );
    let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami)]).await;
    assert!(xml.contains("<deprecationTime>"), "{xml}");
    assert!(
        xml.contains("<key>DeprecatedBy</key><value>EC2 Image Builder</value>"),
        "{xml}"
    );
    client.advance(DAY);
    assert_eq!(client.status(&image).await, "DISABLED");
    let disabled = [("ImageId.1", ami.as_str()), ("IncludeDisabled", "true")];
    let (_, xml) = client.ec2("DescribeImages", &disabled).await;
    assert!(xml.contains("<imageState>disabled</imageState>"), "{xml}");
    assert!(!xml.contains("DeprecatedBy"), "{xml}");
    client.advance(DAY);
    assert_eq!(client.status(&image).await, "DELETED");
    assert_eq!(left(&client).await, (0, 0));
}

#[tokio::test]
async fn an_image_with_an_excluded_tag_is_skipped_and_said_to_be() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let pinned = built(&client, &pipeline).await;
    let path = format!("/tags/{}", crate::support::encoded(&pinned));
    client
        .request(http::Method::POST, &path, &json!({"tags": {"keep": "yes"}}))
        .await
        .ok();
    let old = built(&client, &pipeline).await;
    let newest = built(&client, &pipeline).await;
    let mut detail = keep(1);
    detail["exclusionRules"] = json!({"tagMap": {"keep": "yes"}});
    let arn = created(&client, policy("keep", detail)).await;
    client.advance(DAY + EXECUTION);
    let images = [pinned.clone(), old.clone(), newest];
    assert_eq!(
        statuses(&client, &images).await,
        ["AVAILABLE", "DELETED", "AVAILABLE"]
    );
    let execution = &executions(&client, &arn).await[0];
    let found = resources(&client, execution, None).await;
    let found: Vec<_> = found
        .iter()
        .map(|one| (one["resourceId"].as_str().unwrap(), status_of(one)))
        .collect();
    assert_eq!(
        found,
        [(old.as_str(), "SUCCESS"), (pinned.as_str(), "SKIPPED")]
    );
}

#[tokio::test]
async fn a_policy_deletes_copies_abroad_and_leaves_the_excluded_ones_behind() {
    let client = Client::manual();
    let copies = json!([
        {"region": "us-east-1", "amiDistributionConfiguration": {"launchPermission": {"userIds": [CONSUMER]}}},
        {"region": "eu-west-1", "amiDistributionConfiguration": {"targetAccountIds": [CONSUMER]}},
    ]);
    let distribution = client.distribution("web", copies).await.ok();
    let more =
        json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
    let pipeline = client.pipeline("web", json!({}), more).await;
    let image = built(&client, &pipeline).await;
    let (home, abroad) = (ami(&client, &image, 0).await, ami(&client, &image, 1).await);
    let mut detail = rule("DELETE", older_than(1, "DAYS"));
    detail["exclusionRules"] = json!({"amis": {"sharedAccounts": [CONSUMER]}});
    let arn = created(&client, policy("delete", detail)).await;
    client.advance(DAY + EXECUTION);
    assert_eq!(
        client.status(&image).await,
        "DELETED",
        "its AMI is no longer looked after"
    );
    let execution = &executions(&client, &arn).await[0];
    assert_eq!(status_of(execution), "SUCCESS");
    let found = resources(&client, execution, Some(&image)).await;
    assert_eq!(found[0]["resourceId"], home.as_str());
    assert_eq!(status_of(&found[0]), "SKIPPED");
    assert!(
        found[0]["state"]["reason"]
            .as_str()
            .unwrap()
            .contains("shared")
    );
    assert_eq!(found[1]["resourceId"], abroad.as_str());
    assert_eq!(
        (status_of(&found[1]), &found[1]["region"]),
        ("SUCCESS", &json!("eu-west-1"))
    );
    assert_eq!(found[1]["accountId"], CONSUMER);
    assert_eq!(status_of(&found[1]["snapshots"][0]), "SUCCESS");
    assert_eq!(left(&client).await, (1, 1));
    assert_eq!(
        left(&client.as_account(CONSUMER).in_region("eu-west-1")).await,
        (0, 0)
    );
    let none = resources(
        &client,
        execution,
        Some(&image.replace("1.0.0/1", "1.0.0/7")),
    )
    .await;
    assert_eq!(none, Vec::<Value>::new());
}

#[tokio::test]
async fn a_protected_ami_fails_the_execution_and_keeps_the_image() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = built(&client, &pipeline).await;
    let ami = ami(&client, &image, 0).await;
    let (status, _) = client
        .ec2("EnableImageDeregistrationProtection", &[("ImageId", &ami)])
        .await;
    assert_eq!(status, 200);
    let arn = created(
        &client,
        policy("delete", rule("DELETE", older_than(1, "DAYS"))),
    )
    .await;
    client.advance(DAY + EXECUTION);
    assert_eq!(client.status(&image).await, "AVAILABLE");
    let execution = &executions(&client, &arn).await[0];
    assert_eq!(status_of(execution), "FAILED");
    assert_eq!(
        status_of(&resources(&client, execution, Some(&image)).await[0]),
        "FAILED"
    );
    assert_eq!(left(&client).await, (1, 1));
}

#[tokio::test]
async fn a_cancelled_execution_keeps_what_it_did_and_does_no_more() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let images = [
        built(&client, &pipeline).await,
        built(&client, &pipeline).await,
    ];
    let arn = created(
        &client,
        policy("deprecate", rule("DEPRECATE", older_than(1, "DAYS"))),
    )
    .await;
    client.advance(DAY);
    assert_eq!(
        status_of(&executions(&client, &arn).await[0]),
        "IN_PROGRESS"
    );
    client.advance(6);
    assert_eq!(
        statuses(&client, &images).await,
        ["AVAILABLE", "DEPRECATED"],
        "newest first"
    );
    let id =
        json!({"lifecycleExecutionId": executions(&client, &arn).await[0]["lifecycleExecutionId"]});
    client
        .put("CancelLifecycleExecution", id.clone())
        .await
        .ok();
    assert_eq!(status_of(&executions(&client, &arn).await[0]), "CANCELLING");
    client.advance(EXECUTION);
    let execution = &executions(&client, &arn).await[0];
    assert_eq!(status_of(execution), "CANCELLED");
    assert!(execution["endTime"].is_number());
    assert_eq!(
        statuses(&client, &images).await,
        ["AVAILABLE", "DEPRECATED"]
    );
    let found = resources(&client, execution, None).await;
    assert_eq!(
        found.iter().map(status_of).collect::<Vec<_>>(),
        ["SUCCESS", "SKIPPED"]
    );
    client
        .put("CancelLifecycleExecution", id)
        .await
        .refused(400, "InvalidRequestException");
}

#[tokio::test]
async fn a_disabled_or_deleted_policy_stops_where_it_is() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let images = [
        built(&client, &pipeline).await,
        built(&client, &pipeline).await,
    ];
    let input = policy("deprecate", rule("DEPRECATE", older_than(1, "DAYS")));
    let arn = created(&client, input.clone()).await;
    client.advance(DAY + 6);
    let mut update = input;
    update.as_object_mut().unwrap().remove("name");
    update["lifecyclePolicyArn"] = arn.as_str().into();
    update["status"] = "DISABLED".into();
    client.put("UpdateLifecyclePolicy", update).await.ok();
    client.advance(3 * DAY);
    let found = executions(&client, &arn).await;
    assert_eq!(
        found.iter().map(status_of).collect::<Vec<_>>(),
        ["CANCELLED"]
    );
    assert_eq!(
        statuses(&client, &images).await,
        ["AVAILABLE", "DEPRECATED"]
    );
    client
        .delete("DeleteLifecyclePolicy", "lifecyclePolicyArn", &arn)
        .await
        .ok();
    let id = found[0]["lifecycleExecutionId"].as_str().unwrap();
    client
        .get("GetLifecycleExecution", "lifecycleExecutionId", id)
        .await
        .ok();
}

#[tokio::test]
async fn a_running_build_and_other_recipes_are_left_alone() {
    let client = Client::manual();
    let other = client.pipeline("database", json!({}), json!({})).await;
    let other = built(&client, &other).await;
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    created(&client, policy("delete", keep(1))).await;
    client.advance(DAY - BUILD - 60);
    let first = built(&client, &pipeline).await;
    let running = client.start(&pipeline).await;
    client.advance(60 + EXECUTION);
    assert_eq!(statuses(&client, &[other, first]).await, ["AVAILABLE"; 2]);
    assert_eq!(client.status(&running).await, "BUILDING");
}
