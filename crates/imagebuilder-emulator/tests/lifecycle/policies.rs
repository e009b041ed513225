//! Lifecycle policies as resources.

use imagebuilder_emulator::{Clock, Options, Quotas};
use serde_json::{Value, json};

use super::{ROLE, created, older_than, policy, rule};
use crate::support::Client;

async fn shown(client: &Client, arn: &str) -> Value {
    let reply = client
        .get("GetLifecyclePolicy", "lifecyclePolicyArn", arn)
        .await
        .ok();
    reply.body["lifecyclePolicy"].clone()
}

fn monthly() -> Value {
    rule("DELETE", older_than(6, "MONTHS"))
}

#[tokio::test]
async fn a_policy_is_created_shown_listed_tagged_and_deleted() {
    let client = Client::new(Options {
        clock: Clock::Manual,
        start: Some("2026-02-14T19:46:16.904Z".parse().unwrap()),
        ..Options::default()
    });
    let mut input = policy("Keep_A Few", monthly());
    input["description"] = "half a year".into();
    input["tags"] = json!({"owner": "team"});
    let arn = created(&client, input.clone()).await;
    assert_eq!(
        arn,
        "arn:aws:imagebuilder:us-east-1:111122223333:lifecycle-policy/keep-a-few"
    );
    let found = shown(&client, &arn).await;
    assert_eq!(found["name"], "Keep_A Few");
    assert_eq!(found["status"], "ENABLED");
    assert_eq!(
        found["dateCreated"],
        json!(1_771_098_376.904),
        "a number, not a string"
    );
    for member in [
        "policyDetails",
        "resourceSelection",
        "executionRole",
        "resourceType",
        "description",
    ] {
        assert_eq!(found[member], input[member], "{member}");
    }
    let filters = json!({"filters": [
        {"name": "name", "values": ["Keep_A Few"]},
        {"name": "resourceType", "values": ["AMI_IMAGE"]},
        {"name": "status", "values": ["ENABLED"]},
    ]});
    let listed = client.list("ListLifecyclePolicies", filters).await.ok();
    assert_eq!(listed.text("/lifecyclePolicySummaryList/0/arn"), arn);
    assert_eq!(
        listed
            .body
            .pointer("/lifecyclePolicySummaryList/0/policyDetails"),
        None
    );
    let none = json!({"filters": [{"name": "status", "values": ["DISABLED"]}]});
    let listed = client.list("ListLifecyclePolicies", none).await.ok();
    assert_eq!(listed.body["lifecyclePolicySummaryList"], json!([]));
    let unknown = json!({"filters": [{"name": "description", "values": ["half a year"]}]});
    client
        .list("ListLifecyclePolicies", unknown)
        .await
        .refused(400, "InvalidParameterValueException");

    let path = format!("/tags/{}", crate::support::encoded(&arn));
    client
        .request(
            http::Method::POST,
            &path,
            &json!({"tags": {"stage": "prod"}}),
        )
        .await
        .ok();
    assert_eq!(
        shown(&client, &arn).await["tags"],
        json!({"owner": "team", "stage": "prod"})
    );

    client
        .delete("DeleteLifecyclePolicy", "lifecyclePolicyArn", &arn)
        .await
        .ok();
    let gone = client
        .get("GetLifecyclePolicy", "lifecyclePolicyArn", &arn)
        .await;
    gone.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn names_that_fold_to_the_same_are_one_and_policies_belong_to_their_place() {
    let client = Client::manual();
    let arn = created(&client, policy("keep few", monthly())).await;
    let again = client
        .put("CreateLifecyclePolicy", policy("KEEP_FEW", monthly()))
        .await;
    again.refused(400, "ResourceAlreadyExistsException");
    created(
        &client.in_region("eu-west-1"),
        policy("keep few", monthly()),
    )
    .await;
    let stranger = client.as_account("222222222222");
    let hidden = stranger
        .get("GetLifecyclePolicy", "lifecyclePolicyArn", &arn)
        .await;
    hidden.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_dry_run_creates_nothing_and_the_quota_holds() {
    let quotas = Quotas {
        lifecycle_policies: 1,
        ..Quotas::default()
    };
    let client = Client::new(Options {
        clock: Clock::Manual,
        quotas,
        ..Options::default()
    });
    let mut dry = policy("first", monthly());
    dry["dryRun"] = true.into();
    client
        .put("CreateLifecyclePolicy", dry)
        .await
        .refused(412, "DryRunOperationException");
    created(&client, policy("first", monthly())).await;
    let second = client
        .put("CreateLifecyclePolicy", policy("second", monthly()))
        .await;
    second.refused(402, "ServiceQuotaExceededException");
}

#[tokio::test]
async fn an_update_replaces_everything_and_enables_what_it_does_not_disable() {
    let client = Client::manual();
    let mut input = policy("keep", monthly());
    input["description"] = "old".into();
    input["status"] = "DISABLED".into();
    let arn = created(&client, input).await;
    let mut update = policy("unused", rule("DEPRECATE", older_than(1, "WEEKS")));
    update.as_object_mut().unwrap().remove("name");
    update["lifecyclePolicyArn"] = arn.as_str().into();
    client
        .put("UpdateLifecyclePolicy", update.clone())
        .await
        .ok();
    let found = shown(&client, &arn).await;
    assert_eq!(found["status"], "ENABLED");
    assert_eq!(found["description"], Value::Null);
    assert_eq!(found["policyDetails"][0]["action"]["type"], "DEPRECATE");
    assert_eq!(found["name"], "keep");

    let containers = json!({"action": {"type": "DELETE"}, "filter": older_than(1, "WEEKS")});
    update["resourceType"] = "CONTAINER_IMAGE".into();
    update["policyDetails"] = json!([containers]);
    client
        .put("UpdateLifecyclePolicy", update)
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn rules_that_contradict_themselves_are_refused() {
    let client = Client::manual();
    let age = || older_than(1, "DAYS");
    let count = json!({"type": "COUNT", "value": 3});
    let combination = "InvalidParameterCombinationException";
    let cases = [
        ("COUNT is for DELETE", rule("DEPRECATE", count.clone())),
        (
            "AGE has a unit",
            rule("DELETE", json!({"type": "AGE", "value": 3})),
        ),
        (
            "COUNT retains by itself",
            rule(
                "DELETE",
                json!({"type": "COUNT", "value": 3, "retainAtLeast": 1}),
            ),
        ),
        (
            "snapshots go with AMIs",
            json!({"action": {"type": "DELETE", "includeResources": {"snapshots": true}}, "filter": age()}),
        ),
        (
            "only DELETE has snapshots",
            json!({
                "action": {"type": "DISABLE", "includeResources": {"amis": true, "snapshots": true}},
                "filter": age(),
            }),
        ),
        (
            "AMIs have no containers",
            json!({"action": {"type": "DELETE", "includeResources": {"containers": true}}, "filter": age()}),
        ),
    ];
    for (why, detail) in cases {
        let reply = client
            .put("CreateLifecyclePolicy", policy("keep", detail))
            .await;
        assert_eq!(
            (reply.status, reply.error.as_str()),
            (400, combination),
            "{why}"
        );
    }
    let mut twice = policy("keep", rule("DELETE", count.clone()));
    twice["policyDetails"] = json!([rule("DELETE", count), rule("DELETE", age())]);
    client
        .put("CreateLifecyclePolicy", twice)
        .await
        .refused(400, "InvalidParameterValueException");

    let mut container = policy("keep", rule("DEPRECATE", age()));
    container["resourceType"] = "CONTAINER_IMAGE".into();
    client
        .put("CreateLifecyclePolicy", container)
        .await
        .refused(400, combination);
    for selection in [
        json!({}),
        json!({"recipes": [{"name": "web", "semanticVersion": "1.x.x"}], "tagMap": {"a": "b"}}),
    ] {
        let mut input = policy("keep", monthly());
        input["resourceSelection"] = selection;
        client
            .put("CreateLifecyclePolicy", input)
            .await
            .refused(400, combination);
    }
    let mut wildcard = policy("keep", monthly());
    wildcard["resourceSelection"] =
        json!({"recipes": [{"name": "web", "semanticVersion": "x.1.x"}]});
    client
        .put("CreateLifecyclePolicy", wildcard)
        .await
        .refused(400, "InvalidParameterValueException");
}

/// What the acceptance tests of Terraform's provider send: a floor for DISABLE, tags to select by.
#[tokio::test]
async fn a_retention_floor_is_accepted_with_any_action() {
    let client = Client::manual();
    let detail = json!({
        "action": {"type": "DISABLE", "includeResources": {"amis": true}},
        "exclusionRules": {"amis": {
            "isPublic": false, "lastLaunched": {"unit": "DAYS", "value": 7}, "tagMap": {"key1": "value1"}}},
        "filter": {"type": "AGE", "value": 6, "retainAtLeast": 5, "unit": "YEARS"},
    });
    let input = json!({
        "name": "by-tag", "executionRole": ROLE, "resourceType": "AMI_IMAGE", "policyDetails": [detail],
        "resourceSelection": {"tagMap": {"key1": "value1", "key2": "value2"}},
    });
    let arn = created(&client, input.clone()).await;
    assert_eq!(
        shown(&client, &arn).await["policyDetails"],
        input["policyDetails"]
    );
}
