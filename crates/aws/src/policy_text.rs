//! Whether two policies say the same, however the service spells them: it may reorder members and lists,
//! and turn a list of one into a string (IAM user guide, "Grammar of the IAM JSON policy language").

use std::collections::BTreeMap;

use serde_json::Value;

/// Whether two texts are the same policy; texts that are not JSON are compared as they are.
pub(crate) fn same(left: &str, right: &str) -> bool {
    match (serde_json::from_str(left), serde_json::from_str(right)) {
        (Ok(left), Ok(right)) => normal(left) == normal(right),
        _ => left == right,
    }
}

fn normal(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> =
                members.into_iter().map(|(name, value)| (name, normal(value))).collect();
            sorted.into_iter().collect()
        }
        Value::Array(mut items) if items.len() == 1 => items.pop().map(normal).unwrap_or_default(),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(normal).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_no_difference_and_content_is() {
        let written =
            r#"{"Version":"2012-10-17","Statement":[{"Action":["kms:*"],"Principal":{"AWS":["a","b"]}}]}"#;
        let read =
            r#"{ "Statement": {"Principal":{"AWS":["b","a"]},"Action":"kms:*"}, "Version":"2012-10-17" }"#;
        assert!(same(written, read));
        assert!(!same(written, &read.replace("kms:*", "kms:Decrypt")));
        assert!(!same(written, &read.replace(r#"["b","a"]"#, r#""a""#)));
        assert!(same("not JSON", "not JSON") && !same("not JSON", "{}") && !same("", "{}"));
    }
}
