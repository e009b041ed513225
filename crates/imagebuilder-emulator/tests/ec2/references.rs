//! `DescribeImageReferences`: what of an account refers to an AMI.

use serde_json::json;

use super::{elements, ok, refused, seed};
use crate::support::{BASE, BUILDER, CONSUMER, Client};

async fn references(client: &Client, parameters: &[(&str, &str)]) -> Vec<String> {
    let parameters = [&[("ImageId.1", BASE)], parameters].concat();
    let xml = ok(client.ec2("DescribeImageReferences", &parameters).await);
    elements(&xml, "arn")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn seeded(client: &Client) {
    let instance = |account, id, state| {
        json!({"image": BASE, "resource-type": "ec2:Instance", "state": state,
               "arn": format!("arn:aws:ec2:us-east-1:{account}:instance/{id}")})
    };
    seed(
        client,
        json!({
            "references": [instance(BUILDER, "i-1", "running"), instance(BUILDER, "i-2", "stopped"),
                           instance(CONSUMER, "i-3", "running")],
            "launch-templates": [
                {"id": "lt-old", "account": BUILDER, "images": [BASE, "ami-22222222"]},
                {"id": "lt-theirs", "account": CONSUMER, "images": [BASE]},
                {"id": "lt-elsewhere", "account": BUILDER, "region": "eu-west-1", "images": [BASE]},
            ],
            "parameters": [
                {"name": "/golden/base", "value": BASE, "account": BUILDER},
                {"name": "/golden/other", "value": "ami-22222222", "account": BUILDER},
                {"name": "/aws/service/base", "value": BASE},
            ],
        }),
    );
}

#[tokio::test]
async fn everything_of_the_account_that_refers_to_an_image_is_found() {
    let client = Client::manual();
    seeded(&client);
    let recipe = client.recipe("web", "1.0.0", json!({})).await.ok();
    let found = references(&client, &[("IncludeAllResourceTypes", "true")]).await;
    let expected = [
        format!("arn:aws:ec2:us-east-1:{BUILDER}:instance/i-1"),
        format!("arn:aws:ec2:us-east-1:{BUILDER}:instance/i-2"),
        format!("arn:aws:ec2:us-east-1:{BUILDER}:launch-template/lt-old"),
        format!("arn:aws:ssm:us-east-1:{BUILDER}:parameter/golden/base"),
        recipe.text("/imageRecipeArn").to_owned(),
    ];
    assert_eq!(found, expected);
    let theirs = references(
        &client.as_account(CONSUMER),
        &[("IncludeAllResourceTypes", "true")],
    )
    .await;
    assert_eq!(theirs.len(), 2, "{theirs:?}");
}

#[tokio::test]
async fn options_scope_instances_and_templates() {
    let client = Client::manual();
    seeded(&client);
    let running = [
        ("ResourceType.1.ResourceType", "ec2:Instance"),
        (
            "ResourceType.1.ResourceTypeOption.1.OptionName",
            "state-name",
        ),
        (
            "ResourceType.1.ResourceTypeOption.1.OptionValue.1",
            "running",
        ),
    ];
    let expected = format!("arn:aws:ec2:us-east-1:{BUILDER}:instance/i-1");
    assert_eq!(references(&client, &running).await, [expected]);
    let depth = |depth| {
        [
            ("ResourceType.1.ResourceType", "ec2:LaunchTemplate"),
            (
                "ResourceType.1.ResourceTypeOption.1.OptionName",
                "version-depth",
            ),
            ("ResourceType.1.ResourceTypeOption.1.OptionValue.1", depth),
        ]
    };
    assert_eq!(references(&client, &depth("1")).await.len(), 0);
    assert_eq!(references(&client, &depth("2")).await.len(), 1);
    let both = [&running[..], &[("IncludeAllResourceTypes", "true")]].concat();
    let found = references(&client, &both).await;
    assert_eq!(
        found.len(),
        3,
        "the options go before the defaults: {found:?}"
    );
}

#[tokio::test]
async fn requests_are_checked() {
    let client = Client::manual();
    let ask =
        async |parameters: &[(&str, &str)]| client.ec2("DescribeImageReferences", parameters).await;
    let (image, all) = (("ImageId.1", BASE), ("IncludeAllResourceTypes", "true"));
    refused(ask(&[all]).await, "MissingParameter");
    refused(ask(&[image]).await, "MissingParameter");
    refused(
        ask(&[("ImageId.1", "x"), all]).await,
        "InvalidAMIID.Malformed",
    );
    refused(
        ask(&[image, all, ("MaxResults", "4")]).await,
        "InvalidParameterValue",
    );
    refused(
        ask(&[image, ("ResourceType.1.ResourceType", "ec2:Volume")]).await,
        "InvalidParameterValue",
    );
    let misplaced = [
        image,
        ("ResourceType.1.ResourceType", "ssm:Parameter"),
        (
            "ResourceType.1.ResourceTypeOption.1.OptionName",
            "version-depth",
        ),
        ("ResourceType.1.ResourceTypeOption.1.OptionValue.1", "1"),
    ];
    refused(ask(&misplaced).await, "InvalidParameterValue");
}
