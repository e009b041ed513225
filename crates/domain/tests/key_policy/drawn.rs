//! The policy that `docs/consumers.md` draws is the one of the consumers that it shows.

#![expect(
    clippy::disallowed_methods,
    reason = "the core reads no files, but the page is a file"
)]

use std::fs;
use std::path::Path;

use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, parse};
use goldsmith_domain::key_policy::Access;
use serde_json::{Value, json};

use crate::key_policy::{bring, here, stack};

const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Admin","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).expect("a file")
}

fn file(key: &str, text: String) -> DocumentFile {
    DocumentFile {
        key: key.into(),
        version_id: "1".into(),
        size: text.len() as u64,
        bytes: text.into(),
    }
}

/// The page's JSON, in the order of the page; a key's id is spelled out.
fn drawn() -> Vec<String> {
    let page =
        read("docs/consumers.md").replace("key/...", "key/00000000-0000-0000-0000-000000000003");
    let blocks = page
        .split("```json")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default());
    blocks.map(str::to_owned).collect()
}

#[test]
fn the_policy_that_the_page_draws_is_the_one_of_its_consumers() {
    let [consumers, statement] = drawn().try_into().expect("consumers and a statement");
    let entries: Value = serde_json::from_str(&format!("{{{consumers}}}")).expect("JSON");
    let sample = |key: &str| read(&format!("ami-versions/nonprod/{key}"));
    let mut environment: Value = serde_json::from_str(&sample(ENVIRONMENT)).expect("JSON");
    environment["regions"] = json!({ "us-east-1": {} });
    environment["consumers"] = entries["consumers"].clone();
    let harden = "components/harden.yml";
    let files = [
        file(ENVIRONMENT, environment.to_string()),
        file(AMI_VERSIONS, sample(AMI_VERSIONS)),
        file(harden, sample(harden)),
    ];
    let Parsed::Desired(desired) = parse(&files) else {
        panic!("{:?}", parse(&files))
    };
    let access = Access::of(&desired.consumers, &stack(), &here());
    let policy: Value =
        serde_json::from_str(&bring(ADMIN, &access).expect("it fits")).expect("JSON");
    let drawn: Value = serde_json::from_str(&statement).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    assert_eq!(
        statements
            .iter()
            .find(|statement| statement["Sid"] == drawn["Sid"]),
        Some(&drawn)
    );
}
