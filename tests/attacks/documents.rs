//! Somebody may write documents, and tries with them what a reviewer overlooks: names that AWS takes for
//! something else, secrets as base images, and one bad entry that is to keep an account's access alive.
//!
//! A document with a problem blocks the whole upload: nothing is made before it is fixed. Only access is taken
//! away, from whoever left in a document that is good.
//! An entry of good form that AWS refuses blocks only itself.

use std::collections::BTreeMap;

use goldsmith_tests::{BASE, CONSUMER, Documents, Factory, Report};

const AMI_VERSIONS: &str = "ami-versions.json";
const ENVIRONMENT: &str = "environment.json";
const WORKLOADS: &str = "workload_accounts.us-east-1.json";
const WORKLOAD: &str = "333333333333";

/// Good in its form, and no image of ours or shared with us.
const NOT_OURS: &str = "arn:aws:imagebuilder:us-east-1:444444444444:image/not-ours/1.0.0/1";

/// What no service must ever be asked about.
const HOSTILE_BASES: [&str; 16] = [
    "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux\n-2023-x86/x.x.x",
    "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x\r",
    "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/\0/x.x.x",
    "arn:aws:imagebuilder:us-east-1:aws:image/am\u{430}zon-linux-2023-x86/x.x.x",
    "arn:aws:imagebuilder:us-west-2:aws:image/amazon-linux-2023-x86/x.x.x",
    "arn:aws-cn:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x",
    "arn:aws:imagebuilder:us-east-1::image/amazon-linux-2023-x86/x.x.x",
    "arn:aws:imagebuilder:us-east-1:aws:image/*/x.x.x",
    "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.0.0",
    "ami-08bd941ae380bd3cd\n",
    "ssm:/aws/reference/secretsmanager/prod/db",
    "ssm:/AWS/Reference/secretsmanager/prod/db",
    "ssm:/aws//reference/secretsmanager/prod/db",
    "ssm:/golden/../aws/reference/secretsmanager/prod/db",
    "ssm:/golden/base:3",
    "ssm:arn:aws:ssm:us-east-1:111122223333:parameter/prod/db/password",
];

/// The content of one of the documents.
fn text(documents: &Documents, key: &str) -> Vec<u8> {
    let files = documents.files();
    let found = files.into_iter().find(|(name, _)| name == key);
    found.expect("a document").1
}

/// What a report says that was read of AWS, beside documents.
fn reads(report: &Report) -> BTreeMap<&String, &u64> {
    let calls = report.calls.iter();
    calls.filter(|(call, _)| !call.starts_with("s3:")).collect()
}

/// The only problem is where the base of the only entry is, and nothing was done.
fn assert_refused(report: &Report, base: &str) {
    let places: Vec<(&str, &str)> = report
        .problems
        .iter()
        .map(|problem| (problem.file.as_str(), problem.pointer.as_str()))
        .collect();
    let place = (AMI_VERSIONS, "/ami-version/0/aminame");
    assert_eq!(places, [place], "{base:?}: {report:#?}");
    assert_eq!((report.writes, report.changes.len()), (0, 0), "{base:?}");
    assert!(report.is_clean(), "{base:?}: {report:#?}");
}

#[tokio::test]
async fn a_hostile_base_image_is_refused_in_its_document_and_no_service_is_asked_about_it() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let without = Documents::of_recipes([]).with_recipe("110304", "");
    let without = factory.dry_run_with(&without).await;
    for base in HOSTILE_BASES {
        let hostile = Documents::of_recipes([]).with_recipe("110304", base);
        let refused = factory.dry_run_with(&hostile).await;
        assert_refused(&refused, base);
        assert_eq!(
            reads(&refused),
            reads(&without),
            "as without a base: {base:?}"
        );
    }
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_schedule_that_eventbridge_refuses_never_reaches_it() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    for schedule in [
        "cron(0 6 * * SUN *)",
        "cron(61 25 ? * SUN *)",
        "cron(0 6 ? * FOO *)",
        "cron(0 6 ? * SUN *)\n",
        "rate(1 days)",
        "rate(+5 days)",
    ] {
        let report = factory
            .dry_run_with(&documents.clone().with_schedule(schedule))
            .await;
        let pointers: Vec<&str> = report
            .problems
            .iter()
            .map(|problem| problem.pointer.as_str())
            .collect();
        assert_eq!(pointers, ["/schedule"], "{schedule:?}: {report:#?}");
        assert!(
            !report.problems[0].hint.is_empty(),
            "{schedule:?}: {report:#?}"
        );
        assert!(
            report.changes.is_empty() && report.is_clean(),
            "{schedule:?}: {report:#?}"
        );
    }
    factory.assert_settled().await;
}

