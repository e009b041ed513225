//! JSON files of others as plain values with their places: variables of another system, and documents that
//! are to be completed by them.
//!
//! They are read as strictly as documents: size, encoding, syntax, depth, and each key once.

use std::collections::BTreeSet;

use super::fields::Keys;
use super::reader::Cursor;
use super::tree::{Node, Value};
use super::{DocumentFile, Guesses, component, json, open, parameters};
use crate::problem::{Place, Problems};

/// A JSON value, with each number as it was written and the members of objects in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// A member of the object that a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key.
    pub name: String,
    /// The value.
    pub value: Json,
    /// Where the value is.
    pub place: Place,
}

/// The members of the object that a file holds, in their order.
///
/// # Errors
///
/// What is wrong with the file: it is too large, no UTF-8, no JSON, nested too deeply, no object, or has a key
/// twice.
pub fn members(file: &DocumentFile) -> Result<Vec<Member>, Problems> {
    let read = |at: Cursor<'_>| {
        let entries = at.entries().unwrap_or_default().into_iter();
        entries.map(|(name, value)| member(name, value)).collect()
    };
    let (members, problems) = open(file, &Guesses::default(), json::tree, read)
        .map_err(|problem| Problems::from(*problem))?;
    if problems.is_empty() {
        Ok(members)
    } else {
        Err(problems)
    }
}

fn member(name: Cursor<'_>, value: Cursor<'_>) -> Member {
    Member {
        name: name.as_text().unwrap_or_default().to_owned(),
        value: plain(value.node()),
        place: value.place(),
    }
}

/// The value without its places. The depth of a tree is bounded, so this ends.
fn plain(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(digits) => Json::Number(digits.clone().into_owned()),
        Value::Text(text) => Json::Text(text.clone().into_owned()),
        Value::List(items) => Json::List(items.iter().map(plain).collect()),
        Value::Object(fields) => {
            let key = |node: &Node<'_>| node.text().unwrap_or_default().to_owned();
            let fields = fields.iter();
            Json::Object(
                fields
                    .map(|field| (key(&field.key), plain(&field.value)))
                    .collect(),
            )
        }
    }
}

/// The names of the parameters that a component document declares; none if it cannot be read.
pub fn declared_parameters(file: &DocumentFile) -> BTreeSet<String> {
    let read = |at: Cursor<'_>| {
        let fields = at.object(Keys::AmongOthers);
        fields
            .map(|fields| parameters::declared(&fields).into_keys().collect())
            .unwrap_or_default()
    };
    open(file, &Guesses::default(), component::tree, read)
        .map(|(names, _)| names)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(key: &str, text: &str) -> DocumentFile {
        DocumentFile {
            key: key.to_owned(),
            version_id: String::new(),
            size: text.len() as u64,
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn members_have_their_values_as_written_and_their_places() {
        let text = "{\n  \"a\": 1.0,\n  \"b\": [null, { \"c\": true }] }";
        let read = members(&file("vars.json", text)).expect("members");
        let found: Vec<_> = read
            .iter()
            .map(|member| (member.name.as_str(), member.place.line, member.place.column))
            .collect();
        assert_eq!(found, [("a", 2, 8), ("b", 3, 8)]);
        assert_eq!(read[0].value, Json::Number("1.0".to_owned()));
        let inner = Json::Object(vec![("c".to_owned(), Json::Bool(true))]);
        assert_eq!(read[1].value, Json::List(vec![Json::Null, inner]));
        assert_eq!(read[1].place.pointer, "/b");
    }

    #[test]
    fn a_key_twice_and_what_is_no_object_are_problems() {
        for (text, line) in [("{\"a\": 1,\n\"a\": 2}", 2), ("[]", 1), ("{", 1), ("", 1)] {
            let problems = members(&file("vars.json", text)).expect_err(text);
            assert_eq!(problems.first()[0].line, line, "{text}");
        }
    }

    #[test]
    fn a_component_declares_parameters_and_a_broken_one_none() {
        let text = "schemaVersion: 1.0\nparameters:\n  - agent:\n      type: string\nphases: []\n";
        let names = declared_parameters(&file("components/a.yml", text));
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["agent"]);
        assert!(declared_parameters(&file("components/a.yml", "a: [")).is_empty());
    }
}
