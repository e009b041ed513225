//! YAML as a tree with lines, and what a reader asks of it.
//!
//! Scalars stay text until their type is asked for. AWSTOE's inputs are strings, and `permissions:
//! 0600` must not become a number on the way.

mod load;

use serde_json::{Map, Number, Value};

pub(super) use self::load::load;
use super::DocumentError;

/// A value, and the line on which it starts, counted from one.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub line: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// `plain` if it was neither quoted nor tagged as a string, so that it may be a number.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    /// As written; a key may come twice.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// A problem at this node.
    pub fn problem(&self, problem: impl Into<String>) -> DocumentError {
        DocumentError::at(self.line, problem)
    }

    /// What it is, for messages.
    pub fn sort(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar { .. } if self.is_null() => "empty",
            Kind::Scalar { .. } => "a scalar",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// The text of a scalar that is not null, as written.
    pub fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } if !self.is_null() => Some(text),
            Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    pub fn is_null(&self) -> bool {
        let Kind::Scalar { text, plain } = &self.kind else {
            return false;
        };
        *plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The items of a list.
    pub fn list(&self) -> Result<&[Node], DocumentError> {
        match &self.kind {
            Kind::List(items) => Ok(items),
            Kind::Scalar { .. } | Kind::Map(_) => {
                Err(self.problem(format!("found {}, expected a list", self.sort())))
            }
        }
    }

    /// The entries of a mapping.
    pub fn fields(&self) -> Result<Fields<'_>, DocumentError> {
        let Kind::Map(entries) = &self.kind else {
            return Err(self.problem(format!("found {}, expected a mapping", self.sort())));
        };
        let named = |(key, value)| match Node::scalar(key) {
            Some(name) => Ok((name, value)),
            None => {
                Err(key
                    .problem("a key is not a string; references such as {{ name }} must be quoted"))
            }
        };
        let entries = entries
            .iter()
            .map(|(key, value)| named((key, value)))
            .collect::<Result<_, _>>()?;
        Ok(Fields {
            node: self,
            entries,
        })
    }

    /// A text; numbers and booleans are taken as they are written.
    pub fn text(&self) -> Result<&str, DocumentError> {
        let Kind::Scalar { text, .. } = &self.kind else {
            return Err(self.problem(format!("found {}, expected a string", self.sort())));
        };
        Ok(text)
    }

    /// An integer, quoted or not.
    pub fn integer(&self) -> Result<i64, DocumentError> {
        let number = self.scalar().and_then(|text| text.trim().parse().ok());
        number.ok_or_else(|| self.problem(format!("found {}, expected an integer", self.shown())))
    }

    /// A boolean, quoted or not.
    pub fn boolean(&self) -> Option<bool> {
        match self.scalar()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// A scalar in quotes, or what else it is.
    pub fn shown(&self) -> String {
        self.scalar()
            .map_or_else(|| self.sort().to_owned(), |text| format!("'{text}'"))
    }

    /// The same as JSON, with the scalars of YAML's core schema. A key that is not a scalar is left
    /// out; of a key that comes twice the last counts.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar { text, plain: true } => resolved(text),
            Kind::Scalar { text, plain: false } => text.as_str().into(),
            Kind::List(items) => items.iter().map(Node::to_json).collect(),
            Kind::Map(entries) => {
                let named =
                    |(key, value): &(Node, Node)| Some((key.scalar()?.to_owned(), value.to_json()));
                Value::Object(entries.iter().filter_map(named).collect::<Map<_, _>>())
            }
        }
    }
}

/// What a plain scalar means.
fn resolved(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => number(text).map_or_else(|| text.into(), Value::Number),
    }
}

/// Words such as `inf` and `nan` are numbers to Rust, but not to JSON.
fn number(text: &str) -> Option<Number> {
    let digits = text.trim_start_matches(['-', '+']);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let integer = text.parse::<i64>().ok().map(Number::from);
    integer.or_else(|| Number::from_f64(text.parse().ok()?))
}

/// The entries of a mapping.
#[derive(Debug)]
pub(super) struct Fields<'n> {
    pub node: &'n Node,
    entries: Vec<(&'n str, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// All entries, as written.
    pub fn entries(&self) -> &[(&'n str, &'n Node)] {
        &self.entries
    }

    /// The last value of a key; an empty one counts as absent.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        let found = self.entries.iter().rev().find(|(name, _)| *name == key);
        found
            .map(|(_, value)| *value)
            .filter(|value| !value.is_null())
    }

    /// A value that must be there.
    pub fn required(&self, key: &str) -> Result<&'n Node, DocumentError> {
        self.get(key)
            .ok_or_else(|| self.node.problem(format!("'{key}' is missing")))
    }

    /// A text that may be absent.
    pub fn text(&self, key: &str) -> Result<Option<&'n str>, DocumentError> {
        self.get(key)
            .map(Node::text)
            .transpose()
            .map_err(|error| error.within(key))
    }

    /// A text that must be there, and not be empty.
    pub fn required_text(&self, key: &str) -> Result<&'n str, DocumentError> {
        let node = self.required(key)?;
        match node.text().map_err(|error| error.within(key))? {
            "" => Err(node.problem(format!("'{key}' is empty"))),
            text => Ok(text),
        }
    }

    /// A list that may be absent.
    pub fn list(&self, key: &str) -> Result<&'n [Node], DocumentError> {
        self.get(key).map_or(Ok(&[][..]), |node| {
            node.list().map_err(|error| error.within(key))
        })
    }

    /// Refuses every key that is not among `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), DocumentError> {
        match self.entries.iter().find(|(key, _)| !known.contains(key)) {
            Some((key, value)) => Err(value.problem(format!(
                "found the key '{key}', expected one of {}",
                known.join(", ")
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_what_the_core_schema_says() {
        let node = load("[1, -2, 1.5, true, 0x10, 'true', 1.0.0, inf, .inf, ~, '', 0600]").unwrap();
        let expected = serde_json::json!([
            1, -2, 1.5, true, "0x10", "true", "1.0.0", "inf", ".inf", null, "", 600
        ]);
        assert_eq!(node.to_json(), expected);
        assert_eq!(
            node.list().unwrap()[11].text().unwrap(),
            "0600",
            "as written, where text is expected"
        );
    }

    #[test]
    fn an_unquoted_reference_is_distinguished_from_a_mapping() {
        let node = load("value: {{ name }}").unwrap();
        let error = node
            .fields()
            .unwrap()
            .required("value")
            .unwrap()
            .fields()
            .unwrap_err();
        assert!(error.to_string().contains("must be quoted"), "{error}");
    }
}
