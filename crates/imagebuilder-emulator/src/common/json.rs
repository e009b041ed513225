//! JSON as answers show it.

use serde::Serialize;
use serde_json::Value;

/// A resource as answers show it. Members without a value are pruned later.
pub(crate) fn to_json(resource: &impl Serialize) -> Value {
    serde_json::to_value(resource).unwrap_or_default()
}

/// Takes out every member that has no value.
pub(crate) fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
