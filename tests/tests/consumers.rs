//! Accounts that consume the images come and go.

use goldsmith_tests::{CONSUMER, Documents, Factory};
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
async fn workload_accounts_are_consumers_except_the_one_that_builds() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;

    let accounts = [("product", ACCOUNT), ("trainee", TRAINEE)];
    factory.upload(&documents.with_workload_accounts(&accounts)).await;

    assert_eq!(factory.recipe("110304").await.shared_with(), [CONSUMER, TRAINEE]);
    assert_eq!(admitted(&factory, TRAINEE).await, [format!("arn:aws:iam::{TRAINEE}:*")]);
    assert_eq!(admitted(&factory, ACCOUNT).await, Vec::<String>::new());
    factory.fire_schedule().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER, TRAINEE]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_consumer_that_leaves_keeps_the_key_until_somebody_revokes_it() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304").with_consumer(NEWCOMER);
    let factory = Factory::with(&documents).await;
    let before = factory.key_policy().await;

    factory.upload(&documents.without_consumer(NEWCOMER)).await;

    assert_eq!(factory.recipe("110304").await.shared_with(), [CONSUMER]);
    assert_eq!(factory.key_policy().await, before);
    let report = factory.assert_settled().await;
    let waiting = report.waiting_for("revocation").unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(waiting.target, NEWCOMER);

    factory.fire_schedule().await;
    let build = factory.recipe("110304").await.newest().clone();
    assert_eq!(factory.ami(&build).await.shared_with, [CONSUMER]);
    factory.assert_settled().await;
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
