//! Each change reaches the service with every input, checked by the service's own view.

use goldsmith_aws::{Aws, apply, start_build};
use goldsmith_domain::key_policy::Access;
use goldsmith_domain::observed::{PipelineStatus, Rule, Sharing};
use goldsmith_domain::plan::{
    Action, Configured, CreateComponent, CreatePipeline, CreateRecipe, PutKeyPolicy,
    RecipeComponent, TagPipeline, UpdatePipeline,
};
use goldsmith_domain::resources::{Distribution, Infrastructure};
use serde_json::{Value, json};

use crate::support::documents::{FURTHER_KEY, HARDEN, KEY, OTHER_AMI};
use crate::support::emulated::{by_hand, get, list};
use crate::support::inputs::{
    COMPONENT, DISTRIBUTION, FOREIGN, INFRASTRUCTURE, PIPELINE, RECIPE, component, distribution,
    foreign, infrastructure, pipeline, recipe, start, tags, used,
};
use crate::support::{World, cloud, parsed, plan_of};

/// A world with a pipeline and all it needs.
async fn with_pipeline() -> World {
    let world = World::new();
    world
        .make(Action::CreateInfrastructure(infrastructure(
            "m6i.large",
            "a",
        )))
        .await;
    world
        .make(Action::CreateDistribution(distribution(
            "222222222222",
            "a",
        )))
        .await;
    world
        .make(Action::CreateRecipe(recipe(
            RECIPE,
            OTHER_AMI,
            vec![foreign()],
        )))
        .await;
    world.make(Action::CreatePipeline(pipeline())).await;
    world
}

#[tokio::test]
async fn a_component_arrives_whole() {
    let world = World::new();
    world.make(Action::CreateComponent(component())).await;
    let made = get(
        &world.emulator,
        "GetComponent",
        "componentBuildVersionArn",
        COMPONENT,
    )
    .await;
    assert_eq!(made["name"], "mstr-nonprod-harden");
    assert_eq!(made["version"], "1.0.4");
    assert_eq!(made["description"], "components/harden.yml");
    assert_eq!(
        (&made["platform"], &made["data"]),
        (&json!("Linux"), &json!(HARDEN))
    );
    assert_eq!(made["tags"], json!({"Owner": "ccoe"}));
}

fn check_infrastructure(found: &Value, instance_type: &str, digest: &str) {
    assert_eq!(found["instanceTypes"], json!([instance_type, "m5.large"]));
    assert_eq!(found["instanceProfileName"], "goldsmith-nonprod");
    assert_eq!(found["resourceTags"], json!({"Owner": instance_type}));
    let metadata = json!({"httpTokens": "required", "httpPutResponseHopLimit": 1});
    assert_eq!(found["instanceMetadataOptions"], metadata);
    assert_eq!(found["terminateInstanceOnFailure"], true);
    assert_eq!(found["description"], format!("goldsmith:digest={digest}"));
    assert_eq!(
        found["tags"],
        json!({"Owner": "a"}),
        "an update leaves the tags as they are"
    );
}

#[tokio::test]
async fn an_infrastructure_configuration_is_made_and_replaced() {
    let world = World::new();
    let (get_it, parameter) = (
        "GetInfrastructureConfiguration",
        "infrastructureConfigurationArn",
    );
    world
        .make(Action::CreateInfrastructure(infrastructure(
            "m6i.large",
            "a",
        )))
        .await;
    let made = get(&world.emulator, get_it, parameter, INFRASTRUCTURE).await;
    assert_eq!(made["name"], "mstr-nonprod");
    check_infrastructure(&made, "m6i.large", "a");

    world
        .make(Action::UpdateInfrastructure(infrastructure(
            "m7i.large",
            "b",
        )))
        .await;
    let updated = get(&world.emulator, get_it, parameter, INFRASTRUCTURE).await;
    check_infrastructure(&updated, "m7i.large", "b");
}

fn check_distribution(found: &Value, account: &str, digest: &str) {
    let ami = |key: Option<&str>| {
        let mut ami = json!({
            "name": "mstr-nonprod-110304 {{ imagebuilder:buildDate }}",
            "amiTags": {"Product": account},
            "launchPermission": {"userIds": [account]},
        });
        if let Some(key) = key {
            ami["kmsKeyId"] = key.into();
        }
        ami
    };
    let expected = json!([
        {"region": "eu-west-1", "amiDistributionConfiguration": ami(Some(FURTHER_KEY))},
        {"region": "us-east-1", "amiDistributionConfiguration": ami(None)},
    ]);
    assert_eq!(found["distributions"], expected);
    assert_eq!(found["description"], format!("goldsmith:digest={digest}"));
    assert_eq!(
        found["tags"],
        json!({"Owner": "a"}),
        "an update leaves the tags as they are"
    );
}

