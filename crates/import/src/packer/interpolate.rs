//! Templates in JSON: what is in double braces in their texts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::outcome::LeftKind;
use crate::value::{Data, Part, Unknown, Value};
use goldsmith_domain::secret;

/// How many variables may be in the defaults of one another, and how long a text may get by them.
const DEEPEST: usize = 16;
const LONGEST: usize = 64 << 10;

/// The variables of a template.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    given: BTreeMap<String, Variable>,
    known: RefCell<BTreeMap<String, Vec<Part>>>,
}

#[derive(Debug)]
enum Variable {
    Text(String),
    Unknown(Unknown),
}

impl Variables {
    /// Sets a variable. Nothing is kept of one that is or may be a secret.
    pub(crate) fn set(&mut self, name: &str, value: &Value, is_sensitive: bool) {
        let what = format!("user variable {name}");
        let variable = if is_sensitive || secret::is_name(name) {
            Variable::Unknown(Unknown::secret(&what))
        } else if value.is_null() {
            Variable::Unknown(Unknown {
                kind: LeftKind::Missing,
                what,
                why: "the variable has no default".to_owned(),
                hint: Some("give it a default, and import again".to_owned()),
            })
        } else {
            let texts: Result<Vec<String>, _> = value.items().iter().map(Value::text).collect();
            let text = match &value.data {
                Data::List(_) => texts.map(|texts| texts.join(",")),
                Data::Null | Data::Flag(_) | Data::Number(_) | Data::Text(_) | Data::Object(_) => {
                    value.text()
                }
            };
            match text {
                Ok(text) => Variable::Text(text),
                Err(_) => Variable::Unknown(Unknown::computed(&what)),
            }
        };
        self.given.insert(name.to_owned(), variable);
    }

    /// Whether a variable has no value yet.
    pub(crate) fn needs(&self, name: &str) -> bool {
        match self.given.get(name) {
            Some(Variable::Unknown(unknown)) => unknown.kind == LeftKind::Missing,
            Some(Variable::Text(text)) => text.is_empty(),
            None => true,
        }
    }

    /// Sets a variable that a framework computes.
    pub(crate) fn set_unknown(&mut self, name: &str, unknown: Unknown) {
        self.given
            .insert(name.to_owned(), Variable::Unknown(unknown));
    }

    /// The value with everything in double braces replaced, as far as it is known.
    pub(crate) fn fill(&self, value: &Value) -> Value {
        let data = match &value.data {
            Data::Text(parts) => {
                let filled = parts.iter().flat_map(|part| match part {
                    Part::Plain(text) => self.parts(text, &mut BTreeSet::new()),
                    Part::Unknown(unknown) => vec![Part::Unknown(unknown.clone())],
                });
                Data::Text(filled.collect())
            }
            Data::List(items) => Data::List(items.iter().map(|item| self.fill(item)).collect()),
            Data::Object(entries) => {
                let entry = |(key, value): &(String, Value)| (key.clone(), self.fill(value));
                Data::Object(entries.iter().map(entry).collect())
            }
            Data::Null | Data::Flag(_) | Data::Number(_) => value.data.clone(),
        };
        Value {
            data,
            line: value.line,
        }
    }

    fn parts(&self, text: &str, walked: &mut BTreeSet<String>) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, inner, after)) = next(rest) {
            if !before.is_empty() {
                parts.push(Part::Plain(before.to_owned()));
            }
            parts.extend(self.inner(inner, walked));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Plain(rest.to_owned()));
        }
        let length: usize = parts.iter().map(|part| plain(part).len()).sum();
        if length > LONGEST.max(text.len()) {
            return vec![Part::Unknown(Unknown::computed("a text of many variables"))];
        }
        parts
    }

    /// What one pair of double braces stands for (Packer, "Template engine").
    fn inner(&self, inner: &str, walked: &mut BTreeSet<String>) -> Vec<Part> {
        let words: Vec<&str> = inner.split_whitespace().collect();
        let argument = |word: &str| word.trim_matches(['`', '"', '\'']).to_owned();
        match words.as_slice() {
            ["user", name] => self.variable(&argument(name), walked),
            ["template_dir" | "pwd"] => vec![Part::Plain(".".to_owned())],
            ["vault" | "aws_secretsmanager" | "consul_key", ..] => {
                vec![Part::Unknown(Unknown::secret(inner))]
            }
            _ => vec![Part::Unknown(Unknown::computed(&format!(
                "{{{{{inner}}}}}"
            )))],
        }
    }

    fn variable(&self, name: &str, walked: &mut BTreeSet<String>) -> Vec<Part> {
        let what = format!("user variable {name}");
        let unknown = |why: &str| {
            vec![Part::Unknown(Unknown {
                why: why.to_owned(),
                ..Unknown::computed(&what)
            })]
        };
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        match self.given.get(name) {
            None => unknown("the template declares no such variable"),
            Some(Variable::Unknown(known)) => vec![Part::Unknown(known.clone())],
            Some(Variable::Text(text)) => {
                if walked.len() >= DEEPEST || !walked.insert(name.to_owned()) {
                    return unknown("it is made of itself");
                }
                let parts = self.parts(text, walked);
                walked.remove(name);
                self.known
                    .borrow_mut()
                    .insert(name.to_owned(), parts.clone());
                parts
            }
        }
    }
}

/// What is before the next double braces, in them and after them.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (inner, after) = rest.split_once("}}")?;
    Some((before, inner.trim_matches('-').trim(), after))
}

fn plain(part: &Part) -> &str {
    match part {
        Part::Plain(text) => text,
        Part::Unknown(unknown) => &unknown.what,
    }
}
