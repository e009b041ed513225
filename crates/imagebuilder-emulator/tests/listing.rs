//! Lists in pages, tags, accounts and Regions apart, the record of calls, and what is not emulated.

use http::Method;
use serde_json::{Value, json};

use crate::support::{BASE, BUILDER, CONSUMER, Client, encoded};

#[tokio::test]
async fn lists_come_in_pages_bound_to_their_query() {
    let client = Client::manual();
    for number in 0..30 {
        client.infrastructure(&format!("inf-{number:02}")).await;
    }
    let list = |input: Value| client.list("ListInfrastructureConfigurations", input);
    let names = |page: &Value| {
        let entries = page["infrastructureConfigurationSummaryList"]
            .as_array()
            .unwrap()
            .clone();
        entries
            .iter()
            .map(|entry| entry["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = list(json!({})).await.ok();
    assert_eq!(names(&first.body).len(), 25);
    let token = first.text("/nextToken").to_owned();
    let second = list(json!({"nextToken": token})).await.ok();
    assert_eq!(
        names(&second.body),
        ["inf-25", "inf-26", "inf-27", "inf-28", "inf-29"]
    );
    assert_eq!(second.body.get("nextToken"), None);
    assert_eq!(
        names(&list(json!({"maxResults": 100})).await.ok().body).len(),
        30
    );
    list(json!({"maxResults": 101}))
        .await
        .refused(400, "InvalidParameterValueException");
    let filter = json!([{"name": "name", "values": ["inf-07"]}]);
    assert_eq!(
        names(&list(json!({"filters": filter})).await.ok().body),
        ["inf-07"]
    );
    for stolen in [
        json!({"nextToken": "rubbish"}),
        json!({"nextToken": token, "filters": filter}),
    ] {
        list(stolen)
            .await
            .refused(400, "InvalidPaginationTokenException");
    }
    list(json!({"filters": [{"name": "colour", "values": ["red"]}]}))
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn image_lists_are_by_version_by_build_and_of_the_account() {
    let client = Client::manual();
    for name in ["one", "two"] {
        let pipeline = client.pipeline(name, json!({}), json!({})).await;
        client.start(&pipeline).await;
        client.start(&pipeline).await;
    }
    let count =
        |reply: crate::support::Reply, key: &str| reply.ok().body[key].as_array().unwrap().len();
    assert_eq!(
        count(
            client.list("ListImages", json!({})).await,
            "imageVersionList"
        ),
        2
    );
    assert_eq!(
        count(
            client.list("ListImageBuildVersions", json!({})).await,
            "imageSummaryList"
        ),
        4
    );
    let of_one = json!({"imageVersionArn": format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:image/one/1.0.0")});
    assert_eq!(
        count(
            client.list("ListImageBuildVersions", of_one).await,
            "imageSummaryList"
        ),
        2
    );
    let named = json!({"filters": [{"name": "name", "values": ["two"]}]});
    assert_eq!(
        count(client.list("ListImages", named).await, "imageVersionList"),
        1
    );
}

#[tokio::test]
async fn tags_come_and_go_on_every_kind() {
    let client = Client::manual();
    let component = client.component("harden").await;
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let recipe = format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:image-recipe/web/1.0.0");
    let infrastructure =
        format!("arn:aws:imagebuilder:us-east-1:{BUILDER}:infrastructure-configuration/web");
    for arn in [component, pipeline, image, recipe, infrastructure] {
        let path = format!("/tags/{}", encoded(&arn));
        let tags = json!({"tags": {"a": "1", "b": "2"}});
        client.request(Method::POST, &path, &tags).await.ok();
        let untag = format!("{path}?tagKeys=a&tagKeys=c");
        let untagged = client
            .request(Method::DELETE, &untag, &json!({}))
            .await
            .ok();
        assert_eq!(untagged.body, json!({}));
        let left = client.request(Method::GET, &path, &json!({})).await.ok();
        assert_eq!(left.body, json!({"tags": {"b": "2"}}), "{arn}");
    }
    let absent = format!(
        "/tags/{}",
        encoded(&format!(
            "arn:aws:imagebuilder:us-east-1:{BUILDER}:image-pipeline/no"
        ))
    );
    client
        .request(Method::GET, &absent, &json!({}))
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn accounts_and_regions_do_not_see_each_other() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    for other in [client.as_account(CONSUMER), client.in_region("eu-west-1")] {
        let reply = other
            .get("GetImagePipeline", "imagePipelineArn", &pipeline)
            .await;
        reply.refused(404, "ResourceNotFoundException");
        let listed = other.list("ListImagePipelines", json!({})).await.ok();
        assert_eq!(listed.body["imagePipelineList"], json!([]));
    }
}

#[tokio::test]
async fn what_is_not_emulated_says_so() {
    let client = Client::manual();
    client
        .request(Method::GET, "/GetImagePolicy?imageArn=x", &json!({}))
        .await
        .refused(501, "NotEmulatedException");
    client
        .put("MakeCoffee", json!({}))
        .await
        .refused(404, "UnknownOperationException");
    let product = json!({"parentImage": "prod-abcdefghijklm"});
    client
        .recipe("web", "1.0.0", product)
        .await
        .refused(501, "NotEmulatedException");
    let malformed = client
        .send("imagebuilder", Method::PUT, "/CreateImage", "{".to_owned())
        .await;
    assert_eq!(
        malformed.headers()["x-amzn-errortype"],
        "SerializationException"
    );
}

#[tokio::test]
async fn calls_are_remembered_with_account_status_and_time() {
    let client = Client::manual();
    client.recipe("web", "1.0.0", json!({})).await.ok();
    client.recipe("web", "1.0.0", json!({})).await;
    client.ec2("DescribeImages", &[("Owner.1", "self")]).await;
    let calls = client.emulator.calls();
    let seen: Vec<_> = calls
        .iter()
        .map(|call| (call.service.as_str(), call.operation.as_str(), call.status))
        .collect();
    let expected = [
        ("imagebuilder", "CreateImageRecipe", 200),
        ("imagebuilder", "CreateImageRecipe", 400),
        ("ec2", "DescribeImages", 200),
    ];
    assert_eq!(seen, expected);
    assert_eq!(calls[0].parameters["parentImage"], BASE);
    assert_eq!(
        (calls[0].account.as_str(), calls[0].region.as_str()),
        (BUILDER, "us-east-1")
    );
    assert_eq!(calls[2].parameters, json!({"Owner.1": "self"}));
    client.emulator.clear_calls();
    assert_eq!(client.emulator.calls(), []);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    client.start(&pipeline).await;
    client.emulator.reset();
    assert_eq!(client.emulator.calls(), []);
    let listed = client.list("ListImagePipelines", json!({})).await.ok();
    assert_eq!(listed.body["imagePipelineList"], json!([]));
    let (status, _) = client.ec2("DescribeImages", &[("ImageId.1", BASE)]).await;
    assert_eq!(status, 200, "the default base images are back");
}
