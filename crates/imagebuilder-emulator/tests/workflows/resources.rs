//! `CreateWorkflow` and its siblings, and what a pipeline may say about workflows.

use serde_json::{Value, json};

use super::{LAUNCH, create, created, document, managed};
use crate::support::Client;

const PARAMETERS: &str = "schemaVersion: 1.0
parameters:
  - {name: gate, type: boolean}
  - {name: count, type: integer, default: 3}
steps:
  - {name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}
";

#[tokio::test]
async fn a_changed_workflow_is_a_new_build_and_the_same_is_refused() {
    let client = Client::manual();
    let first = create(&client, "My Flow", "TEST", &document(LAUNCH))
        .await
        .ok();
    let arn = "arn:aws:imagebuilder:us-east-1:111122223333:workflow/test/my-flow/1.0.0";
    assert_eq!(first.text("/workflowBuildVersionArn"), format!("{arn}/1"));
    assert_eq!(
        first.text("/latestVersionReferences/latestVersionArn"),
        arn.replace("1.0.0", "x.x.x")
    );
    create(&client, "my_flow", "TEST", &document(LAUNCH))
        .await
        .refused(400, "ResourceAlreadyExistsException");
    let changed = created(&client, "My Flow", "TEST", PARAMETERS).await;
    assert_eq!(changed, format!("{arn}/2"));
    let other_kind = created(&client, "My Flow", "BUILD", &document(LAUNCH)).await;
    assert!(
        other_kind.ends_with("workflow/build/my-flow/1.0.0/1"),
        "{other_kind}"
    );
    client
        .delete("DeleteWorkflow", "workflowBuildVersionArn", &changed)
        .await
        .ok();
    assert_eq!(
        created(&client, "My Flow", "TEST", PARAMETERS).await,
        format!("{arn}/3")
    );
}

