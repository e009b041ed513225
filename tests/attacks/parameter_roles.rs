//! A document that names a parameter which is nobody's business, as a fork's pull request can.

use goldsmith_tests::{Documents, Factory};
use local_stack::{Config, Function};
use serde_json::{Map, Value, json};

const SECRET: &str = "correct-horse-battery-staple";

/// The base image of the sample's recipes.
const BASE: &str = "ami-08bd941ae380bd3cd";

/// What a dry run answers for a recipe on the image that the parameter names, as text.
async fn planned_on(factory: &Factory, parameter: &str) -> String {
    let documents = Documents::of_recipes([]).with_recipe("110399", &format!("ssm:{parameter}"));
    let texts: Map<String, Value> = documents
        .files()
        .into_iter()
        .map(|(key, text)| (key, json!(String::from_utf8_lossy(&text))))
        .collect();
    let payload = json!({ "dry-run": true, "documents": texts });
    let answer = factory.invoke(Function::Reconcile, &payload).await;
    answer.expect("an answer").payload.to_string()
}

#[tokio::test]
async fn a_document_reads_no_parameter_outside_the_prefix() {
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;
    let names = ["/prod/db/password", "/goldsmithsecret", "/Goldsmith/base"];
    let parameters = names.map(|name| (name, SECRET));
    for (name, value) in parameters.into_iter().chain([("/goldsmith/base", BASE)]) {
        let written = factory.aws.put_parameter(name, "String", value).await;
        written.expect("a parameter");
    }

    let planned = planned_on(&factory, "/goldsmith/base").await;
    assert!(planned.contains("create-recipe"), "{planned}");

    for name in names {
        let shown = planned_on(&factory, name).await;
        assert!(!shown.contains(SECRET), "{name}: {shown}");
        assert!(!shown.contains("create-recipe"), "{name}: {shown}");
    }
    let logs = factory.logs_of(Function::Reconcile).await.expect("logs");
    assert!(!logs.concat().contains(SECRET), "a value is in the log");
}
