//! What people saw of the service, one case each, with where they said so.

use serde_json::{Value, json};

use crate::support::{BASE, BUILDER, CONSUMER, Client};

async fn with_parameter(client: &Client) -> String {
    let data = "schemaVersion: 1.0
parameters: [{Level: {type: string, default: High}}]
phases: [{name: build, steps: [{name: It, action: UpdateOS}]}]";
    let input =
        json!({"name": "harden", "semanticVersion": "1.0.0", "platform": "Linux", "data": data});
    let made = client.put("CreateComponent", input).await.ok();
    made.text("/componentBuildVersionArn").to_owned()
}

/// aws-ia/terraform-aws-ec2-image-builder, issue 106.
#[tokio::test]
async fn a_parameter_that_a_component_does_not_declare() {
    let client = Client::manual();
    let harden = with_parameter(&client).await;
    let plain = client.component("plain").await;
    let given = |names: &[&str]| -> Vec<Value> {
        let one = |name: &&str| json!({"name": name, "value": ["x"]});
        names.iter().map(one).collect()
    };
    let used = |names: &[&str]| json!({"componentArn": harden, "parameters": given(names)});
    for (components, member, names) in [
        (
            json!([used(&["S3BucketName"])]),
            "components[0].parameters",
            "S3BucketName",
        ),
        (
            json!([{"componentArn": plain}, used(&["One", "Level", "Two"])]),
            "components[1].parameters",
            "One, Two",
        ),
    ] {
        let refused = client
            .recipe("web", "1.0.0", json!({"components": components}))
            .await;
        assert_eq!(
            refused.refused(400, "InvalidParameterCombinationException"),
            format!(
                "The value supplied for parameter '{member}' is not valid. The following parameters are not \
                 defined in the provided component: {names}"
            )
        );
    }
    let right = json!({"components": [used(&["Level"])]});
    client.recipe("web", "1.0.0", right).await.ok();
}

/// A PowerShell user's notes on Image Builder, of a recipe whose component was deleted.
#[tokio::test]
async fn a_component_that_is_not_there() {
    let client = Client::manual();
    let arn = format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:component/asdf/x.x.x");
    let text = format!("The following required resource 'Component' cannot be found: '{arn}'.");
    let got = client
        .get("GetComponent", "componentBuildVersionArn", &arn)
        .await;
    assert_eq!(got.refused(404, "ResourceNotFoundException"), text);
    let used = json!({"components": [{"componentArn": arn}]});
    let recipe = client.recipe("web", "1.0.0", used).await;
    assert_eq!(recipe.refused(404, "ResourceNotFoundException"), text);
    let configuration = arn.replace("component/asdf/x.x.x", "infrastructure-configuration/asdf");
    let got = client
        .get(
            "GetInfrastructureConfiguration",
            "infrastructureConfigurationArn",
            &configuration,
        )
        .await;
    assert_eq!(
        got.refused(404, "ResourceNotFoundException"),
        format!(
            "The following required resource 'InfrastructureConfiguration' cannot be found: '{configuration}'."
        )
    );
}

/// terraform-provider-aws, issue 36610.
#[tokio::test]
async fn an_ami_name_without_the_build_date() {
    let client = Client::manual();
    for (name, fits) in [
        ("AmazonLinux2-EKS-1.27", false),
        ("AmazonLinux2 {{ imagebuilder:buildVersion }}", false),
        ("AmazonLinux2 {{imagebuilder:buildDate}}", true),
    ] {
        let entry =
            json!([{"region": "us-east-1", "amiDistributionConfiguration": {"name": name}}]);
        let reply = client
            .distribution(&format!("web-{fits}-{}", name.len()), entry)
            .await;
        if fits {
            reply.ok();
        } else {
            assert_eq!(
                reply.refused(400, "InvalidParameterValueException"),
                "The value supplied for parameter 'distributions[0].amiDistributionConfiguration.name' is not \
                 valid. The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure that the name \
                 will be unique."
            );
        }
    }
}

/// A standing acceptance test of Terraform, `TestAccImageBuilderImageRecipe_BlockDeviceMappingEBS_kmsKeyID`.
#[tokio::test]
async fn a_key_without_a_word_on_encryption() {
    let client = Client::manual();
    let ebs = json!({"kmsKeyId": "alias/mine"});
    let mappings = json!({"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": ebs}]});
    client.recipe("web", "1.0.0", mappings).await.ok();
}

/// The examples of awscli and CloudFormation have `2019.12.02`.
#[tokio::test]
async fn a_version_keeps_its_leading_zeros() {
    let client = Client::manual();
    let made = client
        .recipe("MyBasicRecipe", "2019.12.02", json!({}))
        .await
        .ok();
    let arn = made.text("/imageRecipeArn");
    assert!(
        arn.ends_with(":image-recipe/mybasicrecipe/2019.12.02"),
        "{arn}"
    );
    let got = client
        .get("GetImageRecipe", "imageRecipeArn", arn)
        .await
        .ok();
    assert_eq!(got.text("/imageRecipe/version"), "2019.12.02");
    let input = json!({
        "imageRecipeArn": arn,
        "infrastructureConfigurationArn": client.infrastructure("web").await,
    });
    let image = client.put("CreateImage", input).await.ok();
    let image = client.image(image.text("/imageBuildVersionArn")).await;
    assert_eq!(image["version"], "2019.12.02/1");
    let newer = client
        .recipe("MyBasicRecipe", "2019.12.x", json!({}))
        .await
        .ok();
    assert!(newer.text("/imageRecipeArn").ends_with("/2019.12.3"));
}