#[tokio::test]
async fn a_distribution_configuration_is_made_and_replaced() {
    let world = World::new();
    let (get_it, parameter) = (
        "GetDistributionConfiguration",
        "distributionConfigurationArn",
    );
    world
        .make(Action::CreateDistribution(distribution(
            "222222222222",
            "a",
        )))
        .await;
    let made = get(&world.emulator, get_it, parameter, DISTRIBUTION).await;
    assert_eq!(made["name"], "mstr-nonprod-110304");
    check_distribution(&made, "222222222222", "a");

    world
        .make(Action::UpdateDistribution(distribution(
            "333333333333",
            "b",
        )))
        .await;
    let updated = get(&world.emulator, get_it, parameter, DISTRIBUTION).await;
    check_distribution(&updated, "333333333333", "b");
}

#[tokio::test]
async fn nobody_to_share_with_is_no_launch_permission() {
    let world = World::new();
    let mut alone = distribution("222222222222", "a");
    alone
        .content
        .regions
        .values_mut()
        .for_each(|entry| entry.shared_with = Sharing::default());
    world.make(Action::CreateDistribution(alone)).await;
    let (get_it, parameter) = (
        "GetDistributionConfiguration",
        "distributionConfigurationArn",
    );
    let made = get(&world.emulator, get_it, parameter, DISTRIBUTION).await;
    let text = made.to_string();
    assert!(
        text.contains("amiTags") && !text.contains("launchPermission"),
        "{text}"
    );
}

