//! `ami-versions.json`, and what both documents have in common.

use serde_json::{Map, Value as Json, json};

use super::{Draft, Use};

/// The product team's document.
pub(super) fn ami_versions(draft: &Draft) -> String {
    let entries = draft.entries.iter().map(|entry| {
        let mut members = Map::new();
        members.insert("aminame".to_owned(), json!(entry.base));
        members.insert("recipename".to_owned(), json!(entry.name));
        if entry.is_windows {
            members.insert("platform".to_owned(), json!("Windows"));
        }
        if let Some(description) = &entry.description {
            members.insert("description".to_owned(), json!(description));
        }
        if !entry.tags.is_empty() {
            members.insert("tags".to_owned(), json!(entry.tags));
        }
        if !entry.components.is_empty() {
            members.insert("components".to_owned(), uses(&entry.components));
        }
        Json::Object(members)
    });
    let scheduled = draft.entries.iter().filter(|entry| entry.is_scheduled);
    let names: Vec<&str> = scheduled.map(|entry| entry.name.as_str()).collect();
    let scheduled = match names.as_slice() {
        [] => json!([]),
        names => json!([{ "recipenames": names.join(";") }]),
    };
    pretty(&json!({
        "ami-version": entries.collect::<Vec<_>>(),
        "ami-scheduled": scheduled,
    }))
}

/// Components as a list has them.
pub(super) fn uses(uses: &[Use]) -> Json {
    let one = |used: &Use| {
        if used.parameters.is_empty() {
            json!(used.target)
        } else {
            json!({ "component": used.target, "parameters": used.parameters })
        }
    };
    Json::Array(uses.iter().map(one).collect())
}

/// JSON for people, with a line feed at its end.
pub(super) fn pretty(json: &Json) -> String {
    format!("{json:#}\n")
}
