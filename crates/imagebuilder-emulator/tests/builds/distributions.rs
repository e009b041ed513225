//! `DistributeImage`: an AMI that is there goes where a configuration says.

use serde_json::{Value, json};

use super::{FAR_KEY, ami_of, encrypted_root, fail_in};
use crate::support::{BASE, BUILDER, CONSUMER, Client};

/// The configuration, made at its first use.
async fn far(client: &Client) -> String {
    let distributions = json!([{"region": "eu-west-1", "amiDistributionConfiguration": {
        "name": "web {{ imagebuilder:buildDate }}", "kmsKeyId": FAR_KEY, "amiTags": {"Stage": "prod"},
        "launchPermission": {"userIds": [CONSUMER]}}}]);
    client.distribution("far", distributions).await;
    format!(
        "arn:aws:imagebuilder:{}:{BUILDER}:distribution-configuration/far",
        client.region
    )
}

async fn built(client: &Client) -> Value {
    let pipeline = client.pipeline("Web", encrypted_root(), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    client.image(&image).await
}

async fn distribute(client: &Client, source: &str) -> crate::support::Reply {
    let input = json!({
        "sourceImage": source, "executionRole": "role", "tags": {"a": "b"},
        "distributionConfigurationArn": far(client).await,
    });
    client.put("DistributeImage", input).await
}

#[tokio::test]
async fn an_image_is_distributed_again_without_a_build() {
    let client = Client::manual();
    let source = built(&client).await;
    let version = "arn:aws:imagebuilder:us-east-1:111122223333:image/web/1.0.0";
    let made = distribute(&client, version).await.ok();
    let arn = made.text("/imageBuildVersionArn");
    assert_eq!(arn, format!("{version}/2"));
    client.emulator.take_events();
    client.advance(10 + 150 + 30);
    let image = client.image(arn).await;
    assert_eq!(image["state"], json!({"status": "AVAILABLE"}));
    assert_eq!(image["tags"], json!({"a": "b"}));
    assert_eq!(
        (
            image.get("imageRecipe"),
            image.get("infrastructureConfiguration")
        ),
        (None, None)
    );
    let amis = image["outputResources"]["amis"].as_array().unwrap();
    assert_eq!(amis.len(), 1);
    assert_eq!(
        (&amis[0]["region"], &amis[0]["accountId"]),
        (&json!("eu-west-1"), &json!(BUILDER))
    );
    let mut events = client.emulator.take_events();
    events.retain(|event| event["source"] == "aws.imagebuilder");
    let states: Vec<_> = events
        .iter()
        .map(|event| &event["detail"]["state"]["status"])
        .collect();
    assert_eq!(states, ["DISTRIBUTING", "INTEGRATING", "AVAILABLE"]);
    let (_, xml) = client
        .ec2("DescribeImages", &[("ImageId.1", &ami_of(&source, 0))])
        .await;
    assert!(
        xml.contains(source["arn"].as_str().unwrap()),
        "the source is still its image's: {xml}"
    );
    let copy = ami_of(&image, 0);
    let (code, _) = client
        .as_account(CONSUMER)
        .in_region("eu-west-1")
        .ec2("DescribeImages", &[("ImageId.1", &copy)])
        .await;
    assert_eq!(code, 200);
}

#[tokio::test]
async fn an_ami_gives_the_image_its_name() {
    let client = Client::manual();
    let source = built(&client).await;
    let ami = ami_of(&source, 0);
    let arn = distribute(&client, &ami)
        .await
        .ok()
        .text("/imageBuildVersionArn")
        .to_owned();
    assert!(
        arn.contains(":image/web-2") && arn.ends_with("/1.0.0/1"),
        "{arn}"
    );
    client.advance(190);
    let image = client.image(&arn).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    assert_eq!(image["name"], source["outputResources"]["amis"][0]["name"]);
}

#[tokio::test]
async fn a_source_must_be_there_and_available() {
    let client = Client::manual();
    distribute(&client, "ami-0cccccccccccccccc")
        .await
        .refused(404, "ResourceNotFoundException");
    distribute(&client, "nonsense")
        .await
        .refused(400, "InvalidParameterValueException");
    distribute(&client, "ssm:/some/parameter")
        .await
        .refused(404, "ResourceNotFoundException");
    client.emulator.add_faults([fail_in("TESTING")]);
    let failed = built(&client).await;
    let arn = failed["arn"].as_str().unwrap();
    distribute(&client, arn)
        .await
        .refused(404, "ResourceNotFoundException");
    let abroad = client.in_region("eu-west-1");
    distribute(&abroad, BASE)
        .await
        .refused(404, "ResourceNotFoundException");
    let roleless = json!({"sourceImage": BASE, "distributionConfigurationArn": far(&client).await});
    client
        .put("DistributeImage", roleless)
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn a_parameter_may_hold_the_ami() {
    let client = Client::manual();
    let seed = json!({"parameters": [{"name": "/golden/web", "account": BUILDER, "value": BASE}]});
    client.emulator.seed(&serde_json::from_value(seed).unwrap());
    for source in [
        "ssm:/golden/web",
        "ssm:arn:aws:ssm:us-east-1:111122223333:parameter/golden/web",
    ] {
        let arn = distribute(&client, source)
            .await
            .ok()
            .text("/imageBuildVersionArn")
            .to_owned();
        client.advance(190);
        let image = client.image(&arn).await;
        assert_eq!(image["state"]["status"], "AVAILABLE");
        assert_eq!(image["outputResources"]["amis"][0]["region"], "eu-west-1");
    }
}