fn texts(reply: &Value, list: &str, member: &str) -> Vec<String> {
    let items = reply[list].as_array().unwrap();
    let text = |item: &Value| item[member].as_str().unwrap().to_owned();
    items.iter().map(text).collect()
}

/// aws-cli, issue 7853, of a pipeline's images; aws-sdk-js-v3, issue 2901, of the list by name.
#[tokio::test]
async fn images_are_filtered_by_version_without_the_build() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    for _ in 0..2 {
        client.start(&pipeline).await;
    }
    for (operation, list) in [
        ("ListImagePipelineImages", "imageSummaryList"),
        ("ListImageBuildVersions", "imageSummaryList"),
        ("ListImages", "imageVersionList"),
    ] {
        for (version, found) in [("1.0.0", true), ("1.0.0/2", false), ("1.0", false)] {
            let mut input = json!({"filters": [{"name": "version", "values": [version]}]});
            if operation == "ListImagePipelineImages" {
                input["imagePipelineArn"] = pipeline.as_str().into();
            }
            let listed = client.list(operation, input).await.ok();
            let count = listed.body[list].as_array().unwrap().len();
            assert_eq!(count > 0, found, "{operation} {version}");
        }
    }
    for (operation, what) in [
        ("ListImages", "Images"),
        ("ListComponents", "Components"),
        ("ListWorkflows", "Workflows"),
    ] {
        let filters = json!([{"name": "version", "values": ["1.0.0"]}]);
        let listed = client
            .list(operation, json!({"byName": true, "filters": filters}))
            .await;
        assert_eq!(
            listed.refused(400, "InvalidParameterCombinationException"),
            format!(
                "The value supplied for parameter 'filters' is not valid. You cannot list {what} by name and \
                 filter by version in the same request."
            )
        );
    }
}

/// The examples of awscli: image builds 7, 6, 5, ...; recipes, pipelines and infrastructure configurations
/// of 2020 before those of 2019, whatever their names.
#[tokio::test]
async fn lists_begin_with_what_is_newest() {
    let client = Client::manual();
    for name in ["bbb", "aaa", "ccc"] {
        let pipeline = client.pipeline(name, json!({}), json!({})).await;
        client.start(&pipeline).await;
        client.component(name).await;
        client.advance(1);
    }
    for (operation, list) in [
        ("ListImageRecipes", "imageRecipeSummaryList"),
        ("ListImagePipelines", "imagePipelineList"),
        (
            "ListInfrastructureConfigurations",
            "infrastructureConfigurationSummaryList",
        ),
        ("ListImages", "imageVersionList"),
        ("ListComponents", "componentVersionList"),
    ] {
        let listed = client.list(operation, json!({})).await.ok();
        assert_eq!(
            texts(&listed.body, list, "name"),
            ["ccc", "aaa", "bbb"],
            "{operation}"
        );
    }
    let pipeline = format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:image-pipeline/aaa");
    client.start(&pipeline).await;
    client.start(&pipeline).await;
    let version = format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:image/aaa/1.0.0");
    for (operation, input) in [
        (
            "ListImageBuildVersions",
            json!({"imageVersionArn": version}),
        ),
        (
            "ListImagePipelineImages",
            json!({"imagePipelineArn": pipeline}),
        ),
    ] {
        let listed = client.list(operation, input).await.ok();
        assert_eq!(
            texts(&listed.body, "imageSummaryList", "version"),
            ["1.0.0/3", "1.0.0/2", "1.0.0/1"],
            "{operation}"
        );
    }
}

/// packer, issue 7410; deepracer-on-the-spot, issue 106, of the words around it.
#[tokio::test]
async fn a_distribution_that_fails() {
    let client = Client::manual();
    let permission = json!({"launchPermission": {"userIds": [CONSUMER]}});
    let entry = json!([{"region": "us-east-1", "amiDistributionConfiguration": permission}]);
    let made = client.distribution("web", entry).await.ok();
    let ebs = json!([{"deviceName": "/dev/xvda", "ebs": {"encrypted": true}}]);
    let more = json!({"distributionConfigurationArn": made.text("/distributionConfigurationArn")});
    let pipeline = client
        .pipeline("web", json!({"blockDeviceMappings": ebs}), more)
        .await;
    let arn = client.start(&pipeline).await;
    client.advance(2000);
    let image = client.image(&arn).await;
    let reason = image["state"]["reason"].as_str().unwrap();
    let (job, rest) = reason
        .strip_prefix("Distribution failed with JobId '")
        .and_then(|rest| rest.split_once('\''))
        .unwrap_or_else(|| panic!("{reason}"));
    assert_eq!(job.len(), 36, "{job}");
    assert_eq!(
        rest,
        format!(
            ", status = 'Failed' for ARN '{arn}'. 'Not all distribution jobs are completed. 1) EC2 Client Error: \
             'Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.' when \
             distributing the image from the source account (ID: {BUILDER}) to the destination account (ID: \
             {BUILDER}) in Region us-east-1.'"
        )
    );
}

/// EC2 keeps whole seconds (API reference, the examples of `DescribeImages`).
#[tokio::test]
async fn the_creation_date_of_an_ami() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    client.start(&pipeline).await;
    client.advance(2000);
    for owner in ["self", "amazon"] {
        let (_, xml) = client.ec2("DescribeImages", &[("Owner.1", owner)]).await;
        let dates: Vec<_> = xml.split("<creationDate>").skip(1).collect();
        assert!(!dates.is_empty(), "{BASE} at least: {xml}");
        for date in dates {
            let (date, _) = date.split_once('<').unwrap();
            let (seconds, rest) = date.split_at(19);
            assert_eq!(rest, ".000Z", "{seconds}");
        }
    }
}
