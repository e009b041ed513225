//! Components, recipes, the rule and the key policy: each change reaches its service with every input.

use goldsmith_aws::apply;
use goldsmith_domain::key_policy::Access;
use goldsmith_domain::observed::Rule;
use goldsmith_domain::plan::{
    Action, Configured, CreateComponent, CreatePipeline, CreateRecipe, PutKeyPolicy,
    RecipeComponent,
};
use goldsmith_domain::resources::{Distribution, Infrastructure};
use serde_json::json;

use super::pipelines::with_pipeline;
use crate::support::documents::{HARDEN, KEY, OTHER_AMI};
use crate::support::emulated::get;
use crate::support::inputs::{
    COMPONENT, DISTRIBUTION, FOREIGN, INFRASTRUCTURE, PIPELINE, RECIPE, component, distribution,
    foreign, infrastructure, pipeline, recipe, used,
};
use crate::support::{World, cloud, parsed, plan_of};

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
        has_target: None,
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
