//! What documents say reaches Image Builder, field by field, and is not sent twice.

use serde_json::{Value, json};

use crate::support::documents::{AMI_VERSIONS, ENVIRONMENT, KEY};
use crate::support::emulated::{get, pipeline_at};
use crate::support::inputs::{DISTRIBUTION, INFRASTRUCTURE, PIPELINE};
use crate::support::{ACCOUNT, World, run};

const HARDEN: &str = "\
schemaVersion: 1.0
parameters:
  - Level: { type: string, allowedValues: [ Low, High ] }
phases:
  - name: build
    steps:
      - name: Harden
        action: ExecuteBash
        inputs: { commands: [ 'echo {{ Level }}' ] }
";

/// A component that comes with us, and that gets the output bucket's name.
const OPENSCAP: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../ami-versions/components/openscap.yml"
));

const INSTANCES: &str = r#""instances": {
    "instance-profile": "builders",
    "key-pair": "ops",
    "subnet": "subnet-29cb4f75",
    "security-groups": ["sg-6f18e222"],
    "metadata-options": { "tokens": "optional", "hop-limit": 2 },
    "log-bucket": { "name": "build-logs", "prefix": "mstr" },
    "keep-instance-on-failure": true
  },
  "compliance": {
    "stig": "medium", "scan": { "component": "components/openscap.yml", "parameters": { "Profile": "stig" } }
  },
  "ami-name": "MSTR {recipename} gold",
  "allowed-components": ["arn:aws:imagebuilder:us-east-1:aws:component/hello-world-linux/x.x.x"],
  "tags""#;

