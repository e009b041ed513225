//! What people have done in the console stays done.

use goldsmith_tests::{Documents, Factory, OTHER_BASE};
use serde_json::{Value, json};

#[tokio::test]
async fn a_pipeline_that_was_disabled_is_enabled_again_and_gets_its_patches() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;
    let pipeline = factory.recipe("110304").await.pipeline;
    factory
        .aws
        .disable_pipeline(&pipeline)
        .await
        .expect("a pipeline");
    let scheduled = factory.fire_schedule().await;
    assert!(
        scheduled.skipped[0].reason.contains("disabled"),
        "{scheduled:#?}"
    );

    let repaired = factory.reconcile().await.changes.remove(0);
    assert_eq!(
        (repaired.kind.as_str(), repaired.reason.as_str()),
        ("update-pipeline", "status: disabled, wanted enabled")
    );
    assert_eq!(factory.recipe("110304").await.pipeline.status, "ENABLED");
    let scheduled = factory.fire_schedule().await;
    assert_eq!(scheduled.recipes(), ["110304"], "{scheduled:#?}");
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_person_s_run_puts_right_what_its_plan_has_shown() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let pipeline = factory.recipe("110304").await.pipeline;
    factory
        .aws
        .set_instance_types(&pipeline.infrastructure_configuration_arn, &["c6i.large"])
        .await
        .expect("a configuration");
    let planned = factory.dry_run().await.changes;
    assert_eq!(planned.len(), 1, "{planned:#?}");

    let done = factory.reconcile().await.changes;

    assert_eq!(done, planned);
    assert_eq!(
        done[0].reason,
        "instance types: c6i.large, wanted m6i.large"
    );
    assert_eq!(factory.dry_run().await.changes, []);
    factory.assert_settled().await;
}

/// The configuration's description has still the digest that the documents want: only a close look sees the hand.
#[tokio::test]
async fn apply_puts_right_what_a_hand_has_changed_and_the_plan_is_empty_afterwards() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let pipeline = factory.recipe("110304").await.pipeline;
    factory
        .aws
        .set_instance_types(&pipeline.infrastructure_configuration_arn, &["c6i.large"])
        .await
        .expect("a configuration");
    let folder = documents.in_folder("by-hand-applied");
    let folder = folder.to_str().expect("UTF-8");

    let applied = factory.goldsmith(&["apply", folder, "--yes"]).await;

    let said = String::from_utf8_lossy(&applied.stdout);
    assert_eq!(applied.status.code(), Some(0), "{applied:?}");
    assert!(
        said.contains("update-infrastructure-configuration"),
        "{said}"
    );
    let planned = factory
        .goldsmith(&["plan", folder, "--format", "json"])
        .await;
    let review: Value = serde_json::from_slice(&planned.stdout).expect("JSON");
    assert_eq!(review["changes"], Value::Array(Vec::new()), "{review:#}");
    assert_eq!(planned.status.code(), Some(0), "{planned:?}");
    factory.assert_settled().await;
}

/// A component document of somebody's own.
const MOTD: &str = "name: motd
description: Writes the message of the day.
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Motd
        action: ExecuteBash
        inputs:
          commands: [echo hello >/etc/motd]
";

/// A pipeline that somebody has made without goldsmith, with all that belongs to it.
async fn made_by_hand(factory: &Factory) {
    let create = async |operation, input, member: &str| {
        let created = factory.aws.create_by_hand(operation, input, member).await;
        created.unwrap_or_else(|error| panic!("{operation}: {error}"))
    };
    let motd =
        json!({"name": "motd", "semanticVersion": "1.0.0", "platform": "Linux", "data": MOTD});
    let component = create("CreateComponent", motd, "componentBuildVersionArn").await;
    let recipe = json!({
        "name": "web", "semanticVersion": "2.1.0", "parentImage": OTHER_BASE,
        "components": [{"componentArn": component}],
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 30, "volumeType": "gp3"}}],
    });
    let recipe = create("CreateImageRecipe", recipe, "imageRecipeArn").await;
    let infrastructure = json!({
        "name": "web", "instanceProfileName": "web-profile", "instanceTypes": ["m6i.xlarge"],
        "resourceTags": {"CostCenter": "7"},
    });
    let infrastructure = create(
        "CreateInfrastructureConfiguration",
        infrastructure,
        "infrastructureConfigurationArn",
    );
    let infrastructure = infrastructure.await;
    let permission = json!({"userIds": ["333333333333"]});
    let distribution = json!({"name": "web", "distributions": [
        {"region": "us-east-1", "amiDistributionConfiguration": {"launchPermission": permission}},
    ]});
    let member = "distributionConfigurationArn";
    let distribution = create("CreateDistributionConfiguration", distribution, member).await;
    let pipeline = json!({
        "name": "web", "imageRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure,
        "distributionConfigurationArn": distribution,
        "schedule": {"scheduleExpression": "cron(0 6 ? * SUN *)"},
    });
    create("CreateImagePipeline", pipeline, "imagePipelineArn").await;
}

#[tokio::test]
async fn what_an_account_has_becomes_documents_and_what_goldsmith_has_made_does_not() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    made_by_hand(&factory).await;
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("imported");
    let into = into.to_str().expect("a path");
    let output = factory
        .goldsmith(&[
            "import",
            "--from-account",
            "--into",
            into,
            "--format",
            "json",
        ])
        .await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{errors}");
    assert!(
        errors.contains("that a stack of goldsmith has made"),
        "{errors}"
    );

    let read = |name: &str| {
        let text = std::fs::read_to_string(format!("{into}/{name}"));
        text.unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let versions: Value = serde_json::from_str(&read("ami-versions.json")).expect("JSON");
    assert_eq!(
        versions["ami-version"].as_array().map(Vec::len),
        Some(1),
        "{versions:#}"
    );
    assert_eq!(versions["ami-version"][0]["recipename"], "web");
    assert_eq!(versions["ami-version"][0]["aminame"], OTHER_BASE);
    let environment: Value = serde_json::from_str(&read("environment.json")).expect("JSON");
    assert_eq!(environment["instance-types"], json!(["m6i.xlarge"]));
    assert_eq!(environment["schedule"], "cron(0 6 ? * SUN *)");
    assert_eq!(environment["volumes"][0]["size-gib"], 30);
    assert_eq!(environment["tags"]["CostCenter"], "7");
    assert!(
        environment["consumers"]
            .to_string()
            .contains("333333333333"),
        "{environment:#}"
    );
    assert_eq!(read("components/motd.yml"), MOTD);
    let check = factory.goldsmith(&["check", into]).await;
    assert_eq!(check.status.code(), Some(0), "{check:?}");
    factory.assert_settled().await;
}
