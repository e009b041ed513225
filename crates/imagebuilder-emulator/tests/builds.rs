//! Builds: states, AMIs, distribution, failures.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use imagebuilder_emulator::{BuildFailure, Fault, Options, Quotas, Unknowns};
use serde_json::{Value, json};
use support::{BASE, BUILDER, CONSUMER, Client};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/one";
const FAR_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/two";

fn encrypted_root() -> Value {
    json!({
        "blockDeviceMappings": [
            {"deviceName": "/dev/xvda", "ebs": {"encrypted": true, "kmsKeyId": KEY, "volumeSize": 30}},
        ],
        "amiTags": {"Owner": "ccoe"},
    })
}

fn fail_in(state: &str) -> Fault {
    Fault::FailBuild(BuildFailure { state: state.to_owned(), recipe: None, times: 1, failure_context: true })
}

fn ami_of(image: &Value, index: usize) -> String {
    image["outputResources"]["amis"][index]["image"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_build_passes_every_state_when_its_time_has_come() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let mut seen = vec![client.status(&image).await];
    for seconds in [10, 50, 660, 300, 150, 30] {
        client.advance(seconds - 1);
        assert_eq!(client.status(&image).await, *seen.last().unwrap(), "too early");
        client.advance(1);
        seen.push(client.status(&image).await);
    }
    let expected = ["PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn events_name_seven_states_and_no_ami() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    let events = client.emulator.take_events();
    let states: Vec<_> = events.iter().map(|event| &event["detail"]["state"]["status"]).collect();
    assert_eq!(states, ["BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]);
    let last = events.last().unwrap();
    assert_eq!(last["source"], "aws.imagebuilder");
    assert_eq!(last["detail-type"], "EC2 Image Builder Image State Change");
    assert_eq!(last["resources"], json!([image]));
    assert_eq!(last["account"], BUILDER);
    assert_eq!(
        last["detail"],
        json!({"previous-state": {"status": "INTEGRATING"}, "state": {"status": "AVAILABLE"}})
    );
    assert!(!last.to_string().contains("ami-"));
}

#[tokio::test]
async fn without_tests_a_build_skips_testing() {
    let client = Client::manual();
    let no_tests = json!({"imageTestsConfiguration": {"imageTestsEnabled": false}});
    let pipeline = client.pipeline("plain", json!({}), no_tests).await;
    let image = client.start(&pipeline).await;
    client.advance(720);
    assert_eq!(client.status(&image).await, "DISTRIBUTING");
}

#[tokio::test]
async fn workflows_replace_the_defaults_and_with_them_the_test() {
    let client = Client::manual();
    let build_only = json!({
        "executionRole": "role",
        "workflows": [
            {"workflowArn": "arn:aws:imagebuilder:us-east-1:aws:workflow/build/build-image/1.0.0/1"},
        ],
    });
    let pipeline = client.pipeline("plain", json!({}), build_only).await;
    let image = client.start(&pipeline).await;
    client.advance(720);
    assert_eq!(client.status(&image).await, "DISTRIBUTING");
}

#[tokio::test]
async fn the_ami_overlays_the_base_image_and_is_tagged() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", encrypted_root(), json!({})).await;
    let arn = client.start(&pipeline).await;
    client.advance(1200);
    let image = client.image(&arn).await;
    let (status, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami_of(&image, 0))]).await;
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
    let (_, snapshots) = client.ec2("DescribeSnapshots", &[("Owner.1", "self")]).await;
    assert!(snapshots.contains(&format!("<kmsKeyId>{KEY}</kmsKeyId>")), "{snapshots}");
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

/// Shared at home, copied to a consumer abroad.
async fn distributed(client: &Client) -> Value {
    let name = "web-{{ imagebuilder:buildDate }}";
    let distributions = json!([
        {"region": "us-east-1", "amiDistributionConfiguration": {
            "name": name, "amiTags": {"Stage": "prod"}, "launchPermission": {"userIds": [CONSUMER]}}},
        {"region": "eu-west-1", "amiDistributionConfiguration": {
            "name": name, "kmsKeyId": FAR_KEY, "targetAccountIds": [CONSUMER]}},
    ]);
    let distribution = client.distribution("web", distributions).await.ok();
    let arn = distribution.text("/distributionConfigurationArn");
    let more = json!({"distributionConfigurationArn": arn});
    let pipeline = client.pipeline("web", encrypted_root(), more).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    client.image(&image).await
}

#[tokio::test]
async fn distribution_shares_tags_and_copies() {
    let client = Client::manual();
    let image = distributed(&client).await;
    let amis = image["outputResources"]["amis"].as_array().unwrap();
    let places: Vec<_> = amis.iter().map(|ami| (&ami["region"], &ami["accountId"])).collect();
    let expected = [(json!("us-east-1"), json!(BUILDER)), (json!("eu-west-1"), json!(CONSUMER))];
    assert_eq!(places, expected.iter().map(|(region, account)| (region, account)).collect::<Vec<_>>());
    assert!(amis[0]["name"].as_str().unwrap().starts_with("web-2"), "{amis:?}");

    let home = ami_of(&image, 0);
    let consumer = client.as_account(CONSUMER);
    let (status, xml) = consumer.ec2("DescribeImages", &[("ImageId.1", &home)]).await;
    assert_eq!(status, 200);
    assert!(!xml.contains("Stage"), "tags are the owner's: {xml}");
    let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &home)]).await;
    assert!(xml.contains("<key>Stage</key><value>prod</value>"));

    let abroad = consumer.in_region("eu-west-1");
    let (status, _) = abroad.ec2("DescribeImages", &[("ImageId.1", &ami_of(&image, 1))]).await;
    assert_eq!(status, 200);
    let (_, xml) = abroad.ec2("DescribeSnapshots", &[("Owner.1", "self")]).await;
    assert!(xml.contains(&format!("<kmsKeyId>{FAR_KEY}</kmsKeyId>")), "{xml}");
}