/// A base that nobody has shared with us blocks its own recipe, and neither the other recipe nor a revocation.
#[tokio::test]
async fn a_consumer_leaves_although_an_entry_of_the_same_upload_is_refused_by_aws() {
    let documents = Documents::of_recipes(["110304", "110302"]);
    let factory = Factory::with(&documents).await;
    assert!(!factory.access().await.admitted(CONSUMER).is_empty());

    let attack = documents
        .with_recipe("110302", NOT_OURS)
        .without_consumer(CONSUMER);
    factory.upload(&attack).await;

    assert!(factory.access().await.admitted(CONSUMER).is_empty());
    for recipe in ["110304", "110302"] {
        let build = factory.recipe(recipe).await.newest().clone();
        assert!(factory.ami(&build).await.shared_with.is_empty(), "{recipe}");
    }
    let report = factory.assert_settled_but_refused().await;
    assert!(report.is_clean(), "{report:#?}");
}

#[tokio::test]
async fn a_consumer_that_has_left_stays_out_when_a_bad_document_follows() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;

    factory
        .upload(&documents.clone().without_consumer(CONSUMER))
        .await;
    assert!(factory.access().await.admitted(CONSUMER).is_empty());
    let bad = documents.with_recipe("110304", HOSTILE_BASES[0]);
    factory
        .upload_file_quickly(AMI_VERSIONS, bad.ami_versions())
        .await;

    assert_refused(&factory.last_report().await, HOSTILE_BASES[0]);
    assert!(factory.access().await.admitted(CONSUMER).is_empty());
    let build = factory.recipe("110304").await.newest().clone();
    assert!(factory.ami(&build).await.shared_with.is_empty());
}

/// A document with a problem keeps nobody's access alive: whoever leaves in another one loses it at once, and
/// nothing else is done before the document is fixed.
#[tokio::test]
async fn a_consumer_leaves_at_once_whatever_is_wrong_with_the_document_beside_it() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let left = documents
        .without_consumer(CONSUMER)
        .with_recipe("110302", BASE);
    let bad = left.clone().with_recipe("110304", HOSTILE_BASES[0]);

    factory
        .upload_file_quickly(AMI_VERSIONS, bad.ami_versions())
        .await;
    factory
        .upload_file_quickly(ENVIRONMENT, text(&left, ENVIRONMENT))
        .await;

    let report = factory.last_report().await;
    assert_eq!(report.problems.len(), 1, "{report:#?}");
    assert!(factory.access().await.admitted(CONSUMER).is_empty());
    let build = factory.recipe("110304").await.newest().clone();
    assert!(factory.ami(&build).await.shared_with.is_empty());
    let made = ["create-recipe", "create-pipeline", "start-build"];
    let kinds: Vec<&str> = report
        .changes
        .iter()
        .map(|change| change.kind.as_str())
        .collect();
    assert!(made.iter().all(|kind| !kinds.contains(kind)), "{kinds:?}");

    factory.upload_file(AMI_VERSIONS, left.ami_versions()).await;
    factory.assert_settled().await;
}

/// The environment is the document that is wrong, and the account is in another one.
#[tokio::test]
async fn a_workload_account_leaves_at_once_although_the_environment_is_wrong() {
    let documents = Documents::of_recipes(["110304"]).sharing_with_workload_accounts();
    let accounts = [("product", WORKLOAD)];
    let factory = Factory::with(&documents.clone().with_workload_accounts(&accounts)).await;
    assert!(!factory.access().await.admitted(WORKLOAD).is_empty());

    factory.upload_file_quickly(ENVIRONMENT, "{").await;
    factory.upload_file_quickly(WORKLOADS, "{}").await;

    assert!(factory.access().await.admitted(WORKLOAD).is_empty());
    assert!(
        !factory.access().await.admitted(CONSUMER).is_empty(),
        "it stays"
    );
}

/// The account moves from one document to another, in which there is a typing error: nobody may lose access by that.
#[tokio::test]
async fn whoever_is_named_in_the_wrong_document_keeps_its_access() {
    let documents = Documents::of_recipes(["110304"]).sharing_with_workload_accounts();
    let accounts = [("product", WORKLOAD)];
    let factory = Factory::with(&documents.clone().with_workload_accounts(&accounts)).await;
    let moved = documents.with_consumer(WORKLOAD);
    let text = String::from_utf8(text(&moved, ENVIRONMENT)).expect("text");
    let wrong = text.replacen('{', "{ \"familie\": 1,", 1);

    factory.upload_file_quickly(ENVIRONMENT, wrong).await;
    factory.upload_file_quickly(WORKLOADS, "{}").await;
    assert!(!factory.access().await.admitted(WORKLOAD).is_empty());

    factory.upload_file(ENVIRONMENT, text).await;
    assert!(!factory.access().await.admitted(WORKLOAD).is_empty());
}
