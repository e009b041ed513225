//! JSON Schemas of the documents, so that editors complete and check them while they are written.
//!
//! The schemas are made from types whose doc comments are what an editor shows, and what [`reference`]
//! writes into docs/environment.md. They know the shape of a document, but not what holds between its
//! parts: [`parse`](super::parse) decides. One test compares the properties with the keys of the readers,
//! another one the verdicts on every golden case.

mod ami_versions;
mod consumers;
mod environment;
mod gates;
mod names;
mod reference;
#[cfg(test)]
mod tests;
mod workload_accounts;

pub use self::reference::reference;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schemas of the three JSON documents, each under its name: `ami-versions`, `environment` and
/// `workload-accounts`.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("ami-versions", schema::<ami_versions::AmiVersions>()),
        ("environment", schema::<environment::EnvironmentDocument>()),
        (
            "workload-accounts",
            schema::<workload_accounts::WorkloadAccounts>(),
        ),
    ]
}

fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null));
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// A key may be left out, and no document may give it the value `null`.
fn without_null(schema: &mut Schema) {
    let null =
        |value: &Value| value == "null" || value.get("type").is_some_and(|kind| kind == "null");
    for key in ["type", "anyOf"] {
        if let Some(Value::Array(choices)) = schema.get_mut(key) {
            choices.retain(|choice| !null(choice));
        }
    }
    if let Some([only]) = schema
        .get("type")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        let only = only.clone();
        schema.insert("type".to_owned(), only);
    }
    if let Some([Value::Object(only)]) = schema
        .get("anyOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        let only = only.clone();
        schema.remove("anyOf");
        schema.ensure_object().extend(only);
    }
}
