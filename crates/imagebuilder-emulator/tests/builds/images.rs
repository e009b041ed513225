//! Images: build numbers, references, parents.

use serde_json::json;

use crate::support::Client;

#[tokio::test]
async fn two_pipelines_of_a_recipe_share_its_build_numbers() {
    let client = Client::manual();
    let first = client.pipeline("web", json!({}), json!({})).await;
    let recipe = client
        .get("GetImagePipeline", "imagePipelineArn", &first)
        .await
        .ok();
    let recipe = recipe.text("/imagePipeline/imageRecipeArn").to_owned();
    let second = json!({
        "name": "web two", "imageRecipeArn": recipe,
        "infrastructureConfigurationArn": client.infrastructure("two").await,
    });
    let second = client.put("CreateImagePipeline", second).await.ok();
    let second = second.text("/imagePipelineArn").to_owned();
    let (one, two) = (client.start(&first).await, client.start(&second).await);
    assert!(
        one.ends_with("image/web/1.0.0/1") && two.ends_with("image/web/1.0.0/2"),
        "{one} {two}"
    );
    let of_second = client
        .list(
            "ListImagePipelineImages",
            json!({"imagePipelineArn": second}),
        )
        .await
        .ok();
    assert_eq!(
        of_second.body["imageSummaryList"].as_array().unwrap().len(),
        1
    );
    assert_eq!(of_second.text("/imageSummaryList/0/arn"), two);
}

#[tokio::test]
async fn a_deleted_build_s_number_is_not_given_again() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let delete = || client.delete("DeleteImage", "imageBuildVersionArn", &image);
    delete().await.refused(400, "ResourceDependencyException");
    client.advance(1200);
    delete().await.ok();
    delete().await.refused(404, "ResourceNotFoundException");
    assert!(client.start(&pipeline).await.ends_with("/1.0.0/2"));
}

#[tokio::test]
async fn a_version_stands_for_its_newest_available_build() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let version = "arn:aws:imagebuilder:us-east-1:111122223333:image/web/x.x.x";
    let get = || client.get("GetImage", "imageBuildVersionArn", version);
    let first = client.start(&pipeline).await;
    get().await.refused(404, "ResourceNotFoundException");
    client.advance(1200);
    client.start(&pipeline).await;
    assert_eq!(get().await.ok().text("/image/arn"), first);
}

#[tokio::test]
async fn an_image_can_be_the_parent_of_another() {
    let client = Client::manual();
    let parent = client.pipeline("parent", json!({}), json!({})).await;
    client.start(&parent).await;
    client.advance(1200);
    let reference =
        json!({"parentImage": "arn:aws:imagebuilder:us-east-1:111122223333:image/parent/x.x.x"});
    let child = client.pipeline("child", reference, json!({})).await;
    let image = client.start(&child).await;
    client.advance(1200);
    assert_eq!(client.status(&image).await, "AVAILABLE");
}

const AMAZON_LINUX: &str = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x";

#[tokio::test]
async fn an_image_of_amazon_s_can_be_the_parent() {
    let client = Client::manual();
    let pipeline = client
        .pipeline("child", json!({"parentImage": AMAZON_LINUX}), json!({}))
        .await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    let image = client.image(&image).await;
    assert_eq!(image["state"]["status"], "AVAILABLE");
    assert_eq!(image["imageSource"], "AMAZON_MANAGED");
}

#[tokio::test]
async fn images_of_amazon_are_in_every_region_and_cannot_be_deleted() {
    let client = Client::manual();
    for client in [client.clone(), client.in_region("eu-west-1")] {
        let arn = AMAZON_LINUX.replace("us-east-1", client.region);
        let image = client.image(&arn).await;
        assert_eq!(image.get("imageRecipe"), None);
        assert_eq!(image["imageSource"], "AMAZON_MANAGED");
        let ami = image["outputResources"]["amis"][0]["image"]
            .as_str()
            .unwrap()
            .to_owned();
        let (status, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami)]).await;
        assert_eq!(status, 200, "{xml}");
        let build = image["arn"].as_str().unwrap();
        client
            .delete("DeleteImage", "imageBuildVersionArn", build)
            .await
            .refused(404, "ResourceNotFoundException");
    }
}

async fn names(client: &Client, input: serde_json::Value) -> Vec<String> {
    let listed = client.list("ListImages", input).await.ok();
    let images = listed.body["imageVersionList"].as_array().unwrap().clone();
    images
        .iter()
        .map(|image| image["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn lists_of_images_know_owners_filters_and_deprecation() {
    let client = Client::manual();
    let pipeline = client.pipeline("Web Server", json!({}), json!({})).await;
    client.start(&pipeline).await;
    client.start(&pipeline).await;
    client.advance(1200);
    assert_eq!(names(&client, json!({})).await, ["Web Server"]);
    let amazons = names(&client, json!({"owner": "Amazon"})).await;
    assert!(
        amazons.iter().any(|name| name == "amazon-linux-2023-x86"),
        "{amazons:?}"
    );
    let all = names(
        &client,
        json!({"owner": "Amazon", "includeDeprecated": true}),
    )
    .await;
    assert_eq!(all.len(), amazons.len() + 1);
    assert_eq!(
        names(&client, json!({"owner": "Shared"})).await,
        Vec::<String>::new()
    );
    let filtered =
        |name: &str, value: &str| json!({"filters": [{"name": name, "values": [value]}]});
    for (name, value, count) in [
        ("osVersion", "Amazon Linux 2023", 1),
        ("osVersion", "Amazon Linux 2", 0),
        ("platform", "Linux", 1),
        ("type", "DOCKER", 0),
        ("version", "1.0.0", 1),
        ("name", "Web Server", 1),
        ("name", "web-server", 0),
    ] {
        assert_eq!(
            names(&client, filtered(name, value)).await.len(),
            count,
            "{name} {value}"
        );
    }
    let both = json!({"byName": true, "filters": [{"name": "version", "values": ["1.0.0"]}]});
    client
        .list("ListImages", both)
        .await
        .refused(400, "InvalidParameterCombinationException");
}
