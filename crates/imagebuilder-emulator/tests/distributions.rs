//! What a distribution configuration does after the copies: launch templates, parameters, licenses,
//! fast launch; and parent images that a parameter names.

use imagebuilder_emulator::Seed;
use serde_json::{Value, json};

use crate::support::{BASE, BUILDER, CONSUMER, Client};

const TEMPLATE: &str = "lt-0a1b2c3d4e5f60718";

const FAR_TEMPLATE: &str = "lt-0f1e2d3c4b5a69788";

const NOWHERE: &str = "lt-00000000000000000";

fn client() -> Client {
    let client = Client::manual();
    let seed = json!({
        "images": [{"id": "ami-0feedfacefeedface", "platform-details": "Windows"}],
        "launch-templates": [
            {"id": TEMPLATE, "account": BUILDER, "region": "us-east-1"},
            {"id": FAR_TEMPLATE, "account": CONSUMER, "region": "eu-west-1"},
        ],
        "parameters": [{"name": "/base", "value": BASE, "account": BUILDER, "region": "us-east-1"}],
    });
    client
        .emulator
        .seed(&serde_json::from_value::<Seed>(seed).unwrap());
    client
}

/// A Region that keeps the AMI, and more.
fn home(more: &Value) -> Value {
    let mut entry = json!({"region": "us-east-1", "amiDistributionConfiguration": {}});
    entry
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    entry
}

/// A finished build with this distribution, recipe and pipeline.
async fn built(client: &Client, entries: Value, recipe: Value, mut more: Value) -> Value {
    let distribution = client.distribution("web", entries).await.ok();
    more["distributionConfigurationArn"] =
        distribution.text("/distributionConfigurationArn").into();
    let pipeline = client.pipeline("web", recipe, more).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    client.image(&image).await
}

/// The state of a build with this distribution alone.
async fn distributed(client: &Client, entries: Value) -> Value {
    built(client, entries, json!({}), json!({})).await
}

fn ami<'i>(image: &'i Value, region: &str) -> &'i Value {
    let amis = image["outputResources"]["amis"].as_array().unwrap();
    &amis.iter().find(|ami| ami["region"] == region).unwrap()["image"]
}

fn inside(client: &Client, pointer: &str) -> Value {
    let state: Value = serde_json::from_str(&client.emulator.state().unwrap()).unwrap();
    state["state"].pointer(pointer).cloned().unwrap_or_default()
}

fn failures(image: &Value) -> &Vec<Value> {
    assert_eq!(image["state"]["status"], "FAILED", "{image}");
    let context = &image["state"]["failureContext"];
    assert_eq!(context["imageStatus"], "INTEGRATING");
    context["distributionFailure"]["regionFailures"]
        .as_array()
        .unwrap()
}

#[tokio::test]
async fn launch_templates_get_a_version_with_the_ami_of_the_source() {
    let client = client();
    let far = json!({
        "region": "eu-west-1",
        "amiDistributionConfiguration": {"targetAccountIds": [CONSUMER]},
        "launchTemplateConfigurations": [
            {"launchTemplateId": FAR_TEMPLATE, "accountId": CONSUMER, "setDefaultVersion": false}],
    });
    let near = home(&json!({"launchTemplateConfigurations": [{"launchTemplateId": TEMPLATE}]}));
    let image = distributed(&client, json!([near, far])).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    let near = inside(&client, &format!("/ec2/templates/{TEMPLATE}"));
    assert_eq!(
        (&near["versions"][1], &near["default_version"]),
        (ami(&image, "us-east-1"), &json!(2))
    );
    let far = inside(&client, &format!("/ec2/templates/{FAR_TEMPLATE}"));
    assert_ne!(ami(&image, "eu-west-1"), ami(&image, "us-east-1"));
    assert_eq!(
        (&far["versions"][1], &far["default_version"]),
        (ami(&image, "us-east-1"), &json!(1)),
        "not the account's own copy (aws-samples, distribution/cross-account-amis/README.md)"
    );
}