#[tokio::test]
async fn a_recipe_arrives_with_its_devices_encrypted_and_its_components_in_order() {
    let world = World::new();
    world.make(Action::CreateComponent(component())).await;
    let components = vec![foreign(), used(RecipeComponent::Ours(parsed(COMPONENT)))];
    world
        .make(Action::CreateRecipe(recipe(RECIPE, OTHER_AMI, components)))
        .await;

    let made = get(&world.emulator, "GetImageRecipe", "imageRecipeArn", RECIPE).await;
    assert_eq!(
        (&made["name"], &made["version"]),
        (&json!("mstr-nonprod-110304"), &json!("1.0.2"))
    );
    assert_eq!(made["parentImage"], OTHER_AMI);
    let arns: Vec<_> = made["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["componentArn"])
        .collect();
    assert_eq!(arns, [&json!(FOREIGN), &json!(COMPONENT)]);
    let devices = json!([
        {"deviceName": "/dev/sda1", "ebs": {
            "encrypted": true, "kmsKeyId": KEY, "volumeSize": 30, "volumeType": "gp3",
            "deleteOnTermination": true,
        }},
        {"deviceName": "/dev/sdf", "ebs": {
            "encrypted": true, "kmsKeyId": KEY, "volumeSize": 20, "volumeType": "io2", "iops": 1000,
            "deleteOnTermination": true,
        }},
    ]);
    assert_eq!(made["blockDeviceMappings"], devices);
    let sent = &world.emulator.calls()[1].parameters;
    assert_eq!(sent["amiTags"], json!({"goldsmith:recipename": "110304"}));
    assert_eq!(made["tags"], json!({"goldsmith:digest": "abc"}));
}

#[tokio::test]
async fn a_pipeline_is_made_of_its_parts() {
    let world = with_pipeline().await;
    let made = get(
        &world.emulator,
        "GetImagePipeline",
        "imagePipelineArn",
        PIPELINE,
    )
    .await;
    assert_eq!(made["name"], "mstr-nonprod-110304");
    assert_eq!(made["description"], "MSTR 11.3.4");
    assert_eq!(made["imageRecipeArn"], RECIPE);
    assert_eq!(made["infrastructureConfigurationArn"], INFRASTRUCTURE);
    assert_eq!(made["distributionConfigurationArn"], DISTRIBUTION);
    assert_eq!(made["status"], "ENABLED");
    assert_eq!(
        made["tags"],
        json!({"goldsmith:environment": "nonprod", "Owner": "ccoe"})
    );
    assert!(
        made.get("schedule").is_none(),
        "only the rule starts builds: {made}"
    );
    assert!(
        made.get("workflows").is_none(),
        "workflows would replace the default ones: {made}"
    );
}

#[tokio::test]
async fn an_update_repoints_a_pipeline_and_keeps_its_status() {
    let world = with_pipeline().await;
    let next = RECIPE.replace("1.0.2", "1.0.3");
    world
        .make(Action::CreateRecipe(recipe(
            &next,
            OTHER_AMI,
            vec![foreign()],
        )))
        .await;
    for (status, expected) in [
        (PipelineStatus::Disabled, "DISABLED"),
        (PipelineStatus::Enabled, "ENABLED"),
    ] {
        let update = UpdatePipeline {
            arn: parsed(PIPELINE),
            description: Some(format!("as {expected}")),
            recipe: parsed(&next),
            infrastructure: INFRASTRUCTURE.to_owned(),
            distribution: DISTRIBUTION.to_owned(),
            status,
        };
        world.make(Action::UpdatePipeline(update)).await;
        let found = get(
            &world.emulator,
            "GetImagePipeline",
            "imagePipelineArn",
            PIPELINE,
        )
        .await;
        assert_eq!(
            (&found["status"], &found["imageRecipeArn"]),
            (&json!(expected), &json!(next))
        );
        assert_eq!(found["infrastructureConfigurationArn"], INFRASTRUCTURE);
        assert_eq!(found["distributionConfigurationArn"], DISTRIBUTION);
        assert_eq!(found["description"], format!("as {expected}"));
    }
}

#[tokio::test]
async fn tags_are_added_to_those_of_a_pipeline() {
    let world = with_pipeline().await;
    let tags = tags(&[("Owner", "other"), ("new", "tag")]);
    let change = TagPipeline {
        arn: parsed(PIPELINE),
        tags,
    };
    world.make(Action::TagPipeline(change)).await;
    let found = get(
        &world.emulator,
        "GetImagePipeline",
        "imagePipelineArn",
        PIPELINE,
    )
    .await;
    let expected = json!({"goldsmith:environment": "nonprod", "Owner": "other", "new": "tag"});
    assert_eq!(found["tags"], expected);
}

#[tokio::test]
async fn a_token_starts_one_build_and_the_image_has_its_tags() {
    let world = with_pipeline().await;
    let starter = |token: &'static str| {
        let aws: Aws = world.aws();
        async move { start_build(&aws, &start(token)).await.expect("a start") }
    };
    let image = starter("event-1").await;
    assert_eq!(
        image,
        format!("{}/1", RECIPE.replace("image-recipe", "image"))
    );
    assert_eq!(
        starter("event-1").await,
        image,
        "a repetition is the same build"
    );
    assert_ne!(starter("event-2").await, image);

    let sent = &world.emulator.calls()[4].parameters;
    assert_eq!(
        (&sent["clientToken"], &sent["imagePipelineArn"]),
        (&json!("event-1"), &json!(PIPELINE))
    );
    let built = get(&world.emulator, "GetImage", "imageBuildVersionArn", &image).await;
    assert_eq!(built["tags"], json!({"goldsmith:recipename": "110304"}));
    assert_eq!(built["sourcePipelineArn"], PIPELINE);
}

#[tokio::test]
async fn the_start_in_a_plan_is_the_same_start() {
    let world = with_pipeline().await;
    world.make(Action::StartBuild(start("first"))).await;
    world.make(Action::StartBuild(start("first"))).await;
    let version = RECIPE.replace("image-recipe", "image");
    let image = get(
        &world.emulator,
        "GetImage",
        "imageBuildVersionArn",
        &format!("{version}/1"),
    )
    .await;
    assert_eq!(image["state"]["status"], "PENDING");
    let builds = list(&world.emulator, "ListImageBuildVersions").await;
    assert_eq!(builds.len(), 1);
}

#[tokio::test]
async fn only_the_schedule_of_the_rule_changes() {
    let world = World::new();
    let before = world.cloud.rule();
    let member = |name: &str| before[name].as_str().map(str::to_owned);
    let rule = Rule {
        name: cloud::RULE.to_owned(),
        schedule: Some("rate(1 minute)".to_owned()),
        event_pattern: member("EventPattern"),
        description: member("Description"),
        state: member("State"),
        role_arn: member("RoleArn"),
    };
    world.make(Action::PutRule(rule)).await;
    let mut expected = before;
    expected["ScheduleExpression"] = "rate(1 minute)".into();
    assert_eq!(world.cloud.rule(), expected);
}

