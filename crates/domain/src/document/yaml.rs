//! One YAML document, to a [`Node`] tree.
//!
//! The tree is built from the parser's events: nesting is refused where it becomes too deep, before
//! anything descends into it, and a key that is there twice stays there twice for the reader to tell.
//! Anchors and aliases are refused: a component has no use for them, and a few lines of them can
//! stand for more nodes than a machine holds.

use std::borrow::Cow;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::reader::Source;
use super::tree::{DEEPEST, Field, Node, Value, expected_depth};
use crate::problem::Problem;

/// The tree of a YAML text with one document, or the first thing that keeps it from being one.
pub(super) fn tree<'a>(source: &Source<'a>) -> Result<Node<'a>, Box<Problem>> {
    let mut events = Events::of(source);
    let _stream_start = events.next()?;
    if let (Event::StreamEnd, _) = events.next()? {
        return Err(source.problem(0..0, "a YAML document").into());
    }
    let root = events.next_node(0)?;
    let _document_end = events.next()?;
    match events.next()? {
        (Event::StreamEnd, _) => Ok(root),
        (_, span) => Err(events.problem(span.start, "one YAML document in the file")),
    }
}

/// An event, and the bytes that it is about.
type Spanned<'a> = (Event<'a>, Range<usize>);

/// The parser's events, with places that count bytes.
struct Events<'s, 'a> {
    parser: Parser<'a, StrInput<'a>>,
    source: &'s Source<'a>,
    offsets: Offsets,
}

impl<'s, 'a> Events<'s, 'a> {
    fn of(source: &'s Source<'a>) -> Self {
        let text = source.text();
        Self {
            parser: Parser::new_from_str(text),
            source,
            offsets: Offsets::of(text),
        }
    }

    /// A problem with what stands in one line from `start` on.
    fn problem(&self, start: usize, expected: impl Into<String>) -> Box<Problem> {
        Box::new(
            self.source
                .problem(start..self.source.end_of_line(start), expected),
        )
    }

    fn syntax(&self, error: &ScanError) -> Box<Problem> {
        let start = self.offsets.at(error.marker().index());
        // To the parser an alias of nothing, to the author mostly a text such as `*.log`.
        if self
            .source
            .text()
            .get(start..)
            .is_some_and(|rest| rest.starts_with(['&', '*']))
        {
            return self.shared(start);
        }
        let expected = match error.info() {
            // In brackets the parser looks ahead, and stops by itself before we see how deep they are.
            "recursion limit exceeded" => expected_depth(),
            _ => "valid YAML".to_owned(),
        };
        Box::new(self.problem(start, expected).hint(error.info()))
    }

    /// The problem with an anchor or an alias.
    fn shared(&self, start: usize) -> Box<Problem> {
        let problem = self.problem(start, "a value without an anchor or alias");
        Box::new(problem.hint(
            "anchors (`&name`) and aliases (`*name`) are not supported; put quotes around text that looks like one",
        ))
    }