#[tokio::test]
async fn a_launch_template_that_does_not_exist_fails_its_region_only() {
    let client = client();
    let wrong = json!({
        "region": "eu-west-1", "amiDistributionConfiguration": {},
        "launchTemplateConfigurations": [{"launchTemplateId": NOWHERE}],
    });
    let right = home(&json!({"launchTemplateConfigurations": [{"launchTemplateId": TEMPLATE}]}));
    let image = distributed(&client, json!([wrong, right])).await;
    let message = format!("EC2 Client Error: 'The launch-template ID '{NOWHERE}' does not exist'");
    assert_eq!(
        failures(&image)[..],
        [json!({
            "region": "eu-west-1", "status": "FAILED",
            "imageConfigurationStep": "UPDATE_LAUNCH_TEMPLATES", "errorMessage": message,
        })]
    );
    let shown = &image["state"]["failureContext"]["distributionFailure"]["errorMessage"];
    assert_eq!(*shown, format!("In region 'eu-west-1' - '{message}'"));
    let right = inside(&client, &format!("/ec2/templates/{TEMPLATE}/versions"));
    assert_eq!(
        right[1],
        *ami(&image, "us-east-1"),
        "the other Region was done"
    );
}

#[tokio::test]
async fn parameters_name_the_newest_ami() {
    let client = client();
    let parameters = json!({"ssmParameterConfigurations": [
        {"parameterName": "/imagebuilder/web", "dataType": "aws:ec2:image"}]});
    let image = distributed(&client, json!([home(&parameters)])).await;
    let written = inside(
        &client,
        &format!("/parameters/us-east-1/{BUILDER}/~1imagebuilder~1web"),
    );
    assert_eq!(written["value"], *ami(&image, "us-east-1"));
    assert_eq!(written["data_type"], "aws:ec2:image");
    let again = client
        .start("arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/web")
        .await;
    client.advance(1200);
    let again = client.image(&again).await;
    let written = inside(
        &client,
        &format!("/parameters/us-east-1/{BUILDER}/~1imagebuilder~1web"),
    );
    assert_eq!(
        (&written["value"], &written["version"]),
        (ami(&again, "us-east-1"), &json!(2))
    );
}

#[tokio::test]
async fn other_parameters_need_an_execution_role() {
    let entries = json!([home(
        &json!({"ssmParameterConfigurations": [{"parameterName": "/golden/web"}]})
    )]);
    let image = distributed(&client(), entries.clone()).await;
    let failure = &failures(&image)[0];
    assert_eq!(failure["imageConfigurationStep"], "PUT_SSM_PARAMETERS");
    assert!(
        failure["errorMessage"]
            .as_str()
            .unwrap()
            .contains("ssm:PutParameter")
    );
    let with_role = built(
        &client(),
        entries,
        json!({}),
        json!({"executionRole": "writer"}),
    )
    .await;
    assert_eq!(with_role["state"]["status"], "AVAILABLE");
}

#[tokio::test]
async fn fast_launch_is_for_windows() {
    let entries = json!([home(
        &json!({"fastLaunchConfigurations": [{"enabled": true}]})
    )]);
    let linux = distributed(&client(), entries.clone()).await;
    assert_eq!(
        failures(&linux)[0]["imageConfigurationStep"],
        "UPDATE_FAST_LAUNCH_CONFIGURATIONS"
    );
    let parent = json!({"parentImage": "ami-0feedfacefeedface"});
    let windows = built(&client(), entries, parent, json!({})).await;
    assert_eq!(windows["state"]["status"], "AVAILABLE");
}

#[tokio::test]
async fn members_are_kept_and_shown() {
    let client = client();
    let license = format!(
        "arn:aws:license-manager:us-east-1:{BUILDER}:license-configuration:lic-{}",
        "0".repeat(32)
    );
    let entry = home(&json!({
        "licenseConfigurationArns": [license],
        "launchTemplateConfigurations": [{"launchTemplateId": TEMPLATE, "setDefaultVersion": false}],
        "fastLaunchConfigurations": [
            {"enabled": false, "maxParallelLaunches": 7, "snapshotConfiguration": {"targetResourceCount": 2}}],
        "ssmParameterConfigurations": [{"parameterName": "/imagebuilder/a"}],
    }));
    let made = client.distribution("web", json!([entry])).await.ok();
    let arn = made.text("/distributionConfigurationArn");
    let shown = client
        .get(
            "GetDistributionConfiguration",
            "distributionConfigurationArn",
            arn,
        )
        .await
        .ok();
    assert_eq!(
        shown.body["distributionConfiguration"]["distributions"],
        json!([entry])
    );
}

