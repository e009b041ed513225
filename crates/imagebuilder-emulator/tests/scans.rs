//! Image scanning: findings and packages that were seeded.

use imagebuilder_emulator::Seed;
use serde_json::{Value, json};

use crate::support::{CONSUMER, Client};

fn seeded() -> Client {
    let client = Client::manual();
    let finding = |id: &str, severity: &str, more: Value| {
        let mut finding = json!({
            "vulnerability-id": id, "severity": severity, "package": {"name": "openssl", "version": "3.0.8"},
        });
        finding
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        finding
    };
    let seed = json!({
        "findings": [
            finding("CVE-2026-0001", "CRITICAL", json!({"fixed-in": "3.0.9", "score": 9.8, "title": "Bad"})),
            finding("CVE-2026-0002", "LOW", json!({})),
            finding("CVE-2026-0003", "HIGH", json!({"recipe": "other"})),
        ],
        "packages": [
            {"name": "openssl", "version": "3.0.8"},
            {"name": "nginx", "version": "1.26", "recipe": "web"},
            {"name": "mysql", "version": "8", "recipe": "other"},
        ],
    });
    client
        .emulator
        .seed(&serde_json::from_value::<Seed>(seed).unwrap());
    client
}

fn scanning() -> Value {
    json!({"imageScanningConfiguration": {"imageScanningEnabled": true}})
}

/// A finished build with scanning.
async fn built(client: &Client, name: &str) -> (String, String) {
    let pipeline = client.pipeline(name, json!({}), scanning()).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    (pipeline, image)
}

async fn findings(client: &Client, filter: Option<(&str, &str)>) -> Vec<Value> {
    let filters = filter.map(|(name, value)| json!([{"name": name, "values": [value]}]));
    let reply = client
        .list("ListImageScanFindings", json!({"filters": filters}))
        .await
        .ok();
    reply.body["findings"].as_array().unwrap().clone()
}

fn ids(findings: &[Value]) -> Vec<&str> {
    let id = |finding: &'_ Value| {
        finding
            .pointer("/packageVulnerabilityDetails/vulnerabilityId")
            .is_some()
    };
    assert!(findings.iter().all(id));
    findings
        .iter()
        .map(|finding| {
            finding["packageVulnerabilityDetails"]["vulnerabilityId"]
                .as_str()
                .unwrap()
        })
        .collect()
}

