//! Events that go astray on demand.

use imagebuilder_emulator::Fault;
use serde_json::{Value, json};

use crate::support::Client;

/// A client with a pipeline, and these event faults.
async fn client(faults: &[Value]) -> Client {
    let client = Client::manual();
    client.pipeline("web", json!({}), json!({})).await;
    let state_changes = |fault: &Value| {
        let mut fault = fault.clone();
        let all = "EC2 Image Builder Image State Change";
        fault
            .as_object_mut()
            .unwrap()
            .entry("detail-type")
            .or_insert(all.into());
        json!({"events": fault})
    };
    let faults = faults
        .iter()
        .map(state_changes)
        .collect::<Vec<_>>()
        .into_iter();
    client
        .emulator
        .add_faults(faults.map(|fault| serde_json::from_value::<Fault>(fault).unwrap()));
    client
        .start("arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/web")
        .await;
    client
}

/// The events of changed images.
fn events(client: &Client) -> Vec<Value> {
    let mut events = client.emulator.take_events();
    events.retain(|event| event["detail-type"] == "EC2 Image Builder Image State Change");
    events
}

fn take(client: &Client) -> Vec<String> {
    let events = events(client);
    events
        .iter()
        .map(|event| {
            event["detail"]["state"]["status"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn events_are_dropped() {
    let client = client(&[json!({"drop": 2})]).await;
    client.advance(1200);
    assert_eq!(take(&client), ["DISTRIBUTING", "INTEGRATING", "AVAILABLE"]);
}

#[tokio::test]
async fn an_event_that_comes_twice_has_one_id() {
    let client = client(&[json!({"double": 1, "status": "AVAILABLE"})]).await;
    client.advance(1200);
    let events = events(&client);
    assert_eq!(events.len(), 6);
    assert_eq!(events[4], events[5]);
    assert_ne!(events[3]["id"], events[4]["id"]);
}

#[tokio::test]
async fn a_delay_is_in_virtual_time() {
    let client = client(&[json!({"delay": 400, "status": "TESTING"})]).await;
    client.advance(1119);
    assert_eq!(
        take(&client),
        ["BUILDING", "DISTRIBUTING"],
        "TESTING was entered at 720"
    );
    client.advance(1);
    assert_eq!(take(&client), ["TESTING"]);
    client.advance(80);
    assert_eq!(take(&client), ["INTEGRATING", "AVAILABLE"]);
}

#[tokio::test]
async fn events_are_held_back_and_come_in_reverse_order() {
    let client = client(&[json!({"reorder": 3})]).await;
    client.advance(720);
    assert_eq!(take(&client), Vec::<String>::new());
    client.advance(480);
    assert_eq!(
        take(&client),
        [
            "DISTRIBUTING",
            "TESTING",
            "BUILDING",
            "INTEGRATING",
            "AVAILABLE"
        ]
    );
}

#[tokio::test]
async fn what_is_held_back_comes_when_the_faults_are_cleared() {
    let client = client(&[json!({"reorder": 9})]).await;
    client.advance(1200);
    assert_eq!(take(&client), Vec::<String>::new());
    client.emulator.clear_faults();
    assert_eq!(take(&client).len(), 5);
}

#[tokio::test]
async fn another_detail_type_is_left_alone() {
    let client =
        client(&[json!({"drop": 9, "detail-type": "EC2 Image Builder CVE Detected"})]).await;
    client.advance(1200);
    assert_eq!(take(&client).len(), 5);
}

#[tokio::test]
async fn delayed_and_held_events_survive_a_snapshot() {
    let client = client(&[
        json!({"delay": 400, "status": "TESTING"}),
        json!({"reorder": 9}),
    ])
    .await;
    client.advance(740);
    let state = client.emulator.state().unwrap();
    client.emulator.reset();
    client.emulator.restore(state.as_bytes()).unwrap();
    client.advance(460);
    assert_eq!(take(&client), ["TESTING"]);
    client.emulator.clear_faults();
    assert_eq!(
        take(&client),
        ["BUILDING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]
    );
}

#[tokio::test]
async fn ec2_shows_the_state_of_amis() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    let image = client.image(&image).await;
    let ami = image["outputResources"]["amis"][0]["image"]
        .as_str()
        .unwrap();
    for action in ["DisableImage", "EnableImage", "DeregisterImage"] {
        assert_eq!(
            client.ec2(action, &[("ImageId", ami)]).await.0,
            200,
            "{action}"
        );
    }
    let mut events = client.emulator.take_events();
    events.retain(|event| event["source"] == "aws.ec2");
    let states: Vec<_> = events
        .iter()
        .map(|event| &event["detail"]["State"])
        .collect();
    assert_eq!(
        states,
        ["available", "disabled", "available", "deregistered"]
    );
    for event in &events {
        assert_eq!(event["detail-type"], "EC2 AMI State Change");
        assert_eq!(
            event["resources"],
            json!([format!("arn:aws:ec2:us-east-1::image/{ami}")])
        );
        assert_eq!(
            (&event["detail"]["ImageId"], &event["account"]),
            (&json!(ami), &json!("111122223333"))
        );
    }
}
