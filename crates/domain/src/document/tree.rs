//! What JSON and YAML have in common: a tree of values that know where they stand.
//!
//! The readers of the documents see only this tree, so that a rule is written once for both
//! syntaxes, and neither parser's types leave its own module.

use std::borrow::Cow;
use std::ops::Range;

/// The deepest nesting that is read; a component's list of commands, the deepest that we know, is
/// at the seventh level.
pub(super) const DEEPEST: usize = 32;

/// What was expected of a document that is nested too deeply.
pub(super) fn expected_depth() -> String {
    format!("at most {DEEPEST} levels of nesting")
}

/// A value, and the bytes it stands in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node<'a> {
    pub(super) span: Range<usize>,
    pub(super) value: Value<'a>,
}

/// A JSON value, or a YAML value as far as the documents need it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// As it was written, because `30` and `30.0` are not the same to a reader of integers.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<Field<'a>>),
}

/// One key of an object and its value; a key of YAML may be any node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field<'a> {
    pub(super) key: Node<'a>,
    pub(super) value: Node<'a>,
}

impl Node<'_> {
    /// The string, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => {
                None
            }
        }
    }
}