#[tokio::test]
async fn what_is_encrypted_with_the_default_key_cannot_be_shared() {
    let client = Client::manual();
    let distributions = json!([{"region": "us-east-1", "amiDistributionConfiguration": {
        "launchPermission": {"userIds": [CONSUMER]}}}]);
    let distribution = client.distribution("web", distributions).await.ok();
    let more = json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
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
    client.emulator.seed(&serde_json::from_value(private).unwrap());
    let bases = [
        ("gone", "ami-0cccccccccccccccc", "FAILED"),
        ("private", "ami-0aaaaaaaaaaaaaaaa", "FAILED"),
        ("shared", "ami-0bbbbbbbbbbbbbbbb", "AVAILABLE"),
    ];
    for (name, base, expected) in bases {
        let pipeline = client.pipeline(name, json!({"parentImage": base}), json!({})).await;
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
async fn a_failed_test_leaves_an_ami_that_nobody_may_launch() {
    let client = Client::manual();
    client.emulator.add_faults([fail_in("TESTING")]);
    let image = distributed(&client).await;
    assert_eq!(image["state"]["status"], "FAILED");
    assert_eq!(image["state"]["failureContext"]["failedStep"], "ApplyTestComponents");
    let ami = ami_of(&image, 0);
    let filter =
        [("Filter.1.Name", "tag:Ec2ImageBuilderArn"), ("Filter.1.Value.1", image["arn"].as_str().unwrap())];
    let (_, found) = client.ec2("DescribeImages", &filter).await;
    assert!(found.contains(&ami), "{found}");
    let attribute = [("ImageId", ami.as_str()), ("Attribute", "launchPermission")];
    let (_, xml) = client.ec2("DescribeImageAttribute", &attribute).await;
    assert!(!xml.contains("userId"), "{xml}");
}

#[tokio::test]
async fn a_failure_by_request_happens_once_and_where_it_was_asked_for() {
    for (state, reason) in
        [("BUILDING", "Workflow"), ("DISTRIBUTING", "Distribution"), ("INTEGRATING", "Integration")]
    {
        let client = Client::manual();
        client.emulator.add_faults([fail_in(state)]);
        let pipeline = client.pipeline("web", json!({}), json!({})).await;
        let first = client.start(&pipeline).await;
        client.advance(1200);
        let image = client.image(&first).await;
        assert_eq!(image["state"]["status"], "FAILED");
        assert_eq!(image["state"]["failureContext"]["imageStatus"], state);
        assert!(image["state"]["reason"].as_str().unwrap().starts_with(reason));
        assert_eq!(image["outputResources"]["amis"].as_array().unwrap().is_empty(), state == "BUILDING");
        let second = client.start(&pipeline).await;
        client.advance(1200);
        assert_eq!(client.status(&second).await, "AVAILABLE");
    }
}

#[tokio::test]
async fn a_failure_can_be_kept_to_one_recipe_and_without_context() {
    let client = Client::manual();
    let failure = json!({"fail-build": {"state": "TESTING", "recipe": "bad", "failure-context": false}});
    client.emulator.add_faults([serde_json::from_value(failure).unwrap()]);
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
    let unknowns = Unknowns { amis_of_unfinished_images: false, ..Unknowns::default() };
    let manual = imagebuilder_emulator::Clock::Manual;
    let client = Client::new(Options { clock: manual, unknowns, ..Options::default() });
    client.emulator.add_faults([fail_in("TESTING")]);
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    assert_eq!(client.image(&image).await["outputResources"]["amis"], json!([]));
}

#[tokio::test]
async fn a_cancelled_build_stops_a_little_later() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(800);
    let cancel = json!({"imageBuildVersionArn": image});
    client.put("CancelImageCreation", cancel.clone()).await.ok();
    assert_eq!(client.status(&image).await, "TESTING");
    client.advance(5);
    let stopped = client.image(&image).await;
    assert_eq!(stopped["state"], json!({"status": "CANCELLED"}));
    assert_eq!(stopped["outputResources"]["amis"].as_array().unwrap().len(), 1);
    client.put("CancelImageCreation", cancel).await.refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn an_image_keeps_the_configurations_it_started_with() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let infrastructure = client.image(&image).await["infrastructureConfiguration"]["arn"].clone();
    let update = json!({"infrastructureConfigurationArn": infrastructure, "instanceProfileName": "other"});
    client.put("UpdateInfrastructureConfiguration", update).await.ok();
    let kept = client.image(&image).await["infrastructureConfiguration"].clone();
    assert_eq!(kept["instanceProfileName"], "builder");
}

#[tokio::test]
async fn a_pipeline_remembers_its_last_run() {
    let client = Client::manual();
    let arn = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&arn).await;
    let pipeline = || async {
        let reply = client.get("GetImagePipeline", "imagePipelineArn", &arn).await.ok();
        reply.body["imagePipeline"].clone()
    };
    assert_eq!(pipeline().await["lastRunStatus"], "PENDING");
    client.advance(1200);
    assert_eq!(pipeline().await["lastRunStatus"], "AVAILABLE");
    assert_eq!(pipeline().await["dateLastRun"], client.image(&image).await["dateCreated"]);
    assert_eq!(client.image(&image).await["sourcePipelineArn"], json!(arn));
}

