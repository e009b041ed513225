//! Schedules of pipelines: when they start builds, when not, and when they are given up.

use imagebuilder_emulator::{Clock, Fault, Options, Quotas};
use serde_json::{Value, json};

use crate::support::{Client, Reply, document};

const HOUR: u64 = 3600;

const DAY: u64 = 24 * HOUR;

/// A client at 10:00 on the first of January 2026, a Thursday.
fn client() -> Client {
    with_quotas(Quotas::default())
}

/// As above, but a second build is more than the quota allows.
fn one_at_a_time() -> Client {
    with_quotas(Quotas {
        concurrent_builds: 1,
        ..Quotas::default()
    })
}

fn with_quotas(quotas: Quotas) -> Client {
    let start = Some("2026-01-01T10:00:00Z".parse().unwrap());
    Client::new(Options {
        clock: Clock::Manual,
        start,
        quotas,
        ..Options::default()
    })
}

/// A schedule that starts a build at each match.
fn each(expression: &str) -> Value {
    json!({"schedule": {
        "scheduleExpression": expression, "pipelineExecutionStartCondition": "EXPRESSION_MATCH_ONLY",
    }})
}

/// A schedule that starts a build if there are updates.
fn updates(expression: &str) -> Value {
    json!({"schedule": {"scheduleExpression": expression}})
}

async fn pipeline(client: &Client, arn: &str) -> Value {
    let reply = client
        .get("GetImagePipeline", "imagePipelineArn", arn)
        .await
        .ok();
    reply.body["imagePipeline"].clone()
}

async fn images(client: &Client, pipeline: &str) -> Vec<Value> {
    let input = json!({"imagePipelineArn": pipeline, "maxResults": 100});
    let reply = client.list("ListImagePipelineImages", input).await.ok();
    reply.body["imageSummaryList"].as_array().unwrap().clone()
}

async fn component(client: &Client, version: &str) {
    let input = json!({
        "name": "harden", "semanticVersion": version, "platform": "Linux", "data": document("build"),
    });
    client.put("CreateComponent", input).await.ok();
}

/// A recipe that uses the newest version of the component.
fn floating() -> Value {
    let harden = "arn:aws:imagebuilder:us-east-1:111122223333:component/harden/x.x.x";
    json!({"components": [{"componentArn": harden}]})
}

async fn update(client: &Client, arn: &str, more: Value) -> Reply {
    let found = pipeline(client, arn).await;
    let mut input = json!({
        "imagePipelineArn": arn,
        "imageRecipeArn": found["imageRecipeArn"],
        "infrastructureConfigurationArn": found["infrastructureConfigurationArn"],
    });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    client.put("UpdateImagePipeline", input).await
}

fn fail_builds(client: &Client, times: u64) {
    let fault = json!({"fail-build": {"state": "BUILDING", "times": times}});
    client
        .emulator
        .add_faults([serde_json::from_value::<Fault>(fault).unwrap()]);
}

#[tokio::test]
async fn each_match_starts_a_scheduled_build_at_its_time() {
    let client = client();
    let mut more = each("cron(30 11 * * ? *)");
    more["imageTags"] = json!({"cause": "schedule"});
    let arn = client.pipeline("web", json!({}), more).await;
    assert_eq!(
        pipeline(&client, &arn).await["dateNextRun"],
        "2026-01-01T11:30:00.000Z"
    );
    client.advance(3 * DAY);
    let images = images(&client, &arn).await;
    let dates: Vec<_> = images
        .iter()
        .map(|image| image["dateCreated"].as_str().unwrap())
        .collect();
    let expected = [
        "2026-01-03T11:30:00.000Z",
        "2026-01-02T11:30:00.000Z",
        "2026-01-01T11:30:00.000Z",
    ];
    assert_eq!(dates, expected);
    for image in &images {
        assert_eq!(image["buildType"], "SCHEDULED");
        assert_eq!(image["tags"], json!({"cause": "schedule"}));
        assert_eq!(image["state"]["status"], "AVAILABLE");
    }
    let found = pipeline(&client, &arn).await;
    assert_eq!(found["dateLastRun"], "2026-01-03T11:30:00.000Z");
    assert_eq!(found["lastRunStatus"], "AVAILABLE");
    assert_eq!(found["dateNextRun"], "2026-01-04T11:30:00.000Z");
}

