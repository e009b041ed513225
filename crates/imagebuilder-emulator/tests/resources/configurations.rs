//! Infrastructure and distribution configurations.

use serde_json::{Value, json};

use crate::support::Client;

#[tokio::test]
async fn infrastructure_needs_groups_with_a_subnet_and_no_reserved_tags() {
    let client = Client::manual();
    let with = |member: &str, value: Value| json!({"name": "inf", "instanceProfileName": "p", member: value});
    let create = |input| client.put("CreateInfrastructureConfiguration", input);
    let subnet = create(with("subnetId", "subnet-1".into())).await;
    subnet.refused(400, "InvalidParameterCombinationException");
    let tags = create(with("resourceTags", json!({"CreatedBy": "me"}))).await;
    tags.refused(400, "InvalidParameterValueException");
    let made = create(with("resourceTags", json!({"Team": "me"})))
        .await
        .ok();
    let arn = made.text("/infrastructureConfigurationArn");
    let got = client
        .get(
            "GetInfrastructureConfiguration",
            "infrastructureConfigurationArn",
            arn,
        )
        .await;
    assert_eq!(
        got.body["infrastructureConfiguration"]["terminateInstanceOnFailure"],
        true
    );
}

#[tokio::test]
async fn distributions_are_checked() {
    let client = Client::manual();
    let region = |configuration: Value| json!([{"region": "us-east-1", "amiDistributionConfiguration": configuration}]);
    let empty = client
        .distribution("web", json!([{"region": "us-east-1"}]))
        .await;
    assert_eq!(
        empty.refused(400, "InvalidParameterValueException"),
        "The value supplied for parameter 'distributions[0]' is not valid. One or more outputs should be \
         provided for each region in a distribution configuration."
    );
    client
        .distribution("web", region(json!({"name": "fixed"})))
        .await
        .refused(400, "InvalidParameterValueException");
    client
        .distribution("web", region(json!({"targetAccountIds": ["12"]})))
        .await
        .refused(400, "InvalidParameterValueException");
    let twice = json!([{"region": "us-east-1", "amiDistributionConfiguration": {}}, {"region": "us-east-1", "amiDistributionConfiguration": {}}]);
    client
        .distribution("web", twice)
        .await
        .refused(400, "InvalidParameterValueException");
    let export = json!({"roleName": "r", "diskImageFormat": "RAW", "s3Bucket": "b"});
    let export = json!([{"region": "us-east-1", "s3ExportConfiguration": export}]);
    client
        .distribution("web", export)
        .await
        .refused(501, "NotEmulatedException");
    client
        .distribution(
            "web",
            region(json!({"name": "web {{ imagebuilder:buildDate }}"})),
        )
        .await
        .ok();
    let listed = client
        .list("ListDistributionConfigurations", json!({}))
        .await
        .ok();
    assert_eq!(
        listed.body["distributionConfigurationSummaryList"][0]["regions"],
        json!(["us-east-1"])
    );
}
