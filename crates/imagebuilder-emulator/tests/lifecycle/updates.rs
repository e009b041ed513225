//! The state of an image, changed by hand.

use imagebuilder_emulator::{BuildFailure, Clock, Fault, Options, Quotas};
use serde_json::{Value, json};

use super::{BUILD, EXECUTION, ROLE, ami, built, executions, left, resources, status_of};
use crate::support::{CONSUMER, Client, Reply};

/// `StartResourceStateUpdate`; `more` is added to the request.
pub(super) async fn update(client: &Client, image: &str, status: &str, more: Value) -> Reply {
    let mut input = json!({"resourceArn": image, "state": {"status": status}});
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    client.put("StartResourceStateUpdate", input).await
}

pub(super) fn with_amis() -> Value {
    json!({"executionRole": ROLE, "includeResources": {"amis": true}})
}

pub(super) fn with_everything() -> Value {
    json!({"executionRole": ROLE, "includeResources": {"amis": true, "snapshots": true}})
}

pub(super) async fn image(client: &Client) -> String {
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    built(client, &pipeline).await
}

#[tokio::test]
async fn an_image_alone_changes_at_once_and_its_ami_not_at_all() {
    let client = Client::manual();
    let image = image(&client).await;
    let ami = ami(&client, &image, 0).await;
    for status in ["DEPRECATED", "DISABLED", "AVAILABLE", "DISABLED"] {
        let reply = update(&client, &image, status, json!({})).await.ok();
        assert_eq!(reply.body, json!({"resourceArn": image}), "no execution");
        assert_eq!(client.status(&image).await, status);
    }
    let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami)]).await;
    assert!(xml.contains("<imageState>available</imageState>"), "{xml}");
    assert!(!xml.contains("deprecationTime"), "{xml}");
}

#[tokio::test]
async fn a_deprecation_and_its_undoing_take_the_ami_along() {
    let client = Client::manual();
    let image = image(&client).await;
    let ami = ami(&client, &image, 0).await;
    let reply = update(&client, &image, "DEPRECATED", with_amis())
        .await
        .ok();
    let id = reply.text("/lifecycleExecutionId").to_owned();
    assert_eq!(client.status(&image).await, "AVAILABLE", "asynchronous");
    let execution = client
        .get("GetLifecycleExecution", "lifecycleExecutionId", &id)
        .await
        .ok();
    assert_eq!(
        execution.text("/lifecycleExecution/state/status"),
        "IN_PROGRESS"
    );
    assert_eq!(
        execution
            .body
            .pointer("/lifecycleExecution/lifecyclePolicyArn"),
        None
    );
    client.advance(EXECUTION);
    assert_eq!(client.status(&image).await, "DEPRECATED");
    let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami)]).await;
    assert!(
        xml.contains("<deprecationTime>") && xml.contains("DeprecatedBy"),
        "{xml}"
    );
    let version = image.rsplit_once('/').unwrap().0;
    client
        .get("GetImage", "imageBuildVersionArn", version)
        .await
        .refused(404, "ResourceNotFoundException");

    update(&client, &image, "AVAILABLE", with_amis()).await.ok();
    client.advance(EXECUTION);
    let restored = client.image(&image).await;
    assert_eq!(restored["state"]["status"], "AVAILABLE");
    assert_eq!(restored["deprecationTime"], Value::Null);
    let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami)]).await;
    assert!(
        !xml.contains("deprecationTime") && !xml.contains("DeprecatedBy"),
        "{xml}"
    );
    let statuses: Vec<_> = executions(&client, &image)
        .await
        .iter()
        .map(|one| status_of(one).to_owned())
        .collect();
    assert_eq!(statuses, ["SUCCESS"; 2]);
}

