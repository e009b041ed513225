//! Injected faults.

use imagebuilder_emulator::Fault;
use serde_json::{Value, json};

use crate::support::{BASE, CONSUMER, Client};

pub(crate) fn fault(json: Value) -> Fault {
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
    assert_eq!(
        struck.refused(429, "CallRateLimitExceededException"),
        "slow down"
    );
    client.recipe("two", "1.0.0", json!({})).await.ok();
    let statuses: Vec<_> = client
        .emulator
        .calls()
        .iter()
        .map(|call| call.status)
        .collect();
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
    assert!(
        again.text("/imageBuildVersionArn").ends_with("/1"),
        "the build was started once"
    );
}

#[tokio::test]
async fn a_code_that_is_not_given_is_the_usual_one_of_the_status() {
    let client = Client::manual();
    let usual = [
        (402, "ServiceQuotaExceededException"),
        (403, "ForbiddenException"),
        (429, "CallRateLimitExceededException"),
        (500, "ServiceException"),
        (503, "ServiceUnavailableException"),
    ];
    for (status, code) in usual {
        let operation = "imagebuilder:ListComponents";
        client.emulator.add_faults([fault(
            json!({"operation": operation, "answer": {"status": status}}),
        )]);
        client
            .list("ListComponents", json!({}))
            .await
            .refused(status, code);
    }
}

#[tokio::test]
async fn a_service_an_account_and_a_region_can_be_matched() {
    let client = Client::manual();
    client.emulator.add_faults([fault(json!({
        "operation": "imagebuilder:*", "account": CONSUMER, "region": "eu-west-1", "times": 2,
        "answer": {"status": 503},
    }))]);
    let consumer = client.as_account(CONSUMER);
    let mut statuses = Vec::new();
    for caller in [&client, &consumer, &consumer.in_region("eu-west-1")] {
        statuses.push(caller.list("ListImages", json!({})).await.status);
    }
    assert_eq!(statuses, [200, 200, 503]);
    let (status, _) = consumer
        .in_region("eu-west-1")
        .ec2("DescribeImages", &[])
        .await;
    assert_eq!(status, 200, "another service");
    let abroad = consumer.in_region("eu-west-1");
    abroad
        .list("ListComponents", json!({}))
        .await
        .refused(503, "ServiceUnavailableException");
    abroad.list("ListComponents", json!({})).await.ok();
}

/// Which of a hundred calls fail.
async fn hit(probability: f64, seed: u64) -> Vec<usize> {
    let client = Client::manual();
    client.emulator.add_faults([fault(json!({
        "operation": "imagebuilder:ListImages", "probability": probability, "seed": seed,
        "answer": {"status": 429},
    }))]);
    let mut hit = Vec::new();
    for call in 0..100 {
        if client.list("ListImages", json!({})).await.status == 429 {
            hit.push(call);
        }
    }
    hit
}

#[tokio::test]
async fn a_probability_hits_the_same_calls_for_the_same_seed() {
    let third = hit(0.3, 7).await;
    assert!((15..=45).contains(&third.len()), "{third:?}");
    assert_eq!(third, hit(0.3, 7).await);
    assert_ne!(third, hit(0.3, 8).await);
    assert_eq!(hit(0.0, 1).await.len(), 0);
    assert_eq!(hit(1.0, 1).await.len(), 100);
}

#[tokio::test]
async fn stale_reads_see_the_state_of_when_the_fault_was_added() {
    let client = Client::manual();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    client.emulator.add_faults([fault(json!({
        "operation": "imagebuilder:*", "times": 3, "stale-reads": true,
    }))]);
    client.advance(1200);
    let second = client.start(&pipeline).await;
    assert_eq!(client.status(&image).await, "PENDING");
    let missing = client
        .get("GetImage", "imageBuildVersionArn", &second)
        .await;
    missing.refused(404, "ResourceNotFoundException");
    client
        .in_region("eu-west-1")
        .list("ListComponents", json!({"owner": "Amazon"}))
        .await
        .ok();
    assert_eq!(client.status(&image).await, "AVAILABLE");
    assert_eq!(client.status(&second).await, "PENDING");
    assert!(client.emulator.faults().is_empty());
}

#[tokio::test]
async fn a_stalled_call_is_carried_out_and_delays_no_other_call() {
    let client = Client::manual();
    client.emulator.add_faults([fault(json!({
        "operation": "imagebuilder:CreateInfrastructureConfiguration", "stall": 3600,
    }))]);
    let stalled = tokio::spawn({
        let client = client.clone();
        async move { client.infrastructure("web").await }
    });
    while client.emulator.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let list = client
        .list("ListInfrastructureConfigurations", json!({}))
        .await
        .ok();
    assert_eq!(
        list.body["infrastructureConfigurationSummaryList"][0]["name"],
        "web"
    );
    assert!(!stalled.is_finished());
    stalled.abort();
}

async fn failed(client: &Client, failure: Value) -> Value {
    client
        .emulator
        .add_faults([fault(json!({"fail-build": failure}))]);
    let image = client
        .start("arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/web")
        .await;
    client.advance(1200);
    client.emulator.clear_faults();
    client.image(&image).await["state"].clone()
}

#[tokio::test]
async fn builds_fail_by_region_and_account_with_a_message() {
    let client = Client::manual();
    let distributions = json!([
        {"region": "us-east-1", "amiDistributionConfiguration": {}},
        {"region": "eu-west-1", "amiDistributionConfiguration": {"targetAccountIds": [CONSUMER]}},
    ]);
    let distribution = client.distribution("web", distributions).await.ok();
    let more =
        json!({"distributionConfigurationArn": distribution.text("/distributionConfigurationArn")});
    client.pipeline("web", json!({}), more).await;
    let abroad =
        json!({"state": "DISTRIBUTING", "region": "eu-west-1", "message": "the disk is full"});
    let state = failed(&client, abroad).await;
    let failure = &state["failureContext"]["distributionFailure"]["regionFailures"][0];
    assert_eq!(
        (&failure["region"], &failure["errorMessage"]),
        (&json!("eu-west-1"), &json!("the disk is full"))
    );
    assert_eq!(state["failureContext"]["imageStatus"], "DISTRIBUTING");
    let copied = failed(
        &client,
        json!({"state": "INTEGRATING", "account": CONSUMER}),
    )
    .await;
    assert_eq!(copied["failureContext"]["imageStatus"], "INTEGRATING");
    let silent = failed(
        &client,
        json!({"state": "TESTING", "failure-context": false}),
    )
    .await;
    assert_eq!(
        (&silent["status"], silent.get("failureContext")),
        (&json!("FAILED"), None)
    );
    for other in [
        json!({"state": "BUILDING", "region": "eu-west-1"}),
        json!({"state": "BUILDING", "account": CONSUMER}),
        json!({"state": "DISTRIBUTING", "region": "eu-north-1"}),
        json!({"state": "DISTRIBUTING", "recipe": "other"}),
    ] {
        assert_eq!(
            failed(&client, other.clone()).await["status"],
            "AVAILABLE",
            "{other}"
        );
    }
}
