//! Accounts that consume the images come and go.

use goldsmith_tests::{CONSUMER, Documents, Factory, scheduled_event};
use local_stack::ACCOUNT;
use serde_json::Value;

const NEWCOMER: &str = "333333333333";
const TRAINEE: &str = "444444444444";

/// The statements that reconcile keeps.
const OURS: [&str; 2] = ["GoldsmithConsumersUse", "GoldsmithConsumersGrant"];

#[tokio::test]
async fn a_consumer_account_is_added() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;
    let before = statements(&factory).await;

    factory.upload(&documents.with_consumer(NEWCOMER)).await;

    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.shared_with(), [CONSUMER, NEWCOMER]);
    assert_eq!(recipe.builds.len(), 1, "{recipe:#?}");
    let role = format!("arn:aws:iam::{NEWCOMER}:role/mstr-launch");
    assert_eq!(admitted(&factory, NEWCOMER).await, [role]);
    assert_eq!(others(&statements(&factory).await), others(&before), "statements that are not ours");

    factory.fire_schedule().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, NEWCOMER]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn who_joins_may_launch_what_is_current_and_nothing_is_built() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let build = factory.recipe("110304").await.newest().clone();

    factory.upload(&documents.with_consumer(NEWCOMER)).await;

    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, NEWCOMER]);
    assert_eq!(factory.recipe("110304").await.builds.len(), 1);
    assert!(may_read(&factory).await.contains(&NEWCOMER.to_owned()));
    factory.assert_settled().await;
}

#[tokio::test]
async fn workload_accounts_are_consumers_except_the_one_that_builds() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;

    let accounts = [("product", ACCOUNT), ("trainee", TRAINEE)];
    factory.upload(&documents.with_workload_accounts(&accounts).sharing_with_workload_accounts()).await;

    assert_eq!(factory.recipe("110304").await.shared_with(), [CONSUMER, TRAINEE]);
    assert_eq!(admitted(&factory, TRAINEE).await, [format!("arn:aws:iam::{TRAINEE}:*")]);
    assert_eq!(admitted(&factory, ACCOUNT).await, Vec::<String>::new());
    factory.fire_schedule().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, TRAINEE]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_consumer_that_leaves_loses_what_it_could_launch_and_the_key() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304").with_consumer(NEWCOMER);
    let factory = Factory::with(&documents).await;
    factory.fire_schedule().await;
    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.builds.len(), 2, "an older image, too");
    let foreign = others(&statements(&factory).await).into_iter().cloned().collect::<Vec<_>>();

    factory.upload(&documents.without_consumer(NEWCOMER)).await;

    assert_eq!(factory.recipe("110304").await.shared_with(), [CONSUMER]);
    for build in &recipe.builds {
        assert_eq!(factory.ami(build).await.shared_with, [CONSUMER], "{build:?}");
    }
    assert_eq!(admitted(&factory, NEWCOMER).await, Vec::<String>::new());
    assert_eq!(admitted(&factory, CONSUMER).await.len(), 1);
    assert_eq!(others(&statements(&factory).await), foreign.iter().collect::<Vec<_>>());
    assert_eq!(may_read(&factory).await, [CONSUMER]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_build_that_was_distributing_while_its_consumer_left_is_taken_back() {
    let factory = Factory::start_with_builds_by_hand().await;
    let documents = Documents::of_recipes(["110304"]).with_consumer(NEWCOMER);
    factory.upload(&documents).await;
    factory.upload(&documents.without_consumer(NEWCOMER)).await;
    factory.finish_builds().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, NEWCOMER], "it was started before");

    let report = factory.deliver(&scheduled_event("the-hour")).await;

    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER]);
    assert!(report.drift_calls > 0, "the close look is counted apart: {report:#?}");
    factory.assert_settled().await;
}

