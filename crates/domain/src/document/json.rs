//! JSON as RFC 8259 has it, to a [`Node`] tree.
//!
//! `jsonc-parser` gives the positions; what it tolerates beyond the standard, and what would
//! overflow its stack, is refused before it sees the text.

use std::borrow::Cow;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::reader::Source;
use super::tree::{DEEPEST, Field, Node, Value, expected_depth};
use crate::problem::Problem;

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The tree of a JSON text, or its first syntax error.
pub(super) fn tree<'a>(source: &Source<'a>) -> Result<Node<'a>, Box<Problem>> {
    scan(source)?;
    let parsed = parse_to_ast(source.text(), &CollectOptions::default(), &STRICT)
        .map_err(|error| syntax(source, &error))?;
    let nothing = || source.problem(0..0, "a JSON document");
    parsed.value.map(node).ok_or_else(|| nothing().into())
}

fn syntax(source: &Source<'_>, error: &ParseError) -> Problem {
    let range = error.range();
    let rest = source.text().get(range.start..).unwrap_or_default();
    // An error may stand before the blanks that precede what is wrong, and have no length.
    let start = range.start + (rest.len() - rest.trim_start().len());
    let end = if range.end > start {
        range.end
    } else {
        source.end_of_line(start)
    };
    source
        .problem(start..end, "valid JSON")
        .hint(lower_first(&error.kind().to_string()))
}

fn lower_first(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(chars)
        .collect()
}

/// Where the scan of a text stands.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// Refuses nesting that is too deep, and the two things that `jsonc-parser` lets pass: raw control
/// characters in strings, and characters outside of strings that are blank but not JSON's blanks.
fn scan(source: &Source<'_>) -> Result<(), Box<Problem>> {
    let mut scan = Scan::default();
    for (offset, c) in source.text().char_indices() {
        let step = if scan.in_string {
            scan.inside(c)
        } else {
            scan.outside(c)
        };
        step.map_err(|refusal| refusal.at(source, offset, c))?;
    }
    Ok(())
}

impl Scan {
    fn inside(&mut self, c: char) -> Result<(), Refusal> {
        match c {
            _ if c < ' ' => return Err(Refusal::ControlCharacter),
            _ if self.escaped => self.escaped = false,
            '\\' => self.escaped = true,
            '"' => self.in_string = false,
            _ => {}
        }
        Ok(())
    }

    fn outside(&mut self, c: char) -> Result<(), Refusal> {
        match c {
            '"' => self.in_string = true,
            '[' | '{' => self.depth += 1,
            ']' | '}' => self.depth = self.depth.saturating_sub(1),
            '\t' | '\n' | '\r' | ' '..='~' => {}
            _ => return Err(Refusal::Stray),
        }
        if self.depth > DEEPEST {
            Err(Refusal::Depth)
        } else {
            Ok(())
        }
    }
}

enum Refusal {
    Depth,
    ControlCharacter,
    Stray,
}

impl Refusal {
    fn at(self, source: &Source<'_>, offset: usize, c: char) -> Problem {
        let place = source.place(offset);
        match self {
            Self::Depth => source.problem(offset..offset + 1, expected_depth()),
            Self::ControlCharacter if c == '\n' || c == '\r' => place
                .problem("the end of the line", "`\"` at the end of the string")
                .hint("a JSON string ends on the line where it starts"),
            Self::ControlCharacter => place
                .problem(character(c), "valid JSON")
                .hint(format!("write it as `\\u{:04x}`", u32::from(c))),
            Self::Stray if "“”„«»".contains(c) => place
                .problem(character(c), "valid JSON")
                .hint("write straight quotes: `\"`"),
            Self::Stray => place
                .problem(character(c), "valid JSON")
                .hint("outside strings, JSON has only ASCII characters"),
        }
    }
}

/// A character that may not show when it is printed.
fn character(c: char) -> String {
    let code = u32::from(c);
    if c.is_control() || c.is_whitespace() {
        format!("U+{code:04X}")
    } else {
        format!("{c} (U+{code:04X})")
    }
}

fn node(value: ast::Value<'_>) -> Node<'_> {
    let range = value.range();
    let value = match value {
        ast::Value::StringLit(text) => Value::Text(text.value),
        ast::Value::NumberLit(number) => Value::Number(Cow::Borrowed(number.value)),
        ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(array) => Value::List(array.elements.into_iter().map(node).collect()),
        ast::Value::Object(object) => {
            Value::Object(object.properties.into_iter().map(field).collect())
        }
    };
    Node {
        span: range.start..range.end,
        value,
    }
}

fn field(property: ast::ObjectProp<'_>) -> Field<'_> {
    let range = property.name.range();
    let name = match property.name {
        ast::ObjectPropName::String(text) => text.value,
        ast::ObjectPropName::Word(word) => Cow::Borrowed(word.value),
    };
    let key = Node {
        span: range.start..range.end,
        value: Value::Text(name),
    };
    Field {
        key,
        value: node(property.value),
    }
}