#[tokio::test]
async fn a_rate_counts_from_the_creation_and_a_zone_moves_the_clock() {
    let client = client();
    let rate = client
        .pipeline("rate", json!({}), each("rate(2 hours)"))
        .await;
    let mut tokyo = each("cron(0 9 * * ? *)");
    tokyo["schedule"]["timezone"] = "Asia/Tokyo".into();
    let zone = client.pipeline("zone", json!({}), tokyo).await;
    assert_eq!(
        pipeline(&client, &rate).await["dateNextRun"],
        "2026-01-01T12:00:00.000Z"
    );
    assert_eq!(
        pipeline(&client, &zone).await["dateNextRun"],
        "2026-01-02T00:00:00.000Z"
    );
    client.advance(5 * HOUR);
    assert_eq!(images(&client, &rate).await.len(), 2);
    assert_eq!(
        pipeline(&client, &rate).await["dateNextRun"],
        "2026-01-01T16:00:00.000Z"
    );
}

#[tokio::test]
async fn what_is_disabled_updated_or_deleted_does_not_run() {
    let client = client();
    let mut more = each("rate(1 hour)");
    more["status"] = "DISABLED".into();
    let disabled = client.pipeline("disabled", json!({}), more).await;
    let updated = client
        .pipeline("updated", json!({}), each("rate(1 hour)"))
        .await;
    let deleted = client
        .pipeline("deleted", json!({}), each("rate(1 hour)"))
        .await;
    update(&client, &updated, json!({})).await.ok();
    client
        .delete("DeleteImagePipeline", "imagePipelineArn", &deleted)
        .await
        .ok();
    for arn in [&disabled, &updated] {
        assert!(pipeline(&client, arn).await.get("dateNextRun").is_none());
    }
    client.advance(DAY);
    let all = client.list("ListImageBuildVersions", json!({})).await.ok();
    assert_eq!(all.body["imageSummaryList"], json!([]));
    client.start(&disabled).await;
}

#[tokio::test]
async fn without_wildcards_there_is_nothing_to_update() {
    let client = client();
    let arn = client
        .pipeline("web", json!({}), updates("rate(1 hour)"))
        .await;
    client.advance(DAY);
    assert_eq!(images(&client, &arn).await.len(), 0);
    let found = pipeline(&client, &arn).await;
    assert!(found.get("dateLastRun").is_none());
    assert_eq!(found["dateNextRun"], "2026-01-02T11:00:00.000Z");
}

#[tokio::test]
async fn a_new_version_of_a_wildcard_is_built_once() {
    let client = client();
    component(&client, "1.0.0").await;
    let arn = client
        .pipeline("web", floating(), updates("rate(1 hour)"))
        .await;
    client.advance(DAY);
    assert_eq!(
        images(&client, &arn).await.len(),
        1,
        "the first one, and nothing new after it"
    );
    component(&client, "1.0.1").await;
    client.advance(DAY);
    assert_eq!(images(&client, &arn).await.len(), 2);
}

#[tokio::test]
async fn a_build_by_hand_counts_and_a_failed_one_leaves_the_update_to_be_tried_again() {
    let client = client();
    component(&client, "1.0.0").await;
    let arn = client
        .pipeline("web", floating(), updates("rate(1 hour)"))
        .await;
    client.start(&arn).await;
    client.advance(3 * HOUR);
    assert_eq!(images(&client, &arn).await.len(), 1);
    component(&client, "1.1.0").await;
    fail_builds(&client, 2);
    client.advance(5 * HOUR);
    let states: Vec<_> = images(&client, &arn)
        .await
        .iter()
        .map(|i| i["state"]["status"].clone())
        .collect();
    assert_eq!(states, ["AVAILABLE", "FAILED", "FAILED", "AVAILABLE"]);
}

#[tokio::test]
async fn a_newer_parent_image_is_an_update() {
    let client = client();
    let base = client.pipeline("base", json!({}), json!({})).await;
    client.start(&base).await;
    client.advance(HOUR);
    let parent = "arn:aws:imagebuilder:us-east-1:111122223333:image/base/x.x.x";
    let web = client
        .pipeline(
            "web",
            json!({"parentImage": parent}),
            updates("rate(1 hour)"),
        )
        .await;
    client.advance(4 * HOUR);
    assert_eq!(images(&client, &web).await.len(), 1);
    client.start(&base).await;
    client.advance(4 * HOUR);
    assert_eq!(images(&client, &web).await.len(), 2);
}

#[tokio::test]
async fn a_start_that_the_quota_refuses_is_skipped() {
    let client = one_at_a_time();
    let arn = client
        .pipeline("web", json!({}), each("rate(5 minutes)"))
        .await;
    client.advance(HOUR);
    let images = images(&client, &arn).await;
    let dates: Vec<_> = images
        .iter()
        .map(|image| &image["dateCreated"].as_str().unwrap()[11..16])
        .collect();
    assert_eq!(
        dates,
        ["10:45", "10:25", "10:05"],
        "a build takes twenty minutes"
    );
}

