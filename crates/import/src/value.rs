//! Values of any source as one kind of tree: JSON, HCL, and literals of Ruby.
//!
//! A text has parts, because a source may compute some of it: `web-${timestamp()}` is known but for its end.

use serde_json::Value as Json;

use crate::outcome::LeftKind;
use crate::short::short;

/// A value, with the line where it is, if that is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    pub(crate) data: Data,
    pub(crate) line: Option<usize>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    Null,
    Flag(bool),
    Number(String),
    Text(Vec<Part>),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Plain(String),
    Unknown(Unknown),
}

/// What is not known before the other tool runs, or must not be known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unknown {
    pub(crate) kind: LeftKind,
    /// How the source writes it, such as `var.base`.
    pub(crate) what: String,
    /// The reason, as a sentence without its full stop.
    pub(crate) why: String,
    pub(crate) hint: Option<String>,
}

impl Unknown {
    /// Something that the other tool computes.
    pub(crate) fn computed(what: &str) -> Self {
        Self {
            kind: LeftKind::Computed,
            what: short(what),
            why: "its value is only known when the other tool runs".to_owned(),
            hint: None,
        }
    }

    /// A variable that holds, or may hold, a secret.
    pub(crate) fn secret(what: &str) -> Self {
        Self {
            kind: LeftKind::Secret,
            what: short(what),
            why: "it is a secret by its name or its mark, and documents hold none".to_owned(),
            hint: Some("let the instance read it from Secrets Manager when it is built".to_owned()),
        }
    }
}

/// Why a value could not be used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trouble {
    Unknown(Unknown),
    Form {
        found: String,
        expected: &'static str,
    },
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, line: None }
    }
}

impl Value {
    pub(crate) fn text_of(text: &str) -> Self {
        Data::Text(vec![Part::Plain(text.to_owned())]).into()
    }

    pub(crate) fn unknown(unknown: Unknown) -> Self {
        Data::Text(vec![Part::Unknown(unknown)]).into()
    }

    /// A tree of JSON. `serde_json` bounds its depth.
    pub(crate) fn of_json(json: &Json) -> Self {
        let data = match json {
            Json::Null => Data::Null,
            Json::Bool(flag) => Data::Flag(*flag),
            Json::Number(number) => Data::Number(number.to_string()),
            Json::String(text) => Data::Text(vec![Part::Plain(text.clone())]),
            Json::Array(items) => Data::List(items.iter().map(Self::of_json).collect()),
            Json::Object(entries) => {
                let entry = |(key, value): (&String, &Json)| (key.clone(), Self::of_json(value));
                Data::Object(entries.iter().map(entry).collect())
            }
        };
        data.into()
    }

    pub(crate) fn is_null(&self) -> bool {
        self.data == Data::Null
    }

    /// What is in it in short, for a report.
    pub(crate) fn summary(&self) -> String {
        match &self.data {
            Data::Null => "null".to_owned(),
            Data::Flag(flag) => flag.to_string(),
            Data::Number(number) => number.clone(),
            Data::Text(parts) => short(&parts.iter().map(Part::shown).collect::<String>()),
            Data::List(items) => match items.as_slice() {
                [] => "an empty list".to_owned(),
                items => format!("a list of {}", items.len()),
            },
            Data::Object(entries) => {
                let keys = entries.iter().map(|(key, _)| key.as_str());
                short(&format!(
                    "an object with {}",
                    keys.collect::<Vec<_>>().join(", ")
                ))
            }
        }
    }

    /// The parts of a text or of a number; none if it is something else.
    pub(crate) fn parts(&self) -> Option<Vec<Part>> {
        match &self.data {
            Data::Text(parts) => Some(parts.clone()),
            Data::Number(number) => Some(vec![Part::Plain(number.clone())]),
            Data::Flag(flag) => Some(vec![Part::Plain(flag.to_string())]),
            Data::Null | Data::List(_) | Data::Object(_) => None,
        }
    }

    /// A text, or a number or flag as a text, that is known in whole.
    pub(crate) fn text(&self) -> Result<String, Trouble> {
        let Some(parts) = self.parts() else {
            return Err(self.form("a text"));
        };
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Plain(plain) => text.push_str(&plain),
                Part::Unknown(unknown) => return Err(Trouble::Unknown(unknown)),
            }
        }
        Ok(text)
    }

    /// The items of a list. As in Packer, a text is a list of what is between its commas.
    pub(crate) fn items(&self) -> Vec<Value> {
        match &self.data {
            Data::List(items) => items.clone(),
            Data::Null => Vec::new(),
            Data::Text(_) => match self.text() {
                Ok(text) => text
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| Self {
                        line: self.line,
                        ..Self::text_of(item)
                    })
                    .collect(),
                Err(_) => vec![self.clone()],
            },
            Data::Flag(_) | Data::Number(_) | Data::Object(_) => vec![self.clone()],
        }
    }

    /// The entries of an object; none if it is something else.
    pub(crate) fn entries(&self) -> Option<&[(String, Value)]> {
        match &self.data {
            Data::Object(entries) => Some(entries),
            Data::Null | Data::Flag(_) | Data::Number(_) | Data::Text(_) | Data::List(_) => None,
        }
    }

    /// The entry `key` of an object, if it has one that is not null.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let entries = self.entries()?.iter();
        let found = entries.rev().find(|(name, _)| name == key)?;
        Some(&found.1).filter(|value| !value.is_null())
    }

    /// A flag, also one in words.
    pub(crate) fn flag(&self) -> Result<bool, Trouble> {
        match self.text()?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.form("`true` or `false`")),
        }
    }

    /// The trouble that the value is not what was expected.
    pub(crate) fn form(&self, expected: &'static str) -> Trouble {
        Trouble::Form {
            found: self.summary(),
            expected,
        }
    }

    /// How many values it has in it: what a copy of it costs.
    pub(crate) fn weight(&self) -> usize {
        match &self.data {
            Data::Null | Data::Flag(_) | Data::Number(_) => 1,
            Data::Text(parts) => 1 + parts.iter().map(Part::weight).sum::<usize>(),
            Data::List(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Data::Object(entries) => {
                1 + entries
                    .iter()
                    .map(|(_, value)| 1 + value.weight())
                    .sum::<usize>()
            }
        }
    }
}

impl Part {
    fn shown(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Unknown(unknown) => format!("{{{}}}", unknown.what),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Plain(text) => 1 + text.len() / 64,
            Self::Unknown(_) => 1,
        }
    }
}
