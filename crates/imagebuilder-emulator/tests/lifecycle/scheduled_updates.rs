//! Updates of an image's state at a time in the future.

use imagebuilder_emulator::{Clock, Options};
use serde_json::{Value, json};

use super::{
    ami, executions, resources, status_of,
    updates::{image, update, with_amis},
};
use crate::support::Client;

/// Midnight of the first of January 2027, when the scheduled deprecations take effect.
const NEW_YEAR: u64 = 1_798_761_600;

pub(super) async fn before_new_year() -> (Client, String) {
    let start = Some("2026-12-01T00:00:00Z".parse().unwrap());
    let client = Client::new(Options {
        clock: Clock::Manual,
        start,
        ..Options::default()
    });
    let image = image(&client).await;
    (client, image)
}

#[tokio::test]
async fn a_scheduled_deprecation_marks_the_ami_at_once_and_the_image_on_its_date() {
    let (client, image) = before_new_year().await;
    let ami = ami(&client, &image, 0).await;
    let mut more = with_amis();
    more["updateAt"] = NEW_YEAR.into();
    update(&client, &image, "DEPRECATED", more).await.ok();
    let waiting = client.image(&image).await;
    assert_eq!(waiting["state"]["status"], "AVAILABLE");
    assert_eq!(waiting["deprecationTime"].as_f64(), Some(1_798_761_600.0));
    let (_, xml) = client.ec2("DescribeImages", &[("ImageId.1", &ami)]).await;
    assert!(
        xml.contains("<deprecationTime>2027-01-01T00:00:00.000Z</deprecationTime>"),
        "{xml}"
    );
    let execution = executions(&client, &image).await[0].clone();
    assert_eq!(status_of(&execution), "IN_PROGRESS");
    assert_eq!(
        execution["resourcesImpactedSummary"],
        json!({"hasImpactedResources": false})
    );
    assert_eq!(
        resources(&client, &execution, None).await,
        Vec::<Value>::new()
    );
    client.advance(31 * 24 * 3600);
    assert_eq!(client.status(&image).await, "DEPRECATED");
    let execution = executions(&client, &image).await[0].clone();
    assert_eq!(
        (
            status_of(&execution),
            resources(&client, &execution, None).await.len()
        ),
        ("SUCCESS", 1)
    );
}

#[tokio::test]
async fn a_cancelled_schedule_deprecates_no_image() {
    let (client, image) = before_new_year().await;
    let reply = update(&client, &image, "DEPRECATED", json!({"updateAt": NEW_YEAR}))
        .await
        .ok();
    let id = json!({"lifecycleExecutionId": reply.text("/lifecycleExecutionId")});
    client.put("CancelLifecycleExecution", id).await.ok();
    client.advance(31 * 24 * 3600);
    let found = client.image(&image).await;
    assert_eq!(
        (&found["state"]["status"], &found["deprecationTime"]),
        (&json!("AVAILABLE"), &Value::Null)
    );
    assert_eq!(
        status_of(&executions(&client, &image).await[0]),
        "CANCELLED"
    );
}