#[tokio::test]
async fn a_key_policy_is_replaced_if_it_is_the_one_that_was_planned_upon() {
    let put = |expected: &str| {
        Action::GrantKeyAccess(PutKeyPolicy {
            key: parsed(KEY),
            policy: r#"{"Statement":[]}"#.to_owned(),
            expected: expected.to_owned(),
            access: Access::default(),
        })
    };
    let world = World::new();
    world.make(put(cloud::KEY_POLICY)).await;
    assert_eq!(world.cloud.key_policy(), r#"{"Statement":[]}"#);

    world.cloud.set_key_policy("somebody else's");
    let applied = Box::pin(apply(&world.aws(), &plan_of(put(cloud::KEY_POLICY)))).await;
    assert!(applied.conflict && applied.changes.is_empty() && applied.not_attempted.len() == 1);
    assert_eq!(world.cloud.key_policy(), "somebody else's");
    assert!(
        world.cloud.output().is_empty(),
        "the lease was given back both times"
    );
}

/// A plan whose change names `arn`, and so is not borne out.
async fn not_borne_out(world: &World, change: Action, made: &str) {
    let applied = Box::pin(apply(&world.aws(), &plan_of(change))).await;
    assert!(
        applied.changes.is_empty() && !applied.conflict,
        "{applied:?}"
    );
    let reason = applied.failed[0].reason.as_deref().unwrap_or_default();
    assert!(
        reason.contains(&format!("it made {made}, and the plan named ")),
        "{reason}"
    );
}

#[tokio::test]
async fn an_arn_other_than_the_planned_one_fails() {
    let world = with_pipeline().await;
    let other = |arn: &str| arn.replace("mstr-nonprod", "mstr-prod");
    let component = CreateComponent {
        arn: parsed(&other(COMPONENT)),
        ..component()
    };
    not_borne_out(&world, Action::CreateComponent(component), COMPONENT).await;

    let content = Infrastructure {
        name: "other".to_owned(),
        ..infrastructure("m6i.large", "a").content
    };
    let configured = Configured {
        content,
        ..infrastructure("m6i.large", "a")
    };
    let made = INFRASTRUCTURE.replace("mstr-nonprod", "other");
    not_borne_out(&world, Action::CreateInfrastructure(configured), &made).await;

    let content = Distribution {
        name: "other".to_owned(),
        ..distribution("222222222222", "a").content
    };
    let configured = Configured {
        content,
        ..distribution("222222222222", "a")
    };
    let made = DISTRIBUTION.replace("mstr-nonprod-110304", "other");
    not_borne_out(&world, Action::CreateDistribution(configured), &made).await;

    let recipe = CreateRecipe {
        name: "other".to_owned(),
        ..recipe(RECIPE, OTHER_AMI, vec![foreign()])
    };
    let made = RECIPE.replace("mstr-nonprod-110304", "other");
    not_borne_out(&world, Action::CreateRecipe(recipe), &made).await;

    let pipeline = CreatePipeline {
        name: "other".to_owned(),
        ..pipeline()
    };
    let made = PIPELINE.replace("mstr-nonprod-110304", "other");
    not_borne_out(&world, Action::CreatePipeline(pipeline), &made).await;
}

#[tokio::test]
async fn a_pipeline_disabled_by_hand_stays_disabled_when_its_documents_change() {
    let world = World::settled().await;
    let arn = PIPELINE;
    let before = get(&world.emulator, "GetImagePipeline", "imagePipelineArn", arn).await;
    let by_console = json!({
        "imagePipelineArn": arn, "status": "DISABLED", "imageRecipeArn": before["imageRecipeArn"],
        "infrastructureConfigurationArn": before["infrastructureConfigurationArn"],
        "distributionConfigurationArn": before["distributionConfigurationArn"],
    });
    by_hand(&world.emulator, "UpdateImagePipeline", by_console).await;
    world.cloud.upload(
        "components/harden.yml",
        HARDEN.replace("hardened", "hardened more"),
    );
    world.settle().await;

    let after = get(&world.emulator, "GetImagePipeline", "imagePipelineArn", arn).await;
    assert_ne!(after["imageRecipeArn"], before["imageRecipeArn"]);
    assert_eq!(after["status"], "DISABLED");
}
