//! The typed layer: from a [`Node`] to a value of the domain, or to a problem at its place.
//!
//! A reader of a document is a function from [`At`] to `Option`: `None` means that a problem was
//! recorded. Readers go on after a problem, so that one run tells them all.

pub(super) mod fields;
pub(super) mod repeated;
mod values;

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use self::fields::{Fields, Keys};
use self::repeated::record_repeated;
use super::spelling::{Guesses, with_guess};
use super::text::Positions;
use super::tree::{Field, Node, Value};
use super::{oddity, pointer};
use crate::names::NameError;
use crate::problem::{Place, Problem, Problems};

/// A document's text, and the problems found in it so far.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
    positions: Positions<'a>,
    problems: RefCell<Problems>,
    guesses: &'a Guesses,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str, guesses: &'a Guesses) -> Self {
        let positions = Positions::of(text.as_bytes());
        Self {
            file,
            text,
            positions,
            problems: RefCell::default(),
            guesses,
        }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The place of a byte, without a pointer: there may be no tree yet.
    pub(super) fn place(&self, offset: usize) -> Place {
        let (line, column) = self.positions.at(offset);
        Place {
            line,
            column,
            ..Place::start_of(self.file)
        }
    }

    /// The offset at which the line that `offset` is in ends.
    pub(super) fn end_of_line(&self, offset: usize) -> usize {
        let rest = self.text.get(offset..).unwrap_or_default();
        offset + rest.find('\n').unwrap_or(rest.len())
    }

    /// A problem at what stands in `span`.
    pub(super) fn problem(&self, span: Range<usize>, expected: impl Into<String>) -> Problem {
        self.place(span.start).problem(self.found(span), expected)
    }

    fn found(&self, span: Range<usize>) -> String {
        let rest = self.text.get(span.start..).unwrap_or_default();
        match self.text.get(span).unwrap_or_default().trim_end() {
            "" if rest.trim_start().is_empty() => "the end of the file".to_owned(),
            "" => "nothing".to_owned(),
            // A problem shows 80 characters; a whole document need not be copied for them.
            found => found.chars().take(100).collect(),
        }
    }

    pub(super) fn into_problems(self) -> Problems {
        self.problems.into_inner()
    }
}

/// A place in a document: a value, with everything that a problem with it needs.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    root: &'a Node<'a>,
    node: &'a Node<'a>,
    source: &'a Source<'a>,
}

impl<'a> Cursor<'a> {
    /// The whole of a document.
    pub(super) fn new(root: &'a Node<'a>, source: &'a Source<'a>) -> Self {
        Self {
            root,
            node: root,
            source,
        }
    }

