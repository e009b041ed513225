//! A document that names a parameter which is nobody's business, as a fork's pull request can.

use goldsmith_tests::Factory;
use local_stack::{Config, Function};
use serde_json::json;

const SECRET: &str = "correct-horse-battery-staple";

#[tokio::test]
async fn a_document_reads_no_parameter_outside_the_prefix() {
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;
    let names = ["/prod/db/password", "/goldsmithsecret", "/goldsmith"];
    for name in names {
        factory
            .aws
            .put_parameter(name, SECRET)
            .await
            .expect("a parameter");
    }
    for name in names {
        let documents = goldsmith_tests::Documents::of_recipes([])
            .with_recipe("110399", &format!("ssm:{name}"));
        let texts: serde_json::Map<_, _> = documents
            .files()
            .into_iter()
            .map(|(key, text)| (key, json!(String::from_utf8_lossy(&text))))
            .collect();
        let payload = json!({ "dry-run": true, "documents": texts });
        let answer = factory.invoke(Function::Reconcile, &payload).await;

        let shown = answer.expect("an answer").payload.to_string();
        assert!(!shown.contains(SECRET), "{name}: {shown}");
        let logs = factory.logs_of(Function::Reconcile).await.expect("logs");
        assert!(!logs.concat().contains(SECRET), "{name} is in the log");
    }
}
