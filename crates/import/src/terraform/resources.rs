//! The resources of a state or of a printed one.

use std::collections::BTreeSet;

use crate::outcome::{ImportError, Place};
use crate::value::{Data, Unknown, Value};

/// How deep modules may be in one another.
const DEEPEST: usize = 32;

/// A resource that Terraform manages.
#[derive(Debug)]
pub(super) struct Resource {
    /// Its type, such as `aws_imagebuilder_component`.
    pub(super) kind: String,
    /// Its attributes, in which a sensitive one is unknown.
    pub(super) values: Value,
    pub(super) place: Place,
}

impl Resource {
    /// An attribute that is a known text; empty if it is none.
    pub(super) fn text(&self, key: &str) -> String {
        let value = self.values.get(key).map(Value::text);
        value.and_then(Result::ok).unwrap_or_default()
    }
}

/// The resources in a file.
///
/// Errors: it is neither a state of version 4 nor what `terraform show -json` prints.
pub(super) fn read(value: &Value, path: &str) -> Result<Vec<Resource>, ImportError> {
    let mut resources = Vec::new();
    if let Some(printed) = value.get("values").or_else(|| value.get("planned_values")) {
        if let Some(root) = printed.get("root_module") {
            module(root, path, 0, &mut resources);
        }
        return Ok(resources);
    }
    let version = value.get("version").and_then(|version| version.text().ok());
    if version.as_deref() != Some("4") || value.get("resources").is_none() {
        return Err(ImportError::Unreadable {
            place: Place::file(path),
            found: "something else".to_owned(),
            expected: "a state of version 4, or what `terraform show -json` prints",
        });
    }
    for resource in items(value.get("resources")) {
        of_state(&resource, path, &mut resources);
    }
    Ok(resources)
}

/// The items of a list.
pub(super) fn items(value: Option<&Value>) -> Vec<Value> {
    match value.map(|value| &value.data) {
        Some(Data::List(items)) => items.clone(),
        Some(Data::Object(_)) => value.cloned().into_iter().collect(),
        Some(Data::Null | Data::Flag(_) | Data::Number(_) | Data::Text(_)) | None => Vec::new(),
    }
}

fn known(value: &Value, key: &str) -> String {
    let text = value.get(key).map(Value::text);
    text.and_then(Result::ok).unwrap_or_default()
}

fn of_state(resource: &Value, path: &str, resources: &mut Vec<Resource>) {
    if known(resource, "mode") != "managed" {
        return;
    }
    let (kind, name) = (known(resource, "type"), known(resource, "name"));
    let module = known(resource, "module");
    for instance in items(resource.get("instances")) {
        let index = known(&instance, "index_key");
        let index = if index.is_empty() {
            index
        } else {
            format!("[{index}]")
        };
        let prefix = if module.is_empty() {
            String::new()
        } else {
            format!("{module}.")
        };
        let place = Place::file(path).key(&format!("{prefix}{kind}.{name}{index}"));
        let sensitive = items(instance.get("sensitive_attributes"));
        let sensitive: BTreeSet<String> = sensitive.iter().filter_map(first_step).collect();
        let Some(attributes) = instance.get("attributes") else {
            continue;
        };
        resources.push(Resource {
            kind: kind.clone(),
            values: without(attributes, &sensitive),
            place,
        });
    }
}

/// The attribute that a path of `sensitive_attributes` begins with.
fn first_step(path: &Value) -> Option<String> {
    match &path.data {
        Data::List(steps) => steps.first()?.get("value")?.text().ok(),
        Data::Null | Data::Flag(_) | Data::Number(_) | Data::Text(_) | Data::Object(_) => None,
    }
}

fn module(value: &Value, path: &str, depth: usize, resources: &mut Vec<Resource>) {
    for resource in items(value.get("resources")) {
        let mode = known(&resource, "mode");
        let Some(values) = resource.get("values").filter(|_| mode != "data") else {
            continue;
        };
        let marks = resource.get("sensitive_values").and_then(Value::entries);
        let marked = marks
            .unwrap_or_default()
            .iter()
            .filter(|(_, mark)| is_marked(mark));
        let sensitive: BTreeSet<String> = marked.map(|(key, _)| key.clone()).collect();
        resources.push(Resource {
            kind: known(&resource, "type"),
            values: without(values, &sensitive),
            place: Place::file(path).key(&known(&resource, "address")),
        });
    }
    if depth < DEEPEST {
        for child in items(value.get("child_modules")) {
            module(&child, path, depth + 1, resources);
        }
    }
}

/// Whether anything of an attribute is sensitive. Lists and objects are there for attributes without a mark, too.
fn is_marked(mark: &Value) -> bool {
    match &mark.data {
        Data::Flag(flag) => *flag,
        Data::List(items) => items.iter().any(is_marked),
        Data::Object(entries) => entries.iter().any(|(_, mark)| is_marked(mark)),
        Data::Null | Data::Number(_) | Data::Text(_) => false,
    }
}

fn without(attributes: &Value, sensitive: &BTreeSet<String>) -> Value {
    let entries = attributes.entries().unwrap_or_default().iter();
    let entry = |(key, value): &(String, Value)| {
        let value = if sensitive.contains(key) {
            Value::unknown(Unknown::secret(key))
        } else {
            value.clone()
        };
        (key.clone(), value)
    };
    Data::Object(entries.map(entry).collect()).into()
}