    fn next(&mut self) -> Result<Spanned<'a>, Box<Problem>> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.offsets.range(span))),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, 0..0)),
        }
    }

    fn next_node(&mut self, depth: usize) -> Result<Node<'a>, Box<Problem>> {
        let first = self.next()?;
        self.node(first, depth)
    }

    /// The node that starts with an event; `depth` counts the lists and objects around it.
    fn node(&mut self, (event, span): Spanned<'a>, depth: usize) -> Result<Node<'a>, Box<Problem>> {
        match event {
            _ if is_shared(&event) => Err(self.shared(span.start)),
            Event::SequenceStart(..) | Event::MappingStart(..) if depth == DEEPEST => {
                Err(self.problem(span.start, expected_depth()))
            }
            Event::SequenceStart(..) => self.list(span.start, depth + 1),
            Event::MappingStart(..) => self.object(span.start, depth + 1),
            Event::Scalar(text, style, _, tag) => {
                Ok(self.scalar(text, style, tag.as_deref(), span))
            }
            // The parser's grammar has none of them here.
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Alias(_)
            | Event::SequenceEnd
            | Event::MappingEnd => Err(self.problem(span.start, "a value")),
        }
    }

    fn list(&mut self, start: usize, depth: usize) -> Result<Node<'a>, Box<Problem>> {
        let mut items = Vec::new();
        loop {
            let next = self.next()?;
            if next.0 == Event::SequenceEnd {
                return Ok(Node {
                    span: start..next.1.end,
                    value: Value::List(items),
                });
            }
            items.push(self.node(next, depth)?);
        }
    }

    fn object(&mut self, start: usize, depth: usize) -> Result<Node<'a>, Box<Problem>> {
        let mut fields = Vec::new();
        loop {
            let next = self.next()?;
            if next.0 == Event::MappingEnd {
                return Ok(Node {
                    span: start..next.1.end,
                    value: Value::Object(fields),
                });
            }
            let key = self.node(next, depth)?;
            fields.push(Field {
                key,
                value: self.next_node(depth)?,
            });
        }
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Range<usize>,
    ) -> Node<'a> {
        let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        if style != ScalarStyle::Plain || is_text {
            return Node {
                span,
                value: Value::Text(text),
            };
        }
        let span = if text.is_empty() && tag.is_none() {
            self.before(span.start)
        } else {
            span
        };
        Node {
            span,
            value: plain(text),
        }
    }

    /// The place of a value that was left out: the parser gives that of whatever comes next.
    fn before(&self, next: usize) -> Range<usize> {
        let end = self
            .source
            .text()
            .get(..next)
            .unwrap_or_default()
            .trim_end()
            .len();
        end..end
    }
}

/// Whether an event is an alias, or has an anchor; the parser numbers anchors from 1.
fn is_shared(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Alias(_)
            | Event::Scalar(_, _, 1.., _)
            | Event::SequenceStart(1.., _)
            | Event::MappingStart(1.., _)
    )
}

/// What a scalar without quotes stands for (YAML 1.2, core schema).
fn plain(text: Cow<'_, str>) -> Value<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        number if is_number(number) => Value::Number(text),
        _ => Value::Text(text),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits_of = |prefix, radix| {
        let digits = text.strip_prefix(prefix).unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|c: char| c.is_digit(radix))
    };
    // Rust reads `inf` and `nan` as numbers, too; YAML's have digits.
    (text.contains(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok())
        || digits_of("0x", 16)
        || digits_of("0o", 8)
        || matches!(unsigned, ".inf" | ".Inf" | ".INF")
        || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Byte offsets of a text's characters: the parser counts characters, we count bytes.
struct Offsets(Vec<usize>);

impl Offsets {
    fn of(text: &str) -> Self {
        Self(
            text.char_indices()
                .map(|(offset, _)| offset)
                .chain([text.len()])
                .collect(),
        )
    }

    /// The offset of a character; of the end, if it lies beyond.
    fn at(&self, character: usize) -> usize {
        let index = character.min(self.0.len() - 1);
        self.0[index]
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.at(span.start.index());
        start..self.at(span.end.index()).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_what_the_core_schema_says() {
        let kind = |text: &str| match plain(Cow::Borrowed(text)) {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::Text(_) => "text",
            Value::List(_) | Value::Object(_) => "not plain",
        };
        let all = |expected: &str, texts: &[&str]| {
            for text in texts {
                assert_eq!(kind(text), expected, "{text}");
            }
        };
        all("null", &["", "~", "null", "NULL"]);
        all("bool", &["true", "False"]);
        all(
            "number",
            &[
                "0", "-1", "+12", "1.0", ".5", "1.", "1e9", "0x1F", "0o17", "-.inf", ".NaN",
            ],
        );
        all(
            "text",
            &[
                "inf", "nan", "nUll", "yes", "1.0.0", "0x", "0o8", "1_000", "e5", "-", "+-1",
            ],
        );
    }
}
