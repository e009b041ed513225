//! The functions of HCL whose results are the same in every run, as far as templates use them for settings.

use crate::outcome::LeftKind;
use crate::value::{Data, Part, Unknown, Value};

/// The most bytes that a replacement may make of a text. One that replaces itself would square its size.
const MOST_BYTES: usize = 1 << 20;

/// The most entries of an object that is merged of others.
const MOST_ENTRIES: usize = 1000;

/// The result of a function; none if the function or its arguments are not known.
pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    match (name, arguments) {
        ("lower", [text]) => Some(Value::text_of(&text.text().ok()?.to_lowercase())),
        ("upper", [text]) => Some(Value::text_of(&text.text().ok()?.to_uppercase())),
        ("trimspace", [text]) => Some(Value::text_of(text.text().ok()?.trim())),
        ("tostring", [text]) => Some(Value::text_of(&text.text().ok()?)),
        ("abspath" | "tolist" | "toset" | "tonumber" | "tobool" | "tomap", [value]) => {
            Some(value.clone())
        }
        ("replace", [text, from, to]) => replace(text, from, to),
        ("join", [between, list]) => join(between, list),
        ("concat", lists) => Some(Data::List(lists.iter().flat_map(list).collect()).into()),
        ("merge", objects) => merge(objects),
        ("coalesce", values) => values.iter().find(|value| !value.is_null()).cloned(),
        _ => None,
    }
}

/// What a function returns that nobody computes here. A secret stays one.
pub(super) fn unknown(name: &str, arguments: &[Value]) -> Value {
    let secret = arguments.iter().find_map(secret);
    if matches!(
        name,
        "vault" | "aws_secretsmanager" | "aws_secretsmanager_raw" | "consul_key"
    ) {
        return Value::unknown(Unknown::secret(&format!("{name}(...)")));
    }
    Value::unknown(secret.unwrap_or_else(|| Unknown::computed(&format!("{name}(...)"))))
}

/// A secret in a value.
fn secret(value: &Value) -> Option<Unknown> {
    match &value.data {
        Data::Text(parts) => parts.iter().find_map(|part| match part {
            Part::Unknown(unknown) if unknown.kind == LeftKind::Secret => Some(unknown.clone()),
            Part::Unknown(_) | Part::Plain(_) => None,
        }),
        Data::List(items) => items.iter().find_map(secret),
        Data::Object(entries) => entries.iter().find_map(|(_, value)| secret(value)),
        Data::Null | Data::Flag(_) | Data::Number(_) => None,
    }
}

fn list(value: &Value) -> Vec<Value> {
    match &value.data {
        Data::List(items) => items.clone(),
        Data::Null => Vec::new(),
        Data::Flag(_) | Data::Number(_) | Data::Text(_) | Data::Object(_) => vec![value.clone()],
    }
}

/// A pattern between slashes is a regular expression, and stays unknown.
fn replace(text: &Value, from: &Value, to: &Value) -> Option<Value> {
    let (text, from, to) = (text.text().ok()?, from.text().ok()?, to.text().ok()?);
    let is_pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
    let is_small = text.len().saturating_mul(to.len()) <= MOST_BYTES;
    let is_plain = !is_pattern && !from.is_empty() && is_small;
    let replaced = is_plain.then(|| text.replace(&from, &to))?;
    Some(Value::text_of(&replaced))
}

fn join(between: &Value, list: &Value) -> Option<Value> {
    let Data::List(items) = &list.data else {
        return None;
    };
    let texts: Result<Vec<String>, _> = items.iter().map(Value::text).collect();
    Some(Value::text_of(&texts.ok()?.join(&between.text().ok()?)))
}

/// Of entries with one key, the last counts.
fn merge(objects: &[Value]) -> Option<Value> {
    let mut merged: Vec<(String, Value)> = Vec::new();
    for object in objects {
        for (key, value) in object.entries()? {
            if merged.len() >= MOST_ENTRIES {
                return None;
            }
            match merged.iter_mut().find(|(known, _)| known == key) {
                Some((_, known)) => *known = value.clone(),
                None => merged.push((key.clone(), value.clone())),
            }
        }
    }
    Some(Data::Object(merged).into())
}
