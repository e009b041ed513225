//! Several workflows in a stage, and a distribution by a workflow.

use imagebuilder_emulator::{BuildFailure, Fault};
use serde_json::{Value, json};

use super::{LAUNCH, WAIT, created, document, each, executions, inner, managed, started, steps};
use crate::support::{CONSUMER, Client};

fn failing(state: &str, times: u64) -> Fault {
    Fault::FailBuild(BuildFailure {
        times,
        ..BuildFailure::next(state)
    })
}

/// Test workflows, each with a group and a failure rule.
async fn with_tests(client: &Client, rules: &[Value]) -> String {
    let flow = created(client, "flow", "TEST", &document(LAUNCH)).await;
    let mut workflows = vec![managed("build/build-image")];
    for rule in rules {
        let mut one = json!({"workflowArn": flow});
        one.as_object_mut()
            .unwrap()
            .extend(rule.as_object().unwrap().clone());
        workflows.push(one);
    }
    started(client, &workflows, json!({})).await
}

#[tokio::test]
async fn tests_run_one_after_the_other_and_a_group_side_by_side() {
    let client = Client::manual();
    let group = json!({"parallelGroup": "a"});
    let image = with_tests(&client, &[json!({}), group.clone(), group]).await;
    let mut seen = Vec::new();
    client.advance(60 + 660);
    for _ in 0..3 {
        seen.push(each(&executions(&client, &image).await[1..], "status"));
        client.advance(150);
    }
    let (pending, running, done) = ("PENDING", "RUNNING", "COMPLETED");
    assert_eq!(
        seen,
        [
            [running, pending, pending],
            [done, running, running],
            [done, done, done]
        ]
    );
    assert_eq!(executions(&client, &image).await[2]["parallelGroup"], "a");
}

#[tokio::test]
async fn at_most_five_of_a_group_run_at_once() {
    let client = Client::manual();
    let image = with_tests(&client, &vec![json!({"parallelGroup": "a"}); 7]).await;
    client.advance(60 + 660 + 1);
    let seen = each(&executions(&client, &image).await[1..], "status");
    assert_eq!(seen.iter().filter(|status| *status == "RUNNING").count(), 5);
    client.advance(300);
    assert_ne!(client.status(&image).await, "TESTING");
}

#[tokio::test]
async fn a_failed_test_aborts_or_lets_the_next_one_run() {
    for (rule, image_status, last) in [
        ("ABORT", "FAILED", "SKIPPED"),
        ("CONTINUE", "DISTRIBUTING", "COMPLETED"),
    ] {
        let client = Client::manual();
        client.emulator.add_faults([failing("TESTING", 1)]);
        let image = with_tests(&client, &[json!({"onFailure": rule}), json!({})]).await;
        client.advance(60 + 660 + 300 + 1);
        assert_eq!(client.status(&image).await, image_status);
        let ran = executions(&client, &image).await;
        assert_eq!(
            each(&ran[1..], "status"),
            ["ROLLBACK_COMPLETED", last],
            "{rule}"
        );
    }
}

/// A test that waits for somebody would keep the image TESTING for days.
#[tokio::test]
async fn a_test_that_aborts_cancels_what_runs_beside_it() {
    let client = Client::manual();
    let waits = created(&client, "Wait", "TEST", &document(WAIT)).await;
    let group = json!("a");
    let beside = |arn: Value| json!({"workflowArn": arn, "parallelGroup": group});
    client.emulator.add_faults([failing("TESTING", 1)]);
    let workflows = [
        managed("build/build-image"),
        beside(managed("test/test-image")["workflowArn"].clone()),
        beside(waits.into()),
    ];
    let image = started(&client, &workflows, json!({})).await;
    client.advance(60 + 660 + 300 + 10);
    assert_eq!(client.status(&image).await, "FAILED");
    let ran = executions(&client, &image).await;
    assert_eq!(
        each(&ran[1..], "status"),
        ["ROLLBACK_COMPLETED", "CANCELLED"]
    );
    assert_eq!(
        steps(&client, &ran[2]).await[0]["status"],
        "CANCELLED",
        "nobody is asked any more"
    );
}

/// The text was seen (aws-samples, workflows/packer-build/README.md).
#[tokio::test]
async fn a_build_workflow_must_put_out_the_image() {
    let client = Client::manual();
    let none = created(&client, "None", "BUILD", &document(WAIT)).await;
    let putting_out = |value: &str| {
        let steps = document(WAIT);
        format!("{steps}outputs:\n  - {{name: ImageId, value: {value}}}\n")
    };
    let approved = putting_out("$.stepOutputs.Approve.reason");
    let some = created(&client, "Some", "BUILD", &approved).await;
    let nowhere = putting_out("$.stepOutputs.Create.imageId");
    let nowhere = created(&client, "Nowhere", "BUILD", &nowhere).await;
    let test = created(&client, "Test", "TEST", &document(WAIT)).await;
    for (name, workflow, refusal) in [
        (
            "none",
            none,
            Some("Build workflow must have output named ImageId to build AMI."),
        ),
        (
            "nowhere",
            nowhere,
            Some(
                "The output ImageId of the build workflow is \"$.stepOutputs.Create.imageId\", expected an AMI id \
                 or a reference to one, such as $.stepOutputs.<step>.imageId.",
            ),
        ),
        ("some", some, None),
        ("test", test, None),
    ] {
        let more = json!({"executionRole": "role", "workflows": [{"workflowArn": workflow}]});
        let pipeline = client.pipeline(name, json!({}), more).await;
        let input = json!({"imagePipelineArn": pipeline});
        let reply = client.put("StartImagePipelineExecution", input).await;
        match refusal {
            Some(why) => assert_eq!(reply.refused(400, "InvalidParameterValueException"), why),
            None => drop(reply.ok()),
        }
    }
}

