//! What is not known about AWS is a setting: each changes what it says, and nothing by default.

use imagebuilder_emulator::{Clock, Options, Unknowns};
use serde_json::json;

use crate::support::Client;

fn with(unknowns: Unknowns) -> Client {
    Client::new(Options {
        clock: Clock::Manual,
        unknowns,
        ..Options::default()
    })
}

#[tokio::test]
async fn whether_a_pipeline_runs_twice_at_once() {
    for parallel_runs in [true, false] {
        let client = with(Unknowns {
            parallel_runs,
            ..Unknowns::default()
        });
        let pipeline = client.pipeline("web", json!({}), json!({})).await;
        client.start(&pipeline).await;
        let second = client
            .put(
                "StartImagePipelineExecution",
                json!({"imagePipelineArn": pipeline}),
            )
            .await;
        if parallel_runs {
            second.ok();
        } else {
            second.refused(400, "ResourceInUseException");
            client.advance(1300);
            client.start(&pipeline).await;
        }
    }
}

#[tokio::test]
async fn whether_images_keep_their_recipe() {
    for recipes_outlived_by_images in [true, false] {
        let client = with(Unknowns {
            recipes_outlived_by_images,
            ..Unknowns::default()
        });
        let pipeline = client.pipeline("web", json!({}), json!({})).await;
        let image = client.start(&pipeline).await;
        client.advance(1300);
        client
            .delete("DeleteImagePipeline", "imagePipelineArn", &pipeline)
            .await
            .ok();
        let recipe = "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/web/1.0.0";
        let deleted = client
            .delete("DeleteImageRecipe", "imageRecipeArn", recipe)
            .await;
        if recipes_outlived_by_images {
            deleted.ok();
        } else {
            deleted.refused(400, "ResourceDependencyException");
            client
                .delete("DeleteImage", "imageBuildVersionArn", &image)
                .await
                .ok();
            client
                .delete("DeleteImageRecipe", "imageRecipeArn", recipe)
                .await
                .ok();
        }
    }
}

#[tokio::test]
async fn how_names_fold() {
    for (collapsed_separators, slug) in [(false, "a---b"), (true, "a-b")] {
        let client = with(Unknowns {
            collapsed_separators,
            ..Unknowns::default()
        });
        let arn = client.infrastructure("A _-b").await;
        assert!(
            arn.ends_with(&format!(":infrastructure-configuration/{slug}")),
            "{arn}"
        );
    }
}

#[tokio::test]
async fn in_which_order_images_are_listed() {
    for oldest_images_first in [false, true] {
        let client = with(Unknowns {
            oldest_images_first,
            ..Unknowns::default()
        });
        let pipeline = client.pipeline("web", json!({}), json!({})).await;
        let mut started = vec![client.start(&pipeline).await, client.start(&pipeline).await];
        if !oldest_images_first {
            started.reverse();
        }
        let listed = client
            .list(
                "ListImagePipelineImages",
                json!({"imagePipelineArn": pipeline}),
            )
            .await
            .ok();
        let listed = listed.body["imageSummaryList"].as_array().unwrap().clone();
        assert_eq!(
            listed
                .iter()
                .map(|image| image["arn"].as_str().unwrap())
                .collect::<Vec<_>>(),
            started
        );
    }
}

#[tokio::test]
async fn how_long_a_cancellation_takes() {
    let client = with(Unknowns {
        cancellation_seconds: 60,
        ..Unknowns::default()
    });
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client
        .put(
            "CancelImageCreation",
            json!({"imageBuildVersionArn": image}),
        )
        .await
        .ok();
    client.advance(59);
    assert_eq!(client.status(&image).await, "PENDING");
    client.advance(1);
    assert_eq!(client.status(&image).await, "CANCELLED");
}

#[tokio::test]
async fn how_long_a_token_is_remembered() {
    for (token_seconds, again) in [(None, true), (Some(60), false)] {
        let client = with(Unknowns {
            token_seconds,
            ..Unknowns::default()
        });
        let pipeline = client.pipeline("web", json!({}), json!({})).await;
        let start = || {
            client.put(
                "StartImagePipelineExecution",
                json!({"imagePipelineArn": pipeline, "clientToken": "t"}),
            )
        };
        let first = start().await.ok();
        client.advance(60);
        assert_eq!(start().await.ok().body, first.body);
        client.advance(1);
        assert_eq!(start().await.ok().body == first.body, again);
    }
}