#[tokio::test]
async fn findings_are_listed_by_at_most_one_filter() {
    let client = seeded();
    let (pipeline, image) = built(&client, "web").await;
    let (_, other) = built(&client, "other").await;
    assert_eq!(findings(&client, None).await.len(), 5);
    let of = async |name, value| ids(&findings(&client, Some((name, value))).await).join(" ");
    assert_eq!(
        of("imageBuildVersionArn", &image).await,
        "CVE-2026-0001 CVE-2026-0002"
    );
    assert_eq!(
        of("imagePipelineArn", &pipeline).await,
        "CVE-2026-0001 CVE-2026-0002"
    );
    assert_eq!(of("severity", "HIGH").await, "CVE-2026-0003");
    assert_eq!(
        of("vulnerabilityId", "CVE-2026-0002").await,
        "CVE-2026-0002 CVE-2026-0002"
    );
    let first = &findings(&client, Some(("imageBuildVersionArn", &other))).await[0];
    assert_eq!(first["title"], "Bad");
    assert_eq!(
        (&first["severity"], &first["fixAvailable"]),
        (&json!("CRITICAL"), &json!("YES"))
    );
    assert_eq!(
        first["packageVulnerabilityDetails"]["vulnerablePackages"][0]["fixedInVersion"],
        "3.0.9"
    );
    assert!(
        findings(&client.as_account(CONSUMER), None)
            .await
            .is_empty()
    );
    let two = json!({"filters": [
        {"name": "severity", "values": ["HIGH"]}, {"name": "vulnerabilityId", "values": ["CVE-1"]}]});
    client
        .list("ListImageScanFindings", two)
        .await
        .refused(400, "InvalidParameterValueException");
    let unknown = json!({"filters": [{"name": "colour", "values": ["red"]}]});
    client
        .list("ListImageScanFindings", unknown)
        .await
        .refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn findings_are_counted_in_groups() {
    let client = seeded();
    let (_, image) = built(&client, "web").await;
    built(&client, "other").await;
    let counted = async |filter: Value| {
        let reply = client
            .list("ListImageScanFindingAggregations", filter)
            .await
            .ok();
        (
            reply.body["aggregationType"].clone(),
            reply.body["responses"].clone(),
        )
    };
    let counts =
        |all, critical, high| json!({"all": all, "critical": critical, "high": high, "medium": 0});
    let account = json!([{"accountAggregation": {"accountId": "111122223333", "severityCounts": counts(5, 2, 1)}}]);
    assert_eq!(counted(json!({})).await, (json!("accountId"), account));
    let by_image = json!({"filter": {"name": "imageBuildVersionArn", "values": [image]}});
    let expected = json!([{"imageAggregation": {
        "imageBuildVersionArn": image, "severityCounts": counts(2, 1, 0)}}]);
    assert_eq!(
        counted(by_image).await,
        (json!("imageBuildVersionArn"), expected)
    );
    let by_severity = json!({"filter": {"name": "severity", "values": ["HIGH"]}});
    let refused = client
        .list("ListImageScanFindingAggregations", by_severity)
        .await;
    refused.refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn without_seeds_nothing_is_found() {
    let client = Client::manual();
    let (_, image) = built(&client, "web").await;
    assert!(findings(&client, None).await.is_empty());
    let counted = client
        .list("ListImageScanFindingAggregations", json!({}))
        .await
        .ok();
    assert_eq!(counted.body["responses"], json!([]));
    let packages = client
        .list("ListImagePackages", json!({"imageBuildVersionArn": image}))
        .await
        .ok();
    assert_eq!(packages.body["imagePackageList"], json!([]));
}

#[tokio::test]
async fn packages_are_listed_once_the_image_is_built() {
    let client = seeded();
    let pipeline = client.pipeline("web", json!({}), json!({})).await;
    let image = client.start(&pipeline).await;
    let list = async || {
        let reply = client
            .list("ListImagePackages", json!({"imageBuildVersionArn": image}))
            .await
            .ok();
        reply.body["imagePackageList"].clone()
    };
    assert_eq!(list().await, json!([]));
    client.advance(1200);
    let expected = json!([
        {"packageName": "openssl", "packageVersion": "3.0.8"},
        {"packageName": "nginx", "packageVersion": "1.26"},
    ]);
    assert_eq!(list().await, expected);
    let unknown = json!({"imageBuildVersionArn": image.replace("/web/", "/none/")});
    client
        .list("ListImagePackages", unknown)
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn the_event_counts_what_the_scan_found_when_the_tests_are_over() {
    let client = seeded();
    let (pipeline, image) = built(&client, "web").await;
    let events = client.emulator.take_events();
    let name = "EC2 Image Builder CVE Detected";
    let position = events
        .iter()
        .position(|event| event["detail-type"] == name)
        .unwrap();
    let event = &events[position];
    assert_eq!(event["resources"], json!([image, pipeline]));
    assert_eq!(
        event["detail"]["finding-severity-counts"],
        json!({"all": 2, "critical": 1, "high": 0, "medium": 0})
    );
    assert!(
        event["detail"]["resource-id"]
            .as_str()
            .unwrap()
            .starts_with("i-")
    );
    assert_eq!(
        events[position + 1]["detail"]["previous-state"]["status"],
        "TESTING"
    );
}

#[tokio::test]
async fn the_scan_has_a_state_of_its_own() {
    let client = seeded();
    let pipeline = client.pipeline("web", json!({}), scanning()).await;
    let image = client.start(&pipeline).await;
    let state = async || client.image(&image).await["scanState"]["status"].clone();
    assert_eq!(state().await, "PENDING");
    client.advance(720);
    assert_eq!(state().await, "SCANNING");
    client.advance(480);
    assert_eq!(state().await, "COMPLETED");
    let fault = json!({"fail-build": {"state": "TESTING"}});
    client
        .emulator
        .add_faults([serde_json::from_value(fault).unwrap()]);
    let failed = client.start(&pipeline).await;
    client.advance(1200);
    assert_eq!(
        client.image(&failed).await["scanState"]["status"],
        "ABANDONED"
    );
    assert_eq!(
        findings(&client, Some(("imageBuildVersionArn", &failed)))
            .await
            .len(),
        0
    );
    let unscanned = client.pipeline("plain", json!({}), json!({})).await;
    let plain = client.start(&unscanned).await;
    assert!(client.image(&plain).await.get("scanState").is_none());
}

/// How a build ends whose AMI is scanned under a condition: its status, and where it failed.
async fn ended(client: &Client, name: &str, condition: Value) -> (Value, Value) {
    let scanning = json!({"imageScanningConfiguration": {
        "imageScanningEnabled": true, "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
        "scanResultCondition": condition}});
    let pipeline = client.pipeline(name, json!({}), scanning).await;
    let image = client.start(&pipeline).await;
    client.advance(1200);
    let image = client.image(&image).await;
    (
        image["state"]["status"].clone(),
        image["state"]["failureContext"]["imageStatus"].clone(),
    )
}

#[tokio::test]
async fn the_scan_of_an_ami_fails_the_tests_by_its_condition() {
    let client = seeded();
    let failed = (json!("FAILED"), json!("TESTING"));
    let passed = (json!("AVAILABLE"), Value::Null);
    // Only the critical finding has a fix.
    let high = json!({"maximumSeverityLabel": "HIGH"});
    assert_eq!(ended(&client, "web", high).await, failed);
    let every = |highest: &str| json!({"maximumSeverityLabel": highest, "fixAvailable": false});
    let client = Client::manual();
    let seed = json!({"findings": [{
        "vulnerability-id": "CVE-2026-0002", "severity": "MEDIUM", "package": {"name": "a", "version": "1"}}]});
    let seed = serde_json::from_value::<Seed>(seed).unwrap();
    client.emulator.seed(&seed);
    let low = json!({"maximumSeverityLabel": "LOW"});
    assert_eq!(ended(&client, "fixable", low).await, passed);
    assert_eq!(ended(&client, "every", every("LOW")).await, failed);
    assert_eq!(ended(&client, "equal", every("MEDIUM")).await, passed);
    assert!(findings(&client, None).await.is_empty(), "EC2 has them");
}

#[tokio::test]
async fn what_scanning_needs_is_checked() {
    let client = seeded();
    client.pipeline("web", json!({}), json!({})).await;
    let create = async |scanning: Value, tests: bool| {
        let input = json!({
            "name": "scanned",
            "imageRecipeArn": "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/web/1.0.0",
            "infrastructureConfigurationArn":
                "arn:aws:imagebuilder:us-east-1:111122223333:infrastructure-configuration/web",
            "imageTestsConfiguration": {"imageTestsEnabled": tests},
            "imageScanningConfiguration": scanning,
        });
        client.put("CreateImagePipeline", input).await
    };
    let on = json!({"imageScanningEnabled": true});
    create(on.clone(), false)
        .await
        .refused(400, "InvalidParameterCombinationException");
    let condition = json!({"imageScanningEnabled": true, "scanResultCondition": {"maximumSeverityLabel": "HIGH"}});
    create(condition, true)
        .await
        .refused(400, "InvalidParameterCombinationException");
    create(on, true).await.ok();
}