#[tokio::test]
async fn a_workflow_shows_its_document_and_parameters() {
    let client = Client::manual();
    let arn = created(&client, "flow", "TEST", PARAMETERS).await;
    for reference in [
        arn.clone(),
        arn.replace("1.0.0/1", "x.x.x"),
        arn.replace("/1.0.0/1", "/1.0.0"),
    ] {
        let got = client
            .get("GetWorkflow", "workflowBuildVersionArn", &reference)
            .await
            .ok();
        let workflow = &got.body["workflow"];
        assert_eq!(workflow["arn"], json!(arn));
        assert_eq!(workflow["data"], PARAMETERS);
        assert_eq!(workflow["owner"], "111122223333");
        let expected = json!([
            {"name": "gate", "type": "boolean"},
            {"name": "count", "type": "integer", "defaultValue": ["3"]},
        ]);
        assert_eq!(workflow["parameters"], expected);
        assert_eq!(got.body.get("requestId"), None);
    }
    let missing = arn.replace("flow/1.0.0/1", "other/x.x.x");
    client
        .get("GetWorkflow", "workflowBuildVersionArn", &missing)
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn amazon_s_workflows_refer_to_their_newest_version_only() {
    let client = Client::manual();
    let arn = managed("build/build-image")["workflowArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let got = client
        .get("GetWorkflow", "workflowBuildVersionArn", &arn)
        .await
        .ok();
    assert_eq!(
        got.body["latestVersionReferences"],
        json!({"latestVersionArn": arn})
    );
    assert_eq!(got.body["workflow"]["owner"], "Amazon");
    let concrete = got.text("/workflow/arn").to_owned();
    client
        .delete("DeleteWorkflow", "workflowBuildVersionArn", &concrete)
        .await
        .refused(404, "ResourceNotFoundException");
}

async fn names(client: &Client, input: Value) -> Vec<String> {
    let listed = client.list("ListWorkflows", input).await.ok();
    let listed = listed.body["workflowVersionList"]
        .as_array()
        .unwrap()
        .clone();
    listed
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn lists_show_versions_names_and_builds() {
    let client = Client::manual();
    let first = created(&client, "one", "TEST", &document(LAUNCH)).await;
    created(&client, "one", "TEST", PARAMETERS).await;
    created(&client, "two", "BUILD", &document(LAUNCH)).await;
    assert_eq!(names(&client, json!({})).await, ["two", "one"]);
    assert_eq!(
        names(
            &client,
            json!({"filters": [{"name": "type", "values": ["TEST"]}]})
        )
        .await,
        ["one"]
    );
    let amazons = names(&client, json!({"owner": "Amazon", "byName": true})).await;
    assert_eq!(amazons, ["build-image", "test-image", "distribute-image"]);
    for owner in ["Shared", "ThirdParty"] {
        let refused = client.list("ListWorkflows", json!({"owner": owner})).await;
        refused.refused(400, "InvalidParameterValueException");
    }
    assert!(
        names(&client, json!({"owner": "AWSMarketplace"}))
            .await
            .is_empty()
    );
    let version = first.trim_end_matches("/1").to_owned();
    let builds = client
        .list(
            "ListWorkflowBuildVersions",
            json!({"workflowVersionArn": version}),
        )
        .await
        .ok();
    assert_eq!(
        builds.body["workflowSummaryList"].as_array().unwrap().len(),
        2
    );
    let all = client
        .list("ListWorkflowBuildVersions", json!({}))
        .await
        .ok();
    assert_eq!(all.body["workflowSummaryList"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_dry_run_makes_nothing_and_tags_come_and_go() {
    let client = Client::manual();
    let input = json!({"name": "dry", "semanticVersion": "1.0.0", "type": "TEST", "data": document(LAUNCH),
        "dryRun": true});
    client
        .put("CreateWorkflow", input)
        .await
        .refused(412, "DryRunOperationException");
    assert!(names(&client, json!({})).await.is_empty());
    let arn = created(&client, "wet", "TEST", &document(LAUNCH)).await;
    let path = format!("/tags/{}", crate::support::encoded(&arn));
    client
        .request(http::Method::POST, &path, &json!({"tags": {"a": "b"}}))
        .await
        .ok();
    let got = client
        .get("GetWorkflow", "workflowBuildVersionArn", &arn)
        .await
        .ok();
    assert_eq!(got.body["workflow"]["tags"], json!({"a": "b"}));
}

#[tokio::test]
async fn bad_documents_and_missing_documents_are_distinguished() {
    let client = Client::manual();
    let bad = document("  - {name: Launch, action: Dance}\n");
    create(&client, "bad", "TEST", &bad)
        .await
        .refused(400, "InvalidParameterValueException");
    let elsewhere = document("  - {name: Copy, action: DistributeImage}\n");
    create(&client, "bad", "TEST", &elsewhere)
        .await
        .refused(400, "InvalidParameterValueException");
    let machine = document(
        "  - {name: Machine, action: ExecuteStateMachine, inputs: {stateMachineArn: x}}\n",
    );
    create(&client, "gap", "TEST", &machine)
        .await
        .refused(501, "NotEmulatedException");
}

#[tokio::test]
async fn what_a_pipeline_names_is_checked_and_kept() {
    let client = Client::manual();
    let gated = created(&client, "gated", "TEST", PARAMETERS).await;
    let with = |more: Value| {
        let mut one = json!({"workflowArn": gated});
        one.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        one
    };
    let value = |name: &str, value: Value| json!({"parameters": [{"name": name, "value": value}]});
    let recipe = client
        .recipe("web", "1.0.0", json!({}))
        .await
        .ok()
        .text("/imageRecipeArn")
        .to_owned();
    let infrastructure = client.infrastructure("web").await;
    let create = async |workflows: Value, role: Option<&str>| {
        let input = json!({
            "name": "web", "imageRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure,
            "workflows": workflows, "executionRole": role,
        });
        client.put("CreateImagePipeline", input).await
    };
    let build = managed("build/build-image");
    let invalid = "InvalidParameterValueException";
    let cases = [
        (json!([with(json!({}))]), invalid),
        (json!([with(value("gate", json!(["maybe"])))]), invalid),
        (
            json!([with(value("gate", json!(["true", "false"])))]),
            invalid,
        ),
        (json!([with(value("colour", json!(["red"])))]), invalid),
        (json!([build, build]), invalid),
        (
            json!([{"workflowArn": build["workflowArn"], "onFailure": "CONTINUE"}]),
            invalid,
        ),
        (
            json!([{"workflowArn": build["workflowArn"], "parallelGroup": "a"}]),
            invalid,
        ),
        (json!([managed("build/other")]), "ResourceNotFoundException"),
        (
            json!(vec![managed("test/test-image"); 11]),
            "ServiceQuotaExceededException",
        ),
    ];
    for (workflows, code) in cases {
        let reply = create(workflows.clone(), Some("role")).await;
        assert_eq!(reply.error, code, "{workflows} {reply:?}");
    }
    create(json!([build]), None)
        .await
        .refused(400, "InvalidParameterCombinationException");
    create(
        json!([build, with(value("gate", json!(["true"])))]),
        Some("role"),
    )
    .await
    .ok();
    let blocked = client
        .delete("DeleteWorkflow", "workflowBuildVersionArn", &gated)
        .await;
    blocked.refused(400, "ResourceDependencyException");
}
