//! Whether statements say the same: a service may give them back in another order of keys and values, a
//! list of one as a text, and `true` as `"true"`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Whether two lists of statements say the same.
pub(super) fn same(left: &[Value], right: &[Value]) -> bool {
    let normal = |statements: &[Value]| {
        let mut all: Vec<String> = statements
            .iter()
            .map(|s| normal_statement(s).to_string())
            .collect();
        all.sort();
        all
    };
    normal(left) == normal(right)
}

fn normal_statement(statement: &Value) -> Value {
    let mut statement = statement.clone();
    if statement["Principal"] == "*" {
        statement["Principal"] = json!({"AWS": "*"});
    }
    normal(&statement)
}

fn normal(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map
                .iter()
                .map(|(key, value)| (key.clone(), normal(value)))
                .collect();
            sorted.into_iter().collect()
        }
        Value::Array(items) if items.len() == 1 => normal(&items[0]),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(normal).collect();
            items.sort_by_key(Value::to_string);
            items.dedup();
            Value::Array(items)
        }
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        Value::Null | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_makes_no_difference() {
        let ours = json!({"Principal": {"AWS": "*"}, "Action": ["a"], "Condition": {"Bool": {"k": "true"}, "X": {"y": ["1", "2"]}}});
        let back = json!({"Condition": {"X": {"y": ["2", "1"]}, "Bool": {"k": true}}, "Action": "a", "Principal": "*"});
        assert!(same(&[ours], &[back]));
    }

    #[test]
    fn what_is_said_does() {
        let one = json!({"Principal": {"AWS": "*"}, "Action": ["a"]});
        let other = json!({"Principal": {"AWS": "*"}, "Action": ["a", "b"]});
        assert!(!same(
            std::slice::from_ref(&one),
            std::slice::from_ref(&other)
        ));
        assert!(
            !same(std::slice::from_ref(&one), &[one.clone(), one.clone()]),
            "twice is not once"
        );
    }
}