    /// The text of the whole document.
    pub(super) fn document_text(self) -> &'a str {
        self.source.text
    }

    /// The value itself.
    pub(super) fn node(self) -> &'a Node<'a> {
        self.node
    }

    pub(super) fn place(self) -> Place {
        self.place_at(self.node.span.start)
    }

    /// The place of a byte of this value.
    fn place_at(self, offset: usize) -> Place {
        Place {
            pointer: pointer::of(self.root, self.node),
            ..self.source.place(offset)
        }
    }

    /// A problem with this value, not yet recorded.
    pub(super) fn problem(self, expected: impl Into<String>) -> Problem {
        self.place()
            .problem(self.source.found(self.node.span.clone()), expected)
    }

    /// Records a problem.
    pub(super) fn record(self, problem: Problem) {
        self.source.problems.borrow_mut().add(problem);
    }

    /// Whether no problem was recorded in the document so far.
    pub(super) fn is_flawless(self) -> bool {
        self.source.problems.borrow().is_empty()
    }

    /// Records that something else was expected here.
    pub(super) fn expected<T>(self, expected: impl Into<String>) -> Option<T> {
        self.record(self.problem(expected));
        None
    }

    pub(super) fn text(self) -> Option<&'a str> {
        self.node.text().or_else(|| self.expected("a string"))
    }

    /// The string, if it is one; records nothing.
    pub(super) fn as_text(self) -> Option<&'a str> {
        self.node.text()
    }

    pub(super) fn is_object(self) -> bool {
        matches!(self.node.value, Value::Object(_))
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    pub(super) fn boolean(self) -> Option<bool> {
        match self.node.value {
            Value::Bool(value) => Some(value),
            Value::Null | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => {
                self.expected("`true` or `false`")
            }
        }
    }

    /// A string that is the name of something.
    pub(super) fn parsed<T: FromStr<Err = NameError>>(self) -> Option<T> {
        let text = self.text()?;
        self.name(text)
    }

    /// A part of this string that is the name of something.
    pub(super) fn name<T: FromStr<Err = NameError>>(self, text: &str) -> Option<T> {
        match text.parse() {
            Ok(name) => Some(name),
            Err(error) => {
                let problem = self.problem(error.expected);
                self.record(oddity::with_hint::<T>(problem, text));
                None
            }
        }
    }

    /// An integer; `30.0` and `3e1` are none.
    pub(super) fn integer(self, range: RangeInclusive<u32>, expected: &str) -> Option<u32> {
        let Value::Number(digits) = &self.node.value else {
            return self.expected(expected);
        };
        match digits.parse() {
            Ok(number) if range.contains(&number) => Some(number),
            _ => self.expected(expected),
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(self, expected: &str, choices: &[(&str, T)]) -> Option<T> {
        let word = self.text()?;
        if let Some((_, chosen)) = choices.iter().find(|(name, _)| *name == word) {
            return Some(*chosen);
        }
        let near = self.nearest(word, choices.iter().map(|(name, _)| *name));
        self.record(with_guess(self.problem(expected), near));
        None
    }

    /// The known word that `word` probably means.
    pub(super) fn nearest<'k>(
        self,
        word: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Option<&'k str> {
        self.source.guesses.nearest(word, known)
    }

    /// The parts of a string between separators, each at its own place, without blanks around it;
    /// empty parts are left out.
    pub(super) fn parts(self, separator: char) -> Option<Vec<Part<'a>>> {
        let text = self.text()?;
        let mut offset = 0;
        let part = |piece: &'a str| {
            let start = offset + (piece.len() - piece.trim_start().len());
            offset += piece.len() + separator.len_utf8();
            Part {
                text: piece.trim(),
                place: self.place_within(text, start),
                at: self,
            }
        };
        Some(
            text.split(separator)
                .map(part)
                .filter(|part| !part.text.is_empty())
                .collect(),
        )
    }

    /// The place `offset` bytes into the string `text`; of the string itself, if escapes hide it.
    fn place_within(self, text: &str, offset: usize) -> Place {
        let Range { start, end } = self.node.span;
        let verbatim = self.source.text.get(start + 1..end.saturating_sub(1)) == Some(text);
        self.place_at(if verbatim { start + 1 + offset } else { start })
    }

    /// What `read` makes of each item; items with a problem are left out.
    pub(super) fn list<T>(self, read: impl Fn(Cursor<'a>) -> Option<T>) -> Option<Vec<T>> {
        let Value::List(items) = &self.node.value else {
            return self.expected("a list");
        };
        Some(
            items
                .iter()
                .filter_map(|item| read(self.beside(item)))
                .collect(),
        )
    }

    /// What `read` makes of each item; none if any item has a problem.
    pub(super) fn every<T>(self, read: impl Fn(Cursor<'a>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.list(|item| Some(read(item)))?;
        items.into_iter().collect()
    }

    /// A list with at least one item; `item` says what is missing from an empty one.
    pub(super) fn some<T>(
        self,
        item: &str,
        read: impl Fn(Cursor<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if matches!(&self.node.value, Value::List(items) if items.is_empty()) {
            return self.expected(format!("at least one {item}"));
        }
        self.list(read)
    }

    /// An object with fixed keys.
    pub(super) fn object(self, keys: Keys) -> Option<Fields<'a>> {
        Some(Fields::new(self, self.entries()?, keys))
    }

    /// The keys and values of an object.
    pub(super) fn entries(self) -> Option<Vec<(Cursor<'a>, Cursor<'a>)>> {
        let Value::Object(fields) = &self.node.value else {
            return self.expected("an object");
        };
        Some(
            fields
                .iter()
                .map(|field| (self.beside(&field.key), self.beside(&field.value)))
                .collect(),
        )
    }

    /// Records every key that stands twice in its object, however deep, even where no reader looks.
    pub(super) fn record_repeated_keys(self) {
        match &self.node.value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
            Value::List(items) => items
                .iter()
                .for_each(|item| self.beside(item).record_repeated_keys()),
            Value::Object(fields) => {
                let identity = |field: &'a Field<'a>| self.beside(&field.key).identity();
                record_repeated(
                    fields,
                    identity,
                    |field| self.beside(&field.key),
                    "each key once",
                );
                for field in fields {
                    self.beside(&field.key).record_repeated_keys();
                    self.beside(&field.value).record_repeated_keys();
                }
            }
        }
    }

    /// What makes two keys the same: the string, or how anything else is written.
    fn identity(self) -> Result<&'a str, &'a str> {
        let written = || {
            self.source
                .text
                .get(self.node.span.clone())
                .unwrap_or_default()
        };
        self.node.text().ok_or_else(written)
    }

    /// Another value of the same document.
    fn beside(self, node: &'a Node<'a>) -> Self {
        Self { node, ..self }
    }
}

/// One of the names that share a string.
pub(super) struct Part<'a> {
    text: &'a str,
    place: Place,
    at: Cursor<'a>,
}

impl Part<'_> {
    /// The part as the name of something, and its place.
    pub(super) fn parsed<T: FromStr<Err = NameError>>(self) -> Option<(T, Place)> {
        match self.text.parse() {
            Ok(name) => Some((name, self.place)),
            Err(error) => {
                let problem = self.place.problem(self.text, error.expected);
                self.at.record(oddity::with_hint::<T>(problem, self.text));
                None
            }
        }
    }
}
