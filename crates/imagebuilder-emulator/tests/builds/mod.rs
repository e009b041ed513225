//! Builds: states, AMIs, distribution, failures, retries.

mod amis;
mod distributions;
mod failures;
mod images;
mod retries;
mod states;

use imagebuilder_emulator::{BuildFailure, Fault};
use serde_json::{Value, json};

use crate::support::{CONSUMER, Client};

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
    Fault::FailBuild(BuildFailure::next(state))
}

fn ami_of(image: &Value, index: usize) -> String {
    image["outputResources"]["amis"][index]["image"]
        .as_str()
        .unwrap()
        .to_owned()
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