/// The sample with everything that a document may say.
fn environment() -> String {
    let hardened = r#"{ "component": "components/harden.yml", "parameters": { "Level": "High" } }"#;
    ENVIRONMENT
        .replace(r#""tags""#, INSTANCES)
        .replace(r#""components/harden.yml""#, hardened)
        .replace(
            r#""type": "gp3""#,
            r#""type": "gp3", "iops": 4000, "throughput": 250"#,
        )
}

const FULL_ENTRY: &str = r#""recipename": "110304", "platform": "Linux", "description": "MSTR 11.3.4",
      "tags": { "Team": "bi" },
      "components": ["arn:aws:imagebuilder:us-east-1:aws:component/hello-world-linux/x.x.x"]"#;

/// A settled world of these documents.
async fn world() -> World {
    let world = World::new();
    let subnet = json!({"id": "subnet-29cb4f75", "account": ACCOUNT, "public-ip": true});
    world
        .emulator
        .seed(&serde_json::from_value(json!({"subnets": [subnet]})).expect("a seed"));
    world.cloud.upload("components/harden.yml", HARDEN);
    world.cloud.upload("components/openscap.yml", OPENSCAP);
    world.cloud.upload("environment.json", environment());
    world.cloud.upload(
        "ami-versions.json",
        AMI_VERSIONS.replacen(r#""recipename": "110304""#, FULL_ENTRY, 1),
    );
    world.settle().await;
    world
}

async fn pipeline(world: &World) -> Value {
    pipeline_at(&world.emulator, PIPELINE).await
}

async fn recipe(world: &World) -> Value {
    let arn = pipeline(world).await["imageRecipeArn"]
        .as_str()
        .expect("a recipe")
        .to_owned();
    get(&world.emulator, "GetImageRecipe", "imageRecipeArn", &arn).await
}

#[tokio::test]
async fn instances_reach_the_infrastructure_configuration() {
    let (operation, parameter) = (
        "GetInfrastructureConfiguration",
        "infrastructureConfigurationArn",
    );
    let made = get(
        &world().await.emulator,
        operation,
        parameter,
        INFRASTRUCTURE,
    )
    .await;
    assert_eq!(made["instanceProfileName"], "builders");
    assert_eq!(made["keyPair"], "ops");
    assert_eq!(made["subnetId"], "subnet-29cb4f75");
    assert_eq!(made["securityGroupIds"], json!(["sg-6f18e222"]));
    let metadata = json!({"httpTokens": "optional", "httpPutResponseHopLimit": 2});
    assert_eq!(made["instanceMetadataOptions"], metadata);
    assert_eq!(
        made["logging"],
        json!({"s3Logs": {"s3BucketName": "build-logs", "s3KeyPrefix": "mstr"}})
    );
    assert_eq!(made["terminateInstanceOnFailure"], false);
}

#[tokio::test]
async fn components_reach_the_recipe_in_order_and_with_their_parameters() {
    let world = world().await;
    let recipe = recipe(&world).await;
    let shown = |used: &Value| {
        let arn = used["componentArn"]
            .as_str()
            .expect("an ARN")
            .split(":component/")
            .last();
        (
            arn.unwrap_or_default().to_owned(),
            used["parameters"].clone(),
        )
    };
    let used: Vec<_> = recipe["components"]
        .as_array()
        .expect("components")
        .iter()
        .map(shown)
        .collect();
    let parameter = |value: &str| json!([{"name": "Level", "value": [value]}]);
    let scan = json!([
        {"name": "GoldsmithResultsBucket", "value": [world.stack.output_bucket]},
        {"name": "Profile", "value": ["stig"]},
    ]);
    let expected = [
        ("update-linux/x.x.x", Value::Null),
        ("mstr-nonprod-harden/1.0.0/1", parameter("High")),
        ("hello-world-linux/x.x.x", Value::Null),
        ("stig-build-linux/x.x.x", parameter("Medium")),
        ("simple-boot-test-linux/x.x.x", Value::Null),
        ("mstr-nonprod-openscap/1.0.0/1", scan),
    ];
    assert_eq!(
        used,
        expected.map(|(arn, parameters)| (arn.to_owned(), parameters))
    );
}

#[tokio::test]
async fn iops_and_throughput_reach_the_recipe() {
    let ebs = &recipe(&world().await).await["blockDeviceMappings"][0]["ebs"];
    let expected = json!({
        "encrypted": true, "kmsKeyId": KEY, "volumeSize": 30, "volumeType": "gp3", "iops": 4000,
        "throughput": 250, "deleteOnTermination": true,
    });
    assert_eq!(*ebs, expected);
}

#[tokio::test]
async fn an_entrys_tags_and_the_ami_name_reach_pipeline_and_amis() {
    let world = world().await;
    let pipeline = pipeline(&world).await;
    assert_eq!(
        (&pipeline["tags"]["Team"], &pipeline["tags"]["Owner"]),
        (&json!("bi"), &json!("ccoe"))
    );
    let (operation, parameter) = (
        "GetDistributionConfiguration",
        "distributionConfigurationArn",
    );
    let made = get(&world.emulator, operation, parameter, DISTRIBUTION).await;
    for region in made["distributions"].as_array().expect("distributions") {
        let ami = &region["amiDistributionConfiguration"];
        assert_eq!(ami["name"], "MSTR 110304 gold {{ imagebuilder:buildDate }}");
        assert_eq!(ami["amiTags"]["Team"], "bi");
    }
    let other = get(
        &world.emulator,
        operation,
        parameter,
        &DISTRIBUTION.replace("110304", "110302"),
    )
    .await;
    assert!(
        !other.to_string().contains("Team"),
        "another entry's: {other}"
    );
}

/// The kinds of changes that a run makes.
async fn changes(world: &World) -> Vec<String> {
    let outcome = run::reconcile(&world.aws()).await.expect("a run");
    outcome
        .changes
        .into_iter()
        .map(|entry| entry.kind)
        .collect()
}

#[tokio::test]
async fn a_description_is_set_changed_and_taken_away_without_a_build() {
    let world = world().await;
    assert_eq!(pipeline(&world).await["description"], "MSTR 11.3.4");
    assert_eq!(
        changes(&world).await,
        [""; 0],
        "a second run changes nothing"
    );

    let full = AMI_VERSIONS.replacen(r#""recipename": "110304""#, FULL_ENTRY, 1);
    world.cloud.upload(
        "ami-versions.json",
        full.replace("MSTR 11.3.4", "The last of 11.3"),
    );
    assert_eq!(changes(&world).await, ["update-pipeline"]);
    assert_eq!(pipeline(&world).await["description"], "The last of 11.3");
    assert_eq!(changes(&world).await, [""; 0]);

    world.cloud.upload(
        "ami-versions.json",
        full.replace(r#""description": "MSTR 11.3.4","#, ""),
    );
    assert_eq!(changes(&world).await, ["update-pipeline"]);
    assert_eq!(pipeline(&world).await.get("description"), None);
    assert_eq!(changes(&world).await, [""; 0]);
}
