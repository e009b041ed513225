//! Image usage reports.

use serde_json::json;

use super::{element, elements, ok, refused, registered, seed};
use crate::support::{BASE, BUILDER, CONSUMER, Client};

const OTHER: &str = "333333333333";

const DAY: u64 = 24 * 60 * 60;

async fn create(client: &Client, image: &str, more: &[(&str, &str)]) -> (u16, String) {
    let parameters = [
        ("ImageId", image),
        ("ResourceType.1.ResourceType", "ec2:Instance"),
        ("ResourceType.2.ResourceType", "ec2:LaunchTemplate"),
    ];
    client
        .ec2("CreateImageUsageReport", &[&parameters, more].concat())
        .await
}

async fn created(client: &Client, image: &str, more: &[(&str, &str)]) -> String {
    element(&ok(create(client, image, more).await), "reportId").to_owned()
}

/// Account, resource type and count of each entry.
async fn entries(client: &Client, parameters: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let xml = ok(client
        .ec2("DescribeImageUsageReportEntries", parameters)
        .await);
    let texts = |name: &str| {
        elements(&xml, name)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (accounts, kinds, counts) = (
        texts("accountId"),
        texts("resourceType"),
        texts("usageCount"),
    );
    accounts
        .into_iter()
        .zip(kinds)
        .zip(counts)
        .map(|((account, kind), count)| (account, kind, count))
        .collect()
}

fn used(client: &Client, image: &str) {
    let usage = |account: &str, kind: &str, count: u64| json!({"image": image, "account": account, "resource-type": kind, "count": count});
    seed(
        client,
        json!({
            "usage": [usage(CONSUMER, "ec2:Instance", 3), usage(BUILDER, "ec2:Instance", 9),
                      usage(OTHER, "imagebuilder:ImageRecipe", 1)],
            "references": [{"image": image, "resource-type": "ec2:Instance",
                            "arn": format!("arn:aws:ec2:us-east-1:{CONSUMER}:instance/i-1")}],
            "launch-templates": [{"id": "lt-1", "account": OTHER, "images": [image, image]}],
        }),
    );
}

fn entry(account: &str, kind: &str, count: &str) -> (String, String, String) {
    (account.to_owned(), kind.to_owned(), count.to_owned())
}

#[tokio::test]
async fn a_report_counts_the_resources_of_other_accounts() {
    let client = Client::manual();
    let image = registered(&client, "web").await;
    used(&client, &image);
    let id = created(&client, &image, &[]).await;
    assert!(id.starts_with("amiur-"), "{id}");
    let state = async || {
        let xml = ok(client
            .ec2("DescribeImageUsageReports", &[("ReportId.1", &id)])
            .await);
        element(&xml, "state").to_owned()
    };
    assert_eq!(state().await, "pending");
    assert!(entries(&client, &[("ReportId.1", &id)]).await.is_empty());
    client.advance(60);
    assert_eq!(state().await, "available");
    let expected = [
        entry(CONSUMER, "ec2:Instance", "4"),
        entry(OTHER, "ec2:LaunchTemplate", "1"),
    ];
    assert_eq!(entries(&client, &[("ReportId.1", &id)]).await, expected);
    assert_eq!(entries(&client, &[("ImageId.1", &image)]).await, expected);
    let filter = [("Filter.1.Name", "account-id"), ("Filter.1.Value.1", OTHER)];
    assert_eq!(entries(&client, &filter).await, expected[1..]);
    assert!(entries(&client.as_account(CONSUMER), &[]).await.is_empty());
}

#[tokio::test]
async fn a_report_says_what_was_when_it_was_made() {
    let client = Client::manual();
    let image = registered(&client, "web").await;
    let id = created(&client, &image, &[]).await;
    used(&client, &image);
    client.advance(60);
    assert!(entries(&client, &[("ReportId.1", &id)]).await.is_empty());
    let named = created(&client, &image, &[("AccountId.1", OTHER)]).await;
    client.advance(60);
    let expected = [entry(OTHER, "ec2:LaunchTemplate", "1")];
    assert_eq!(entries(&client, &[("ReportId.1", &named)]).await, expected);
}

#[tokio::test]
async fn reports_are_tagged_expire_and_are_deleted() {
    let client = Client::manual();
    let image = registered(&client, "web").await;
    let tags = [
        ("TagSpecification.1.ResourceType", "image-usage-report"),
        ("TagSpecification.1.Tag.1.Key", "env"),
        ("TagSpecification.1.Tag.1.Value", "prod"),
    ];
    let first = created(&client, &image, &tags).await;
    client.advance(DAY);
    let second = created(&client, &image, &[]).await;
    let reports = async |parameters: &[(&str, &str)]| {
        let xml = ok(client.ec2("DescribeImageUsageReports", parameters).await);
        elements(&xml, "reportId")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let filter = [("Filter.1.Name", "tag:env"), ("Filter.1.Value.1", "prod")];
    assert_eq!(reports(&filter).await, [first.as_str()]);
    assert_eq!(reports(&[("ImageId.1", &image)]).await.len(), 2);
    client.advance(29 * DAY);
    assert_eq!(
        reports(&[]).await,
        [second.as_str()],
        "the first has expired"
    );
    ok(client
        .ec2("DeleteImageUsageReport", &[("ReportId", &second)])
        .await);
    let again = client
        .ec2("DeleteImageUsageReport", &[("ReportId", &second)])
        .await;
    refused(again, "InvalidImageUsageReportId.NotFound");
    assert!(reports(&[]).await.is_empty());
}

#[tokio::test]
async fn one_report_of_an_image_is_made_at_a_time() {
    let client = Client::manual();
    let image = registered(&client, "web").await;
    let token = [("ClientToken", "once")];
    let first = created(&client, &image, &token).await;
    assert_eq!(created(&client, &image, &token).await, first);
    refused(create(&client, &image, &[]).await, "ResourceCountExceeded");
    let other = registered(&client, "other").await;
    created(&client, &other, &[]).await;
    client.advance(60);
    created(&client, &image, &[]).await;
}

#[tokio::test]
async fn a_snapshot_of_the_state_holds_all_of_it() {
    let client = Client::manual();
    let image = registered(&client, "web").await;
    used(&client, &image);
    seed(
        &client,
        json!({
            "accounts": [{"id": BUILDER, "organization-path": "o-a/r-b/", "opted-in-regions": ["ap-east-1"]}],
            "parameters": [{"name": "/golden/web", "value": image, "account": BUILDER}],
            "launches": [{"image": image, "at": "2026-01-31T12:00:00.123Z"}],
        }),
    );
    let switch = [("ImageId", image.as_str()), ("WithCooldown", "true")];
    ok(client
        .ec2("EnableImageDeregistrationProtection", &switch)
        .await);
    ok(client
        .ec2("DisableImageDeregistrationProtection", &switch[..1])
        .await);
    let token = [("ClientToken", "once")];
    let id = created(&client, &image, &token).await;
    let other = Client::manual();
    other
        .emulator
        .restore(client.emulator.state().unwrap().as_bytes())
        .unwrap();
    assert_eq!(created(&other, &image, &token).await, id);
    let protected = other.ec2("DeregisterImage", &[("ImageId", &image)]).await;
    refused(protected, "OperationNotPermitted");
    client.advance(60);
    other.advance(60);
    let shown = async |client: &Client| {
        let mut shown = Vec::new();
        for action in [
            "DescribeImageUsageReportEntries",
            "DescribeImages",
            "DescribeSnapshots",
        ] {
            let xml = ok(client.ec2(action, &[]).await);
            shown.push(xml.split_once("</requestId>").unwrap().1.to_owned());
        }
        let references = [
            ("ImageId.1", image.as_str()),
            ("IncludeAllResourceTypes", "true"),
        ];
        let xml = ok(client.ec2("DescribeImageReferences", &references).await);
        shown.push(xml.split_once("</requestId>").unwrap().1.to_owned());
        shown
    };
    assert_eq!(shown(&other).await, shown(&client).await);
}

#[tokio::test]
async fn reports_are_of_one_s_own_images_and_of_known_types() {
    let client = Client::manual();
    refused(create(&client, BASE, &[]).await, "AuthFailure");
    let image = registered(&client, "web").await;
    let none = client
        .ec2("CreateImageUsageReport", &[("ImageId", &image)])
        .await;
    refused(none, "MissingParameter");
    let parameter = [("ResourceType.3.ResourceType", "ssm:Parameter")];
    refused(
        create(&client, &image, &parameter).await,
        "InvalidParameterValue",
    );
}
