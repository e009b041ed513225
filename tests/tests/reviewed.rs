//! What is reviewed is what runs: the plan on a pull request, a dry run and the function agree, also when
//! a workload accounts document was deleted.

use goldsmith_tests::{CONSUMER, Documents, Entry, Factory};
use serde_json::Value;

const WORKLOADS: &str = "workload_accounts.us-east-1.json";
const LEAVER: &str = "333333333333";
const TRAINEE: &str = "444444444444";

/// What `goldsmith plan` says of a pull request, as JSON.
async fn planned(factory: &Factory, name: &str, documents: &Documents) -> Value {
    let folder = documents.in_folder(name);
    let folder = folder.to_str().expect("UTF-8");
    let output = factory
        .goldsmith(&["plan", folder, "--format", "json"])
        .await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// The kinds and targets of entries.
fn lines(entries: &[Entry]) -> Vec<(String, String)> {
    let line = |entry: &Entry| (entry.kind.clone(), entry.target.clone());
    entries.iter().map(line).collect()
}

/// The same of a member of a review.
fn lines_of(review: &Value, member: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = review[member].as_array().expect("entries");
    entries
        .iter()
        .map(|entry| (text(&entry["kind"]), text(&entry["target"])))
        .collect()
}

#[tokio::test]
async fn a_consumer_leaves_while_a_workload_accounts_document_is_deleted() {
    let workloads = Documents::of_recipes(["110304"]).sharing_with_workload_accounts();
    let before = workloads
        .clone()
        .with_consumer(LEAVER)
        .with_workload_accounts(&[("trainee", TRAINEE)]);
    let factory = Factory::with(&before).await;
    let build = factory.recipe("110304").await.newest().clone();
    let shared = [CONSUMER, LEAVER, TRAINEE];
    assert_eq!(factory.ami(&build).await.shared_with, shared);
    factory
        .delete_document(WORKLOADS)
        .await
        .expect("a delete marker");

    // The pull request takes one consumer out, and does not bring the deleted document.
    let after = workloads.clone();
    let review = planned(&factory, "reviewed-deleted", &after).await;
    let dry_run = factory.dry_run_with(&after).await;
    factory.upload(&after).await;
    let report = factory.last_report().await;

    let waits = [("document".to_owned(), WORKLOADS.to_owned())];
    assert_eq!(lines_of(&review, "waiting"), waits, "{review:#}");
    assert_eq!(lines_of(&review, "changes"), [], "{review:#}");
    assert_eq!(lines(&dry_run.waiting), waits, "{dry_run:#?}");
    assert_eq!(lines(&dry_run.changes), [], "{dry_run:#?}");
    assert_eq!(lines(&report.waiting), waits, "{report:#?}");
    assert_eq!((report.writes, report.changes.len()), (0, 0), "{report:#?}");
    assert_eq!(factory.ami(&build).await.shared_with, shared);

    // An empty document says that nobody in it is left.
    let empty = after.with_workload_accounts(&[]);
    let review = planned(&factory, "reviewed-empty", &empty).await;
    let dry_run = factory.dry_run_with(&empty).await;
    assert_eq!(lines_of(&review, "changes"), lines(&dry_run.changes));
    factory.upload(&empty).await;
    let report = factory.last_report().await;
    assert_eq!(lines(&report.changes), lines(&dry_run.changes));
    assert!(!report.changes.is_empty(), "{report:#?}");
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER]);
    factory.assert_settled().await;
}
