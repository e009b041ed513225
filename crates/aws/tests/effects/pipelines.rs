//! Pipelines and their builds: each change reaches Image Builder with every input.

use goldsmith_aws::{Aws, pipelines, start_build};
use goldsmith_domain::observed::PipelineStatus;
use goldsmith_domain::plan::{Action, TagPipeline, UpdatePipeline};
use goldsmith_domain::scan::{HighestSeverity, ImageScan, ScanCondition};
use serde_json::{Value, json};

use crate::support::documents::{HARDEN, OTHER_AMI};
use crate::support::emulated::{by_hand, get, list, pipeline_at};
use crate::support::inputs::{
    DISTRIBUTION, INFRASTRUCTURE, PIPELINE, RECIPE, distribution, foreign, infrastructure,
    pipeline, recipe, start, tags,
};
use crate::support::{World, parsed};

/// A world with a pipeline and all it needs.
pub async fn with_pipeline() -> World {
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
async fn a_pipeline_is_made_of_its_parts() {
    let world = with_pipeline().await;
    let made = pipeline_at(&world.emulator, PIPELINE).await;
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
            scan: None,
            status,
        };
        world.make(Action::UpdatePipeline(update)).await;
        let found = pipeline_at(&world.emulator, PIPELINE).await;
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
async fn a_pipeline_scans_as_it_is_told_and_says_so() {
    let world = with_pipeline().await;
    let condition = |highest, only_with_fix| {
        Some(ImageScan::Ami(Some(ScanCondition {
            highest,
            only_with_fix,
        })))
    };
    let of_ami = |condition: Value| {
        let mut scanning =
            json!({"imageScanningEnabled": true, "imageScanningTypes": ["ON_DEMAND_AMI_CVE"]});
        if !condition.is_null() {
            scanning["scanResultCondition"] = condition;
        }
        scanning
    };
    let cases = [
        (
            Some(ImageScan::TestInstance),
            json!({"imageScanningEnabled": true, "imageScanningTypes": ["TEST_INSTANCE_CVE"]}),
        ),
        (Some(ImageScan::Ami(None)), of_ami(Value::Null)),
        (
            condition(HighestSeverity::Info, true),
            of_ami(json!({"maximumSeverityLabel": "INFORMATIONAL", "fixAvailable": true})),
        ),
        (
            condition(HighestSeverity::High, false),
            of_ami(json!({"maximumSeverityLabel": "HIGH", "fixAvailable": false})),
        ),
        (None, Value::Null),
    ];
    for (scan, expected) in cases {
        let update = UpdatePipeline {
            arn: parsed(PIPELINE),
            description: None,
            recipe: parsed(RECIPE),
            infrastructure: INFRASTRUCTURE.to_owned(),
            distribution: DISTRIBUTION.to_owned(),
            scan,
            status: PipelineStatus::Enabled,
        };
        world.make(Action::UpdatePipeline(update)).await;
        let found = pipeline_at(&world.emulator, PIPELINE).await;
        assert_eq!(found["imageScanningConfiguration"], expected, "{scan:?}");
        let seen = pipelines(&world.aws()).await.expect("the pipelines");
        let said = scan.map(|scan| scan.to_string());
        assert_eq!(seen[0].others.get("scans"), said.as_ref(), "{scan:?}");
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
    let found = pipeline_at(&world.emulator, PIPELINE).await;
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
async fn a_pipeline_disabled_by_hand_is_enabled_again() {
    let world = World::settled().await;
    let arn = PIPELINE;
    let before = pipeline_at(&world.emulator, arn).await;
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

    let after = pipeline_at(&world.emulator, arn).await;
    assert_ne!(after["imageRecipeArn"], before["imageRecipeArn"]);
    assert_eq!(after["status"], "ENABLED");
}
