//! Faults as JSON: how they are listed, and what is wrong with them.

use http::Method;
use imagebuilder_emulator::Fault;
use serde_json::{Value, json};

use crate::{
    faults::fault,
    support::{CONSUMER, Client},
};

#[tokio::test]
async fn faults_are_listed_with_what_is_left_of_them_and_cleared() {
    let client = Client::manual();
    let control = async |method: Method, body: Value| {
        let response = client
            .send(
                "imagebuilder",
                method,
                "/_emulator/faults",
                body.to_string(),
            )
            .await;
        (
            response.status().as_u16(),
            serde_json::from_slice::<Value>(response.body()).unwrap(),
        )
    };
    let faults = json!([
        {"operation": "imagebuilder:ListImages", "nth": 2, "times": 3, "answer": {
            "status": 400, "code": "ClientException", "message": "no"}},
        {"operation": "ec2:*", "nth": 1, "probability": 0.5, "seed": 3, "stall": 0.5},
        {"operation": "imagebuilder:GetImage", "nth": 1, "times": 1, "stale-reads": true},
        {"fail-build": {"state": "TESTING", "recipe": "web", "times": 2, "failure-context": false}},
        {"events": {"delay": 30.0, "times": 2, "status": "AVAILABLE"}},
        {"events": {"reorder": 2, "detail-type": "EC2 Image Builder Image State Change"}},
    ]);
    assert_eq!(
        control(Method::POST, json!({"faults": faults})).await,
        (200, json!({}))
    );
    assert_eq!(
        control(Method::GET, Value::Null).await,
        (200, json!({"faults": faults}))
    );
    for _ in 0..2 {
        client.list("ListImages", json!({})).await;
    }
    let (_, left) = control(Method::GET, Value::Null).await;
    assert_eq!(
        (&left["faults"][0]["nth"], &left["faults"][0]["times"]),
        (&json!(1), &json!(2))
    );
    control(Method::DELETE, Value::Null).await;
    assert_eq!(
        control(Method::GET, Value::Null).await,
        (200, json!({"faults": []}))
    );
    client.list("ListImages", json!({})).await.ok();
}

#[tokio::test]
async fn wrong_json_gets_one_clear_error_and_arms_nothing() {
    let client = Client::manual();
    let operation = "imagebuilder:ListImages";
    let cases = [
        (
            json!({"operation": operation, "answer": {"status": 200}}),
            "faults[1].answer.status: found 200",
        ),
        (
            json!({"operation": operation, "answer": {"status": 418}}),
            "no usual one for status 418",
        ),
        (
            json!({"operation": "ListImages", "stall": 1}),
            "faults[1].operation: found \"ListImages\"",
        ),
        (
            json!({"operation": "imagebuilder:CreateImage", "stale-reads": true}),
            "a Get, List or Describe",
        ),
        (json!({"operation": operation}), "faults[1]: found {"),
        (
            json!({"operation": operation, "stall": 1, "stale-reads": true}),
            "exactly one of the members",
        ),
        (
            json!({"fail_build": {"state": "TESTING"}}),
            "hint: write fail-build",
        ),
        (
            json!({"fail-build": {"state": "PENDING"}}),
            "expected one of BUILDING, TESTING",
        ),
        (
            json!({"fail-build": {"state": "TESTING"}, "times": 2}),
            "hint: what fail-build has is written inside",
        ),
        (
            json!({"events": {"drop": 0}}),
            "faults[1].events.drop: found 0, expected a whole number from 1 on",
        ),
        (
            json!({"events": {"drop": 1, "double": 1}}),
            "faults[1].events: found",
        ),
        (
            json!({"operation": operation, "seed": 1, "stall": 1}),
            "because there is no probability",
        ),
        (
            json!("fault"),
            "faults[1]: found \"fault\", expected an object",
        ),
    ];
    for (wrong, expected) in cases {
        let good = json!({"operation": operation, "answer": {"status": 500}});
        let body = json!({"faults": [good, wrong]}).to_string();
        let response = client
            .send("imagebuilder", Method::POST, "/_emulator/faults", body)
            .await;
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(response.status(), 400);
        assert!(
            answer["message"].as_str().unwrap().contains(expected),
            "{answer} lacks {expected}"
        );
    }
    assert!(client.emulator.faults().is_empty());
}

#[tokio::test]
async fn a_denied_key_is_listed_kept_in_the_state_and_cleared() {
    let client = Client::manual();
    let denied = json!({"deny-key": {"key-arn": "arn:aws:kms:us-east-1:111122223333:key/one", "account": CONSUMER}});
    client.emulator.add_faults([fault(denied.clone())]);
    let state = client.emulator.state().unwrap();
    let other = Client::manual();
    other.emulator.restore(state.as_bytes()).unwrap();
    for client in [&client, &other] {
        assert_eq!(
            serde_json::to_value(client.emulator.faults()).unwrap(),
            json!([denied])
        );
        client.emulator.clear_faults();
        assert!(client.emulator.faults().is_empty());
    }
    for (wrong, place) in [
        (
            json!({"deny-key": {"key-arn": "alias/web", "account": CONSUMER}}),
            "fault.deny-key.key-arn",
        ),
        (
            json!({"deny-key": {"key-arn": "arn:aws:kms:r:a:key/one"}}),
            "fault.deny-key.account",
        ),
        (
            json!({"deny-key": {}, "account": CONSUMER}),
            "fault.account",
        ),
    ] {
        let error = serde_json::from_value::<Fault>(wrong)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(&format!("{place}: ")), "{error}");
    }
}
