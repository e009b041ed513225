//! Lifecycle executions: how they are looked up, and that a snapshot keeps them.

use serde_json::{Value, json};

use super::{EXECUTION, executions, scheduled_updates::before_new_year, status_of, updates::image};
use crate::support::Client;

#[tokio::test]
async fn executions_are_looked_up_by_policies_and_builds_only() {
    let client = Client::manual();
    let image = image(&client).await;
    assert_eq!(executions(&client, &image).await, Vec::<Value>::new());
    for (arn, status, error) in [
        (
            image
                .replace("image/", "image-recipe/")
                .replace("/1.0.0/1", "/1.0.0"),
            400,
            "InvalidParameterValueException",
        ),
        (
            image.replace("/1.0.0/1", "/1.0.0"),
            400,
            "InvalidParameterValueException",
        ),
        (
            image.replace("image/web/1.0.0/1", "lifecycle-policy/none"),
            404,
            "ResourceNotFoundException",
        ),
    ] {
        let reply = client
            .list("ListLifecycleExecutions", json!({"resourceArn": arn}))
            .await;
        reply.refused(status, error);
    }
    let id = "lce-00000000-0000-0000-0000-000000000000";
    let reply = client
        .get("GetLifecycleExecution", "lifecycleExecutionId", id)
        .await;
    reply.refused(404, "ResourceNotFoundException");
}

/// Policies, executions and schedules are part of the state that is kept.
#[tokio::test]
async fn a_snapshot_in_the_middle_of_it_all_goes_on_where_it_was() {
    let (client, image) = before_new_year().await;
    let policy = super::policy("keep", super::rule("DISABLE", super::older_than(2, "DAYS")));
    let arn = super::created(&client, policy).await;
    client.advance(2 * super::DAY + 1);
    assert_eq!(
        status_of(&executions(&client, &arn).await[0]),
        "IN_PROGRESS"
    );
    let other = Client::manual();
    let state = client.emulator.state().unwrap();
    other.emulator.restore(state.as_bytes()).unwrap();
    let (one, two): (Value, Value) = (
        serde_json::from_str(&state).unwrap(),
        serde_json::from_str(&other.emulator.state().unwrap()).unwrap(),
    );
    assert_eq!(one, two);
    for client in [client, other] {
        client.advance(EXECUTION);
        assert_eq!(client.status(&image).await, "DISABLED");
    }
}
