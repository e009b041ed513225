//! Injected faults.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use imagebuilder_emulator::Fault;
use serde_json::{Value, json};
use support::{BASE, Client};

fn fault(json: Value) -> Fault {
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn the_nth_call_is_answered_with_the_error_and_not_carried_out() {
    let client = Client::manual();
    client.emulator.add_faults([fault(json!({
        "operation": "imagebuilder:CreateImageRecipe", "nth": 2,
        "answer": {"status": 429, "code": "CallRateLimitExceededException", "message": "slow down"},
    }))]);
    client.recipe("one", "1.0.0", json!({})).await.ok();
    let struck = client.recipe("two", "1.0.0", json!({})).await;
    assert_eq!(struck.refused(429, "CallRateLimitExceededException"), "slow down");
    client.recipe("two", "1.0.0", json!({})).await.ok();
    let statuses: Vec<_> = client.emulator.calls().iter().map(|call| call.status).collect();
    assert_eq!(statuses, [200, 429, 200]);
}

#[tokio::test]
async fn a_fault_can_strike_several_times() {
    let client = Client::manual();
    client.emulator.add_faults([fault(json!({
        "operation": "ec2:DescribeImages", "times": 2, "answer": {"status": 503, "code": "Unavailable"},
    }))]);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(client.ec2("DescribeImages", &[("ImageId.1", BASE)]).await.0);
    }
    assert_eq!(statuses, [503, 503, 200]);
}

#[tokio::test]
async fn a_lost_response_was_carried_out_and_its_token_answers_again() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    client.emulator.add_faults([fault(json!({
        "operation": "imagebuilder:StartImagePipelineExecution", "drop-response-after-commit": true,
    }))]);
    let start = || {
        let input = json!({"imagePipelineArn": pipeline, "clientToken": "event"});
        client.put("StartImagePipelineExecution", input)
    };
    let lost = start().await;
    assert!(lost.dropped && lost.body.is_null(), "{lost:?}");
    let again = start().await.ok();
    assert!(again.text("/imageBuildVersionArn").ends_with("/1"), "the build was started once");
}