#[tokio::test]
async fn without_a_build_workflow_nothing_is_built() {
    let client = Client::manual();
    let image = started(&client, &[managed("test/test-image")], json!({})).await;
    client.advance(60);
    assert_eq!(client.status(&image).await, "TESTING");
    client.advance(300 + 180);
    let image = client.image(&image).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    assert_eq!(image["outputResources"]["amis"], json!([]));
}

/// Shares at home and copies abroad, by Amazon's distribution workflow.
async fn distributed(client: &Client) -> String {
    let distributions = json!([
        {"region": "us-east-1", "amiDistributionConfiguration": {"launchPermission": {"userIds": [CONSUMER]}}},
        {"region": "eu-west-1", "amiDistributionConfiguration": {"targetAccountIds": [CONSUMER]}},
    ]);
    let made = client.distribution("web", distributions).await.ok();
    let more = json!({"distributionConfigurationArn": made.text("/distributionConfigurationArn")});
    let workflows = [
        managed("build/build-image"),
        managed("distribution/distribute-image"),
    ];
    started(client, &workflows, more).await
}

#[tokio::test]
async fn a_distribution_workflow_passes_both_states_and_shows() {
    let client = Client::manual();
    let image = distributed(&client).await;
    client.advance(720);
    let mut seen = Vec::new();
    for seconds in [149, 1, 29, 1] {
        client.advance(seconds);
        seen.push(client.status(&image).await);
    }
    assert_eq!(
        seen,
        ["DISTRIBUTING", "INTEGRATING", "INTEGRATING", "AVAILABLE"]
    );
    let ran = executions(&client, &image).await;
    assert_eq!(each(&ran, "type"), ["BUILD", "DISTRIBUTION"]);
    let done = steps(&client, &ran[1]).await;
    let images = inner(&done[0]["outputs"])["distributedImages"].clone();
    let regions: Vec<_> = images
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["region"])
        .collect();
    assert_eq!(regions, ["us-east-1", "eu-west-1"]);
    assert_eq!(
        inner(&done[1]["inputs"]),
        json!({"distributedImages": images})
    );
    let home = images[0]["amiId"].as_str().unwrap();
    let (status, _) = client
        .as_account(CONSUMER)
        .ec2("DescribeImages", &[("ImageId.1", home)])
        .await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_failed_distribution_workflow_names_step_and_destination() {
    for (state, step, configuration) in [
        ("DISTRIBUTING", "DistributeImage", Value::Null),
        (
            "INTEGRATING",
            "ApplyImageConfigurations",
            json!("UPDATE_LAUNCH_TEMPLATES"),
        ),
    ] {
        let client = Client::manual();
        client.emulator.add_faults([failing(state, 1)]);
        let image = distributed(&client).await;
        client.advance(1200);
        let context = client.image(&image).await["state"]["failureContext"].clone();
        assert_eq!(
            (&context["imageStatus"], &context["failedStep"]),
            (&json!(state), &json!(step))
        );
        let failure = &context["distributionFailure"]["regionFailures"][0];
        assert_eq!(failure["imageConfigurationStep"], configuration);
        assert_eq!(
            each(&executions(&client, &image).await, "status"),
            ["COMPLETED", "FAILED"]
        );
    }
}

#[tokio::test]
async fn a_step_s_distributions_override_the_configuration() {
    let client = Client::manual();
    let data = "schemaVersion: 1.0
steps:
  - name: Copy
    action: DistributeImage
    inputs:
      distributions:
        - {region: ap-south-1, name: 'other {{ imagebuilder:buildDate }}', amiTags: {Release: approved}}
  - name: Share
    action: ModifyImageAttributes
    inputs:
      distributedImages.$: $.stepOutputs.Copy.distributedImages
      attributes:
        - {region: ap-south-1, launchPermission: {userIds: ['222222222222']}}
";
    let flow = created(&client, "flow", "DISTRIBUTION", data).await;
    let workflows = [managed("build/build-image"), json!({"workflowArn": flow})];
    let image = started(&client, &workflows, json!({})).await;
    client.advance(1200);
    let image = client.image(&image).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    let copy = &image["outputResources"]["amis"][1];
    assert_eq!(copy["region"], "ap-south-1");
    assert!(
        copy["name"].as_str().unwrap().starts_with("other 2"),
        "{copy}"
    );
    let consumer = client.as_account(CONSUMER).in_region("ap-south-1");
    let (status, _) = consumer
        .ec2(
            "DescribeImages",
            &[("ImageId.1", copy["image"].as_str().unwrap())],
        )
        .await;
    assert_eq!(status, 200);
}