#[tokio::test]
async fn two_pipelines_of_a_recipe_share_its_build_numbers() {
    let client = Client::manual();
    let first = client.pipeline("web", json!({}), json!({})).await;
    let recipe = client.get("GetImagePipeline", "imagePipelineArn", &first).await.ok();
    let recipe = recipe.text("/imagePipeline/imageRecipeArn").to_owned();
    let second = json!({
        "name": "web two", "imageRecipeArn": recipe,
        "infrastructureConfigurationArn": client.infrastructure("two").await,
    });
    let second = client.put("CreateImagePipeline", second).await.ok();
    let second = second.text("/imagePipelineArn").to_owned();
    let (one, two) = (client.start(&first).await, client.start(&second).await);
    assert!(one.ends_with("image/web/1.0.0/1") && two.ends_with("image/web/1.0.0/2"), "{one} {two}");
    let of_second = client.list("ListImagePipelineImages", json!({"imagePipelineArn": second})).await.ok();
    assert_eq!(of_second.body["imageSummaryList"].as_array().unwrap().len(), 1);
    assert_eq!(of_second.text("/imageSummaryList/0/arn"), two);
}

#[tokio::test]
async fn a_deleted_build_s_number_is_not_given_again() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let delete = || client.delete("DeleteImage", "imageBuildVersionArn", &image);
    delete().await.refused(400, "ResourceDependencyException");
    client.advance(1200);
    delete().await.ok();
    delete().await.refused(404, "ResourceNotFoundException");
    assert!(client.start(&pipeline).await.ends_with("/1.0.0/2"));
}

#[tokio::test]
async fn a_version_stands_for_its_newest_available_build() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let version = "arn:aws:imagebuilder:us-east-1:111122223333:image/web/x.x.x";
    let get = || client.get("GetImage", "imageBuildVersionArn", version);
    let first = client.start(&pipeline).await;
    get().await.refused(404, "ResourceNotFoundException");
    client.advance(1200);
    client.start(&pipeline).await;
    assert_eq!(get().await.ok().text("/image/arn"), first);
}

#[tokio::test]
async fn an_image_can_be_the_parent_of_another() {
    let client = Client::manual();
    let parent = client.pipeline("parent", json!({}), json!({})).await;
    client.start(&parent).await;
    client.advance(1200);
    let reference = json!({"parentImage": "arn:aws:imagebuilder:us-east-1:111122223333:image/parent/x.x.x"});
    let child = client.pipeline("child", reference, json!({})).await;
    let image = client.start(&child).await;
    client.advance(1200);
    assert_eq!(client.status(&image).await, "AVAILABLE");
}

#[tokio::test]
async fn concurrent_builds_have_a_quota() {
    let quotas = Quotas { concurrent_builds: 1, ..Quotas::default() };
    let manual = imagebuilder_emulator::Clock::Manual;
    let client = Client::new(Options { clock: manual, quotas, ..Options::default() });
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    client.start(&pipeline).await;
    let again = || client.put("StartImagePipelineExecution", json!({"imagePipelineArn": pipeline}));
    again().await.refused(402, "ServiceQuotaExceededException");
    client.advance(1200);
    again().await.ok();
}

#[tokio::test]
async fn create_image_builds_without_a_pipeline() {
    let client = Client::manual();
    let recipe = client.recipe("web", "1.0.0", json!({"parentImage": BASE})).await.ok();
    let input = json!({
        "imageRecipeArn": recipe.text("/imageRecipeArn"),
        "infrastructureConfigurationArn": client.infrastructure("web").await,
        "tags": {"a": "b"},
    });
    let made = client.put("CreateImage", input).await.ok();
    client.advance(1200);
    let image = client.image(made.text("/imageBuildVersionArn")).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    assert_eq!(image["tags"], json!({"a": "b"}));
    assert_eq!(image.get("sourcePipelineArn"), None);
}