#[tokio::test]
async fn workload_accounts_whose_document_is_deleted_lose_nothing_until_it_says_so() {
    const WORKLOADS: &str = "workload_accounts.us-east-1.json";
    let documents = Documents::of_recipes(["110304"]).sharing_with_workload_accounts();
    let factory = Factory::with(&documents.with_workload_accounts(&[("trainee", TRAINEE)])).await;
    let build = factory.recipe("110304").await.newest().clone();

    factory.delete_document(WORKLOADS).await.expect("a delete marker");
    let report = factory.deliver(&scheduled_event("the-hour")).await;

    let waiting = report.waiting_for("document").unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!((waiting.target.as_str(), report.writes), (WORKLOADS, 0));
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, TRAINEE]);
    assert_eq!(admitted(&factory, TRAINEE).await.len(), 1);

    factory.upload_file(WORKLOADS, "{}").await;
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER]);
    assert_eq!(admitted(&factory, TRAINEE).await, Vec::<String>::new());
    factory.assert_settled().await;
}

#[tokio::test]
async fn an_account_that_does_not_exist_keeps_nobody_out() {
    let documents = Documents::of_recipes(["110304"]).with_consumer(NEWCOMER).with_consumer(TRAINEE);
    let factory = Factory::start().await;
    factory.kms.account_is_unknown(TRAINEE);

    factory.upload(&documents).await;
    factory.reconcile().await;

    assert_eq!(admitted(&factory, NEWCOMER).await.len(), 1);
    assert_eq!(admitted(&factory, TRAINEE).await, Vec::<String>::new());
    let report = factory.reconcile().await;
    let refused = report.refused_for("quarantined").unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(refused.target, TRAINEE);
    assert_eq!(report.writes, 0, "it is not tried again every time: {report:#?}");
}

async fn statements(factory: &Factory) -> Vec<Value> {
    let policy: Value = serde_json::from_str(&factory.key_policy().await).expect("a policy");
    policy["Statement"].as_array().expect("statements").clone()
}

fn is_ours(statement: &Value) -> bool {
    statement["Sid"].as_str().is_some_and(|sid| OURS.contains(&sid))
}

fn others(statements: &[Value]) -> Vec<&Value> {
    statements.iter().filter(|statement| !is_ours(statement)).collect()
}

/// The accounts that may read what is published.
async fn may_read(factory: &Factory) -> Vec<String> {
    let bucket = &factory.outputs.output_bucket;
    let policy: Value =
        serde_json::from_str(&factory.aws.bucket_policy(bucket).await.expect("a policy")).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let readers = statements.filter(|statement| statement["Sid"] == "GoldsmithConsumersRead");
    let roots = readers.flat_map(|statement| strings(&statement["Principal"]["AWS"]));
    roots.filter_map(|root| root.split(':').nth(4).map(str::to_owned)).collect()
}

/// The principals of `account` that both of our statements let in.
async fn admitted(factory: &Factory, account: &str) -> Vec<String> {
    let statements = statements(factory).await;
    let ours: Vec<_> = statements.iter().filter(|statement| is_ours(statement)).collect();
    assert_eq!(ours.len(), OURS.len(), "{statements:#?}");
    let by_statement: Vec<_> = ours.iter().map(|statement| patterns(statement, account)).collect();
    assert_eq!(by_statement[0], by_statement[1], "{ours:#?}");
    let root = format!("arn:aws:iam::{account}:root");
    let has_root = ours.iter().all(|statement| strings(&statement["Principal"]["AWS"]).contains(&root));
    assert_eq!(has_root, !by_statement[0].is_empty(), "{ours:#?}");
    by_statement[0].clone()
}

/// The `aws:PrincipalArn` patterns of `account` in a statement's condition, whatever the operator.
fn patterns(statement: &Value, account: &str) -> Vec<String> {
    let operators = statement["Condition"].as_object().expect("a condition").values();
    let patterns = operators.flat_map(|operator| strings(&operator["aws:PrincipalArn"]));
    patterns.filter(|pattern| pattern.starts_with(&format!("arn:aws:iam::{account}:"))).collect()
}

/// IAM writes a list of one as the one.
fn strings(value: &Value) -> Vec<String> {
    let one_or_many = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    one_or_many.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
