//! What a value is, whatever it is for; nothing here records a problem.

use super::Cursor;
use crate::document::tree::Value;

impl<'a> Cursor<'a> {
    /// A string or a number, as it was written; records nothing.
    pub(in crate::document) fn scalar(self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) => None,
        }
    }

    /// Any scalar, as it was written but for the case of a boolean; records nothing.
    pub(in crate::document) fn written(self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null => Some(""),
            Value::List(_) | Value::Object(_) => None,
        }
    }

    /// Whether there is nothing where a value could be.
    pub(in crate::document) fn is_null(self) -> bool {
        matches!(self.node.value, Value::Null)
    }

    /// Whether it is a list or an object with nothing in it.
    pub(in crate::document) fn is_empty(self) -> bool {
        match &self.node.value {
            Value::List(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
        }
    }

    /// Every string in this value, however deep; keys are none.
    pub(in crate::document) fn texts(self) -> Vec<Cursor<'a>> {
        match &self.node.value {
            Value::Text(_) => vec![self],
            Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
            Value::List(items) => items
                .iter()
                .flat_map(|item| self.beside(item).texts())
                .collect(),
            Value::Object(fields) => fields
                .iter()
                .flat_map(|field| self.beside(&field.value).texts())
                .collect(),
        }
    }
}
