//! Checks a value against its shape. Messages have the service's form, "The value supplied for
//! parameter 'a.b[0]' is not valid."; what follows is recorded for patterns only.

use std::collections::{BTreeMap, HashMap};

use regex_lite::Regex;
use serde_json::{Map, Value};

use crate::{
    common::error::ApiError,
    wire::model::notation::{Bounds, Member, Shape},
};

/// A check under way; it knows the path to the value it looks at.
pub(crate) struct Check<'m> {
    shapes: &'m HashMap<&'static str, Shape>,
    path: String,
}

impl<'m> Check<'m> {
    pub fn new(shapes: &'m HashMap<&'static str, Shape>) -> Self {
        Self {
            shapes,
            path: String::new(),
        }
    }

    pub fn value(&self, shape: &Shape, value: &Value) -> Result<Value, ApiError> {
        match (shape, value) {
            (Shape::Structure(members), Value::Object(object)) => self.structure(members, object),
            (Shape::List { item, count }, Value::Array(items)) => self.list(item, *count, items),
            (Shape::Map { key, value, count }, Value::Object(entries)) => {
                self.map((key, value), *count, entries)
            }
            (
                Shape::Text {
                    length,
                    forbidden_prefix,
                    pattern,
                },
                Value::String(text),
            ) => self.text(text, *length, *forbidden_prefix, pattern.as_ref()),
            (Shape::Enum(allowed), Value::String(text)) => self.one_of(allowed, text),
            (Shape::Integer(range), Value::Number(number)) => self.integer(*range, number),
            (Shape::Number | Shape::Timestamp, Value::Number(_))
            | (Shape::Boolean, Value::Bool(_)) => Ok(value.clone()),
            _ => Err(self.wrong_type(value)),
        }
    }

    fn named(&self, name: &str, value: &Value) -> Result<Value, ApiError> {
        self.shapes
            .get(name)
            .map_or_else(|| Ok(value.clone()), |shape| self.value(shape, value))
    }

    fn structure(
        &self,
        members: &[Member],
        object: &Map<String, Value>,
    ) -> Result<Value, ApiError> {
        let mut known = Map::new();
        for member in members {
            let inner = self.member(member.name);
            match object.get(member.name) {
                Some(value) if !value.is_null() => {
                    known.insert(member.name.to_owned(), inner.named(member.shape, value)?);
                }
                Some(_) | None if member.required => return Err(inner.broken("must not be null")),
                Some(_) | None => {}
            }
        }
        Ok(Value::Object(known))
    }

    fn list(&self, item: &str, count: Bounds, items: &[Value]) -> Result<Value, ApiError> {
        self.bounds(count, items.len(), "length")?;
        let items = items.iter().enumerate().map(|(index, value)| {
            Self {
                shapes: self.shapes,
                path: format!("{}[{index}]", self.path),
            }
            .named(item, value)
        });
        items.collect::<Result<_, _>>().map(Value::Array)
    }

    fn map(
        &self,
        (key_shape, value_shape): (&str, &str),
        count: Bounds,
        entries: &Map<String, Value>,
    ) -> Result<Value, ApiError> {
        self.bounds(count, entries.len(), "size")?;
        for (key, value) in entries {
            self.named(key_shape, &Value::from(key.as_str()))?;
            self.named(value_shape, value)?;
        }
        // Sorted, so that equal maps have equal texts.
        let sorted: BTreeMap<_, _> = entries.iter().collect();
        Ok(sorted
            .into_iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn text(
        &self,
        text: &str,
        length: Bounds,
        forbidden_prefix: Option<&str>,
        pattern: Option<&Regex>,
    ) -> Result<Value, ApiError> {
        self.bounds(length, text.chars().count(), "length")?;
        if let Some(prefix) = forbidden_prefix.filter(|prefix| text.starts_with(*prefix)) {
            return Err(self.broken(&format!("must not start with {prefix}")));
        }
        match pattern.filter(|pattern| !pattern.is_match(text)) {
            Some(pattern) => Err(self.broken(&format!("must match pattern {pattern}"))),
            None => Ok(Value::from(text)),
        }
    }

    fn one_of(&self, allowed: &[&str], text: &str) -> Result<Value, ApiError> {
        if allowed.contains(&text) {
            return Ok(Value::from(text));
        }
        Err(self.broken(&format!("must be one of [{}]", allowed.join(", "))))
    }

    fn integer(&self, range: Bounds, number: &serde_json::Number) -> Result<Value, ApiError> {
        let whole = number
            .as_i64()
            .ok_or_else(|| self.broken("must be a whole number"))?;
        match range.broken_by(whole) {
            Some((side, bound)) => {
                Err(self.broken(&format!("must be {side} than or equal to {bound}")))
            }
            None => Ok(Value::from(whole)),
        }
    }

    fn bounds(&self, allowed: Bounds, found: usize, what: &str) -> Result<(), ApiError> {
        match allowed.broken_by(i64::try_from(found).unwrap_or(i64::MAX)) {
            Some((side, bound)) => {
                Err(self.broken(&format!("must have {what} {side} than or equal to {bound}")))
            }
            None => Ok(()),
        }
    }

    fn member(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            shapes: self.shapes,
            path: format!("{}{dot}{name}", self.path),
        }
    }

    fn broken(&self, rule: &str) -> ApiError {
        ApiError::invalid(&self.path, &format!("'{}' {rule}", self.path))
    }

    fn wrong_type(&self, value: &Value) -> ApiError {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "a structure",
        };
        ApiError::serialization(format!("'{}' cannot be {found}", self.path))
    }
}