#[tokio::test]
async fn disabling_takes_the_shares_away_for_good() {
    let client = Client::manual();
    let share = json!([
        {"region": "us-east-1", "amiDistributionConfiguration": {"launchPermission": {"userIds": [CONSUMER]}}},
    ]);
    let distribution = client.distribution("web", share).await.ok();
    let more =
        json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
    let pipeline = client.pipeline("web", json!({}), more).await;
    let image = built(&client, &pipeline).await;
    let ami = ami(&client, &image, 0).await;
    let consumer = client.as_account(CONSUMER);
    assert_eq!(
        consumer
            .ec2("DescribeImages", &[("ImageId.1", &ami)])
            .await
            .0,
        200
    );
    for (status, state) in [("DISABLED", "disabled"), ("AVAILABLE", "available")] {
        update(&client, &image, status, with_amis()).await.ok();
        client.advance(EXECUTION);
        assert_eq!(client.status(&image).await, status);
        let any = [("ImageId.1", ami.as_str()), ("IncludeDisabled", "true")];
        let (_, xml) = client.ec2("DescribeImages", &any).await;
        assert!(
            xml.contains(&format!("<imageState>{state}</imageState>")),
            "{xml}"
        );
        assert_eq!(
            consumer
                .ec2("DescribeImages", &[("ImageId.1", &ami)])
                .await
                .0,
            400,
            "not shared"
        );
    }
}

/// A build that fails after it made an AMI at home and a copy for another account abroad.
async fn failed_late(client: &Client) -> String {
    let copies = json!([
        {"region": "eu-west-1", "amiDistributionConfiguration": {"targetAccountIds": [CONSUMER]}},
    ]);
    let distribution = client.distribution("web", copies).await.ok();
    let more =
        json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
    let pipeline = client.pipeline("web", json!({}), more).await;
    let state = "INTEGRATING".to_owned();
    let failure = BuildFailure::next(state);
    client.emulator.add_faults([Fault::FailBuild(failure)]);
    built(client, &pipeline).await
}

/// Also if the image does not list what it left behind: the tag on the AMIs tells.
#[tokio::test]
async fn of_a_failed_build_nothing_is_left() {
    for listed in [true, false] {
        let mut options = Options {
            clock: Clock::Manual,
            ..Options::default()
        };
        options.unknowns.amis_of_unfinished_images = listed;
        let client = Client::new(options);
        let image = failed_late(&client).await;
        assert_eq!(client.status(&image).await, "FAILED");
        let abroad = client.as_account(CONSUMER).in_region("eu-west-1");
        assert_eq!((left(&client).await, left(&abroad).await), ((1, 1), (1, 1)));

        update(&client, &image, "DEPRECATED", json!({}))
            .await
            .refused(400, "InvalidRequestException");
        update(&client, &image, "DELETED", with_everything())
            .await
            .ok();
        client.advance(EXECUTION);
        let deleted = client.image(&image).await;
        assert_eq!(
            deleted["state"],
            json!({"status": "DELETED"}),
            "the failure's reason is history"
        );
        assert_eq!(
            (left(&client).await, left(&abroad).await),
            ((0, 0), (0, 0)),
            "nothing is left"
        );
        let again = update(&client, &image, "DELETED", with_everything()).await;
        again.refused(400, "InvalidRequestException");
        client
            .delete("DeleteImage", "imageBuildVersionArn", &image)
            .await
            .ok();
    }
}

#[tokio::test]
async fn of_a_cancelled_build_nothing_is_left() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(800);
    client
        .put(
            "CancelImageCreation",
            json!({"imageBuildVersionArn": image}),
        )
        .await
        .ok();
    client.advance(BUILD);
    assert_eq!(client.status(&image).await, "CANCELLED");
    assert_eq!(left(&client).await, (1, 1));
    update(&client, &image, "DELETED", with_everything())
        .await
        .ok();
    client.advance(EXECUTION);
    assert_eq!(left(&client).await, (0, 0));
}

#[tokio::test]
async fn without_snapshots_they_stay_and_what_is_gone_is_no_failure() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let (first, second) = (
        built(&client, &pipeline).await,
        built(&client, &pipeline).await,
    );
    client
        .ec2(
            "DeregisterImage",
            &[("ImageId", &ami(&client, &first, 0).await)],
        )
        .await;
    for image in [&first, &second] {
        update(&client, image, "DELETED", with_amis()).await.ok();
        client.advance(EXECUTION);
        assert_eq!(client.status(image).await, "DELETED");
    }
    assert_eq!(left(&client).await, (0, 2));
}

