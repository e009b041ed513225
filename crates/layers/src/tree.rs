//! JSON values: finding, putting and writing them.

use goldsmith_domain::document::Json;
use serde_json::{Number, Value};

/// The value at a path of keys and of numbers of items; none if there is none, and for `null`.
pub fn find<'v>(root: &'v Json, path: &[String]) -> Option<&'v Json> {
    let step = |value: &'v Json, part: &String| match value {
        Json::Object(members) => {
            let mut members = members.iter();
            members
                .find(|(name, _)| name == part)
                .map(|(_, value)| value)
        }
        Json::List(items) => items.get(part.parse::<usize>().ok()?),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => None,
    };
    let found = path.iter().try_fold(root, step)?;
    (*found != Json::Null).then_some(found)
}

/// Puts a value at a path. What is missing on the way is made, as objects; false if something else blocks it.
pub fn put(root: &mut Json, path: &[String], value: Json) -> bool {
    let Some((part, rest)) = path.split_first() else {
        *root = value;
        return true;
    };
    if *root == Json::Null {
        *root = Json::Object(Vec::new());
    }
    match root {
        Json::Object(members) => put(member(members, part), rest, value),
        Json::List(items) => {
            let index: Option<usize> = part.parse().ok();
            if index == Some(items.len()) {
                items.push(Json::Null);
            }
            index
                .and_then(|index| items.get_mut(index))
                .is_some_and(|item| put(item, rest, value))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => false,
    }
}

/// The member of that name, which is made if there is none.
fn member<'m>(members: &'m mut Vec<(String, Json)>, name: &str) -> &'m mut Json {
    let index = members.iter().position(|(known, _)| known == name);
    let index = index.unwrap_or_else(|| {
        members.push((name.to_owned(), Json::Null));
        members.len() - 1
    });
    &mut members[index].1
}

/// The items of a list; none for anything else.
pub fn items(value: Option<&Json>) -> &[Json] {
    if let Some(Json::List(items)) = value {
        return items;
    }
    &[]
}

/// A value as a text: a string, or a number or a boolean as it was written; none for anything else.
pub fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) | Json::Number(text) => Some(text.clone()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    }
}

/// Texts: a list of them, or one text with `,` between them; none for anything else.
pub fn texts_of(value: &Json) -> Option<Vec<String>> {
    let texts: Vec<String> = match value {
        Json::List(items) => items.iter().map(text_of).collect::<Option<_>>()?,
        Json::Text(_) | Json::Number(_) => {
            let text = text_of(value)?;
            text.split(',').map(str::to_owned).collect()
        }
        Json::Null | Json::Bool(_) | Json::Object(_) => return None,
    };
    let texts = texts.iter().map(|text| text.trim());
    Some(
        texts
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

/// The value for programs. A number that no program could read is a text.
pub fn plain(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(digits) => {
            let number = digits.parse::<Number>();
            number.map_or_else(|_| Value::String(digits.clone()), Value::Number)
        }
        Json::Text(text) => Value::String(text.clone()),
        Json::List(items) => Value::Array(items.iter().map(plain).collect()),
        Json::Object(members) => {
            let members = members.iter();
            let member = |(name, value): &(String, Json)| (name.clone(), plain(value));
            Value::Object(members.map(member).collect())
        }
    }
}

/// The text of a document: two spaces for each level, and every value as it was written.
pub fn write(value: &Json) -> String {
    let mut out = String::new();
    write_at(value, 0, &mut out);
    out.push('\n');
    out
}

fn write_at(value: &Json, depth: usize, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(digits) => out.push_str(digits),
        Json::Text(text) => out.push_str(&quoted(text)),
        Json::List(items) => {
            let write = |item: &Json, out: &mut String| write_at(item, depth + 1, out);
            group(('[', ']'), items, depth, out, write);
        }
        Json::Object(members) => group(('{', '}'), members, depth, out, |(name, value), out| {
            out.push_str(&quoted(name));
            out.push_str(": ");
            write_at(value, depth + 1, out);
        }),
    }
}

fn group<T>(
    (open, close): (char, char),
    items: &[T],
    depth: usize,
    out: &mut String,
    write: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        write(item, out);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// The keys of an object; none for anything else.
pub fn keys(value: &Json) -> Vec<&str> {
    if let Json::Object(members) = value {
        return members.iter().map(|(name, _)| name.as_str()).collect();
    }
    Vec::new()
}