#[tokio::test]
async fn five_failures_in_a_row_disable_a_pipeline() {
    let client = client();
    let arn = client
        .pipeline("web", json!({}), each("rate(1 hour)"))
        .await;
    fail_builds(&client, 100);
    client.advance(5 * HOUR);
    assert_eq!(pipeline(&client, &arn).await["consecutiveFailures"], 4);
    client.advance(DAY);
    let found = pipeline(&client, &arn).await;
    assert_eq!(
        (&found["status"], &found["consecutiveFailures"]),
        (&json!("DISABLED"), &json!(5))
    );
    assert!(found.get("dateNextRun").is_none());
    assert_eq!(images(&client, &arn).await.len(), 5);
    let events = client.emulator.take_events();
    let disabled: Vec<_> = events
        .iter()
        .filter(|event| {
            event["detail-type"] == "EC2 Image Builder Image Pipeline Automatically Disabled"
        })
        .collect();
    assert_eq!(disabled.len(), 1);
    assert_eq!(disabled[0]["detail"], json!({"consecutive-failures": "5"}));
    assert_eq!(disabled[0]["resources"], json!([arn]));
    assert_eq!(disabled[0]["source"], "aws.imagebuilder");
}

#[tokio::test]
async fn the_policy_sets_the_number_and_the_row_is_broken_by_success_and_update() {
    let client = client();
    let mut more = each("rate(1 hour)");
    more["schedule"]["autoDisablePolicy"] = json!({"failureCount": 2});
    let arn = client.pipeline("web", json!({}), more.clone()).await;
    fail_builds(&client, 1);
    client.advance(HOUR + HOUR / 2);
    assert_eq!(pipeline(&client, &arn).await["consecutiveFailures"], 1);
    fail_builds(&client, 1);
    client.start(&arn).await;
    client.advance(HOUR / 4);
    assert_eq!(
        pipeline(&client, &arn).await["consecutiveFailures"],
        1,
        "a manual failure does not count"
    );
    client.advance(HOUR);
    assert_eq!(
        pipeline(&client, &arn).await["consecutiveFailures"],
        0,
        "a success ends the row"
    );
    fail_builds(&client, 1);
    client.advance(HOUR);
    assert_eq!(pipeline(&client, &arn).await["consecutiveFailures"], 1);
    update(&client, &arn, more.clone()).await.ok();
    fail_builds(&client, 3);
    client.advance(HOUR + HOUR / 2);
    let found = pipeline(&client, &arn).await;
    assert_eq!(
        (&found["status"], &found["consecutiveFailures"]),
        (&json!("ENABLED"), &json!(1))
    );
    client.advance(HOUR);
    assert_eq!(pipeline(&client, &arn).await["status"], "DISABLED");
}

#[tokio::test]
async fn a_schedule_of_each_minute_outlives_a_year_at_once() {
    let client = one_at_a_time();
    let arn = client
        .pipeline("web", json!({}), each("cron(* * * * ? *)"))
        .await;
    client.advance(365 * DAY);
    assert_eq!(
        pipeline(&client, &arn).await["dateNextRun"],
        "2027-01-01T10:01:00.000Z"
    );
    let builds = client
        .image("arn:aws:imagebuilder:us-east-1:111122223333:image/web/x.x.x")
        .await;
    assert_eq!(
        builds["version"], "1.0.0/504",
        "a week of twenty minutes each, the rest is passed over"
    );
}

#[tokio::test]
async fn what_is_no_schedule_is_refused() {
    let client = client();
    let arn = client.pipeline("web", json!({}), json!({})).await;
    for (expression, zone, member) in [
        ("cron(0 0 * * *)", "UTC", "schedule.scheduleExpression"),
        ("cron(0 0 * * * *)", "UTC", "schedule.scheduleExpression"),
        ("cron(99 0 * * ? *)", "UTC", "schedule.scheduleExpression"),
        ("cron(a b c d e f)", "UTC", "schedule.scheduleExpression"),
        ("every day", "UTC", "schedule.scheduleExpression"),
        ("rate(1 days)", "UTC", "schedule.scheduleExpression"),
        ("rate(1 day)", "Mars/X", "schedule.timezone"),
    ] {
        let schedule = json!({"schedule": {"scheduleExpression": expression, "timezone": zone}});
        let refused = update(&client, &arn, schedule).await;
        let text = refused.refused(400, "InvalidParameterValueException");
        let head = format!("The value supplied for parameter '{member}' is not valid. ");
        assert!(text.starts_with(&head), "{expression}: {text}");
        if expression == "cron(0 0 * * *)" {
            let seen = "Invalid schedule expression. Details: Invalid CRON expression: error at position 9, details: \
                        Unexpected end of expression.";
            assert_eq!(
                &text[head.len()..],
                seen,
                "terraform-provider-aws, issue 17396"
            );
        }
    }
}