#[tokio::test]
async fn an_excluded_ami_keeps_its_image() {
    let client = Client::manual();
    let image = image(&client).await;
    let mut more = with_everything();
    more["exclusionRules"] = json!({"amis": {"regions": ["us-east-1"]}});
    update(&client, &image, "DELETED", more.clone()).await.ok();
    client.advance(EXECUTION);
    assert_eq!(
        (client.status(&image).await.as_str(), left(&client).await),
        ("AVAILABLE", (1, 1))
    );
    let execution = &executions(&client, &image).await[0];
    assert_eq!(
        status_of(&resources(&client, execution, None).await[0]),
        "SKIPPED"
    );
    assert_eq!(
        status_of(&resources(&client, execution, Some(&image)).await[0]),
        "SKIPPED"
    );
    more["includeResources"] = json!({"amis": true});
    update(&client, &image, "DISABLED", more).await.ok();
    client.advance(EXECUTION);
    assert_eq!(
        client.status(&image).await,
        "DISABLED",
        "whatever became of its AMIs"
    );
}

#[tokio::test]
async fn members_that_do_not_go_together_are_refused() {
    let client = Client::manual();
    let image = image(&client).await;
    let combination = "InvalidParameterCombinationException";
    for (status, more) in [
        ("DELETED", json!({})),
        ("DELETED", json!({"executionRole": ROLE})),
        ("DISABLED", json!({"includeResources": {"amis": true}})),
        ("DISABLED", json!({"executionRole": ROLE})),
        ("DISABLED", with_everything()),
        ("DISABLED", json!({"updateAt": 4_102_444_800_u64})),
        (
            "DELETED",
            json!({"executionRole": ROLE, "includeResources": {"amis": false}}),
        ),
        (
            "DELETED",
            json!({"executionRole": ROLE, "includeResources": {"snapshots": true}}),
        ),
        (
            "DELETED",
            json!({"executionRole": ROLE, "includeResources": {"amis": true, "containers": true}}),
        ),
    ] {
        let reply = update(&client, &image, status, more.clone()).await;
        assert_eq!(
            (reply.status, reply.error.as_str()),
            (400, combination),
            "{status} {more}"
        );
    }
    let past = json!({"updateAt": 946_684_800});
    update(&client, &image, "DEPRECATED", past)
        .await
        .refused(400, "InvalidParameterValueException");
    update(&client, &image, "AVAILABLE", json!({}))
        .await
        .refused(400, "InvalidRequestException");
    let missing = image.replace("1.0.0/1", "1.0.0/2");
    update(&client, &missing, "DISABLED", json!({}))
        .await
        .refused(404, "ResourceNotFoundException");
    assert_eq!(
        (client.status(&image).await.as_str(), left(&client).await),
        ("AVAILABLE", (1, 1))
    );
}

#[tokio::test]
async fn a_running_image_and_a_second_update_are_refused() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    update(&client, &image, "DELETED", with_everything())
        .await
        .refused(400, "ResourceInUseException");
    client.advance(BUILD);
    update(&client, &image, "DISABLED", with_amis()).await.ok();
    let second = update(&client, &image, "DELETED", with_everything()).await;
    second.refused(400, "ResourceInUseException");
    client.advance(EXECUTION);
    assert_eq!(client.status(&image).await, "DISABLED");
    update(&client, &image, "DELETED", with_everything())
        .await
        .ok();
}

#[tokio::test]
async fn only_so_many_updates_run_at_once() {
    let quotas = Quotas {
        concurrent_state_updates: 1,
        ..Quotas::default()
    };
    let client = Client::new(Options {
        clock: Clock::Manual,
        quotas,
        ..Options::default()
    });
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let (first, second) = (
        built(&client, &pipeline).await,
        built(&client, &pipeline).await,
    );
    update(&client, &first, "DISABLED", with_amis()).await.ok();
    let one_more = update(&client, &second, "DISABLED", with_amis()).await;
    one_more.refused(402, "ServiceQuotaExceededException");
    client.advance(EXECUTION);
    update(&client, &second, "DISABLED", with_amis()).await.ok();
}