#[tokio::test]
async fn what_a_region_can_get_has_limits() {
    let client = client();
    let templates = vec![json!({"launchTemplateId": TEMPLATE}); 6];
    let parameter = |index: usize| json!({"parameterName": format!("/imagebuilder/{index}")});
    let parameters: Vec<_> = (0..11).map(parameter).collect();
    let foreign = json!([{"parameterName": "/imagebuilder/a", "amiAccountId": CONSUMER}]);
    let export = json!({"roleName": "r", "diskImageFormat": "RAW", "s3Bucket": "b"});
    let cases = [
        (
            json!({"launchTemplateConfigurations": templates}),
            402,
            "ServiceQuotaExceededException",
        ),
        (
            json!({"ssmParameterConfigurations": parameters}),
            402,
            "ServiceQuotaExceededException",
        ),
        (
            json!({"ssmParameterConfigurations": foreign}),
            400,
            "InvalidParameterValueException",
        ),
        (
            json!({"s3ExportConfiguration": export}),
            501,
            "NotEmulatedException",
        ),
    ];
    for (more, status, error) in cases {
        client
            .distribution("web", json!([home(&more)]))
            .await
            .refused(status, error);
    }
    let only = json!({"region": "us-east-1", "launchTemplateConfigurations": [{"launchTemplateId": TEMPLATE}]});
    client.distribution("only", json!([only])).await.ok();
}

#[tokio::test]
async fn an_ami_with_watermarks_cannot_be_public() {
    let public = json!([{"region": "us-east-1", "amiDistributionConfiguration": {
        "launchPermission": {"userGroups": ["all"]}}}]);
    let marked = json!({"amiWatermarks": ["golden"]});
    let image = built(&client(), public.clone(), marked, json!({})).await;
    assert_eq!(image["state"]["status"], "FAILED");
    assert_eq!(
        image["state"]["failureContext"]["imageStatus"],
        "DISTRIBUTING"
    );
    assert_eq!(
        distributed(&client(), public).await["state"]["status"],
        "AVAILABLE"
    );
}

#[tokio::test]
async fn a_parent_in_a_parameter_is_resolved_by_each_build() {
    let client = client();
    let absent = json!({"parentImage": "ssm:/imagebuilder/later"});
    let pipeline = client.pipeline("web", absent, json!({})).await;
    let early = client.start(&pipeline).await;
    client.advance(1200);
    let state = client.image(&early).await["state"].clone();
    assert_eq!(
        (&state["status"], &state["failureContext"]),
        (&json!("FAILED"), &json!({"imageStatus": "CREATING"}))
    );
    let seed = json!({"parameters": [
        {"name": "/imagebuilder/later", "value": BASE, "account": BUILDER, "region": "us-east-1"}]});
    client
        .emulator
        .seed(&serde_json::from_value::<Seed>(seed).unwrap());
    let late = client.start(&pipeline).await;
    client.advance(1200);
    assert_eq!(client.status(&late).await, "AVAILABLE");
    let by_arn = format!("ssm:arn:aws:ssm:us-east-1:{BUILDER}:parameter/base");
    let pipeline = client
        .pipeline("by-arn", json!({"parentImage": by_arn}), json!({}))
        .await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    assert_eq!(client.status(&image).await, "AVAILABLE");
    client
        .recipe("bad", "1.0.0", json!({"parentImage": "ssm:"}))
        .await
        .refused(400, "InvalidParameterValueException");
    let product = json!({"parentImage": "prod-abcdefghijklm"});
    client
        .recipe("bad", "1.0.0", product)
        .await
        .refused(501, "NotEmulatedException");
}

#[tokio::test]
async fn a_new_value_of_the_parent_s_parameter_is_an_update() {
    let client = client();
    let schedule = json!({"schedule": {"scheduleExpression": "rate(1 hour)"}});
    let pipeline = client
        .pipeline("web", json!({"parentImage": "ssm:/base"}), schedule)
        .await;
    client.advance(4 * 3600);
    let count = async || {
        let input = json!({"imagePipelineArn": pipeline});
        let reply = client.list("ListImagePipelineImages", input).await.ok();
        reply.body["imageSummaryList"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 1);
    let seed = json!({"parameters": [
        {"name": "/base", "value": "ami-0a1b2c3d4e5f60718", "account": BUILDER, "region": "us-east-1"}]});
    client
        .emulator
        .seed(&serde_json::from_value::<Seed>(seed).unwrap());
    client.advance(4 * 3600);
    assert_eq!(count().await, 2);
}
