//! From text to a tree, within limits that a hostile document cannot exceed: neither by nesting
//! (the tree is dropped recursively) nor by aliases that multiply ("billion laughs").

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::{Kind, Node};
use crate::document::{DocumentError, MAX_BYTES};

/// Levels of nesting. AWS's limit is not documented; real documents stay below twenty.
const MAX_DEPTH: usize = 100;

/// What a document may weigh: bytes of text, and `NODE` for each value. A document of 64 KB
/// without aliases cannot reach it.
const BUDGET: usize = 2 << 20;

/// About what a value occupies besides its text.
const NODE: usize = 32;

/// Parses a text of one YAML document. Documents after the first must be empty.
pub(in crate::document) fn load(text: &str) -> Result<Node, DocumentError> {
    if text.len() > MAX_BYTES {
        let problem = format!(
            "the document has {} bytes, at most {MAX_BYTES} are allowed",
            text.len()
        );
        return Err(DocumentError::new(problem));
    }
    let mut loader = Loader::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            DocumentError::new(format!("the document is not valid YAML: {error}"))
        })?;
        loader.take(event, span.start.line())?;
    }
    let mut roots = loader.roots.into_iter();
    match roots.next() {
        Some(root) if roots.all(|more| more.is_null()) => Ok(root),
        Some(_) => Err(DocumentError::new(
            "found several YAML documents, expected one",
        )),
        None => Err(DocumentError::new("the document is empty")),
    }
}

/// A list or mapping whose end has not come yet.
struct Open {
    line: usize,
    anchor: usize,
    is_map: bool,
    children: Vec<Node>,
}

#[derive(Default)]
struct Loader {
    open: Vec<Open>,
    /// By number; zero is no anchor.
    anchors: HashMap<usize, Node>,
    spent: usize,
    roots: Vec<Node>,
}

impl Loader {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), DocumentError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && !tag.is_some_and(|tag| is_string(&tag));
                let kind = Kind::Scalar {
                    text: text.into_owned(),
                    plain,
                };
                self.place(Node { line, kind }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.descend(line, anchor, false),
            Event::MappingStart(anchor, _) => self.descend(line, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.ascend(),
            Event::Alias(anchor) => self.repeat(anchor, line),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn descend(&mut self, line: usize, anchor: usize, is_map: bool) -> Result<(), DocumentError> {
        self.check_depth(1, line)?;
        self.open.push(Open {
            line,
            anchor,
            is_map,
            children: Vec::new(),
        });
        Ok(())
    }

    fn ascend(&mut self) -> Result<(), DocumentError> {
        let Some(Open {
            line,
            anchor,
            is_map,
            children,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        let kind = if is_map {
            Kind::Map(self.pairs(children)?)
        } else {
            Kind::List(children)
        };
        self.place(Node { line, kind }, anchor)
    }

    /// A copy of what the anchor named. An alias inside of its own anchor has nothing to copy.
    fn repeat(&mut self, anchor: usize, line: usize) -> Result<(), DocumentError> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(DocumentError::at(
                line,
                "an alias refers to a value that contains it",
            ));
        };
        let (height, weight) = measured(node);
        let copy = node.clone();
        self.check_depth(height, line)?;
        self.spend(weight, line)?;
        self.push(copy);
        Ok(())
    }

    /// Puts a complete value where it belongs, and remembers it if it has an anchor.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), DocumentError> {
        let own = NODE + node.scalar().map_or(0, str::len);
        self.spend(own, node.line)?;
        if anchor != 0 {
            self.spend(measured(&node).1, node.line)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.push(node);
        Ok(())
    }

    fn push(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.roots.push(node),
        }
    }

    /// Keys with their values; the merge key `<<` is replaced by the entries that it names.
    fn pairs(&mut self, children: Vec<Node>) -> Result<Vec<(Node, Node)>, DocumentError> {
        let mut entries = Vec::with_capacity(children.len() / 2);
        let mut merged = Vec::new();
        let mut children = children.into_iter();
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            if is_merge(&key) {
                merged.push(value);
            } else {
                entries.push((key, value));
            }
        }
        for value in merged {
            self.merge(&mut entries, value)?;
        }
        Ok(entries)
    }

    fn merge(&mut self, entries: &mut Vec<(Node, Node)>, value: Node) -> Result<(), DocumentError> {
        let line = value.line;
        let sources = match value.kind {
            Kind::List(items) => items,
            Kind::Map(_) | Kind::Scalar { .. } => vec![value],
        };
        for source in sources {
            let Kind::Map(source) = source.kind else {
                return Err(DocumentError::at(line, "'<<' is not a mapping"));
            };
            // Comparing each with each is quadratic, so it is paid for.
            self.spend(source.len() * entries.len(), line)?;
            for (key, value) in source {
                if !entries
                    .iter()
                    .any(|(known, _)| known.scalar() == key.scalar())
                {
                    entries.push((key, value));
                }
            }
        }
        Ok(())
    }

    fn check_depth(&self, more: usize, line: usize) -> Result<(), DocumentError> {
        if self.open.len() + more <= MAX_DEPTH {
            return Ok(());
        }
        let problem =
            format!("the document is nested too deeply, at most {MAX_DEPTH} levels are allowed");
        Err(DocumentError::at(line, problem))
    }

    fn spend(&mut self, weight: usize, line: usize) -> Result<(), DocumentError> {
        self.spent += weight;
        if self.spent <= BUDGET {
            return Ok(());
        }
        Err(DocumentError::at(
            line,
            "the document grows too large by its aliases",
        ))
    }
}

fn is_string(tag: &Tag) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == "str"
}

fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, Kind::Scalar { text, plain: true } if text == "<<")
}

/// Height and weight. It recurses no deeper than `MAX_DEPTH`, which every tree is checked for.
fn measured(node: &Node) -> (usize, usize) {
    let sum = |(height, weight): (usize, usize), child: &Node| {
        let (below, more) = measured(child);
        (height.max(below + 1), weight + more)
    };
    match &node.kind {
        Kind::Scalar { text, .. } => (0, NODE + text.len()),
        Kind::List(items) => items.iter().fold((1, NODE), sum),
        Kind::Map(entries) => entries
            .iter()
            .flat_map(|(key, value)| [key, value])
            .fold((1, NODE), sum),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        load(text).unwrap_err().to_string()
    }

    #[test]
    fn nesting_is_limited() {
        for text in [
            "[".repeat(60_000),
            "- ".repeat(30_000),
            "{a: ".repeat(15_000),
        ] {
            load(&text).unwrap_err();
        }
        assert!(refused(&"- ".repeat(200)).contains("nested too deeply"));
        assert!(load(&format!("{}x", "- ".repeat(50))).is_ok());
    }

    #[test]
    fn aliases_that_nest_are_limited() {
        let nested = |level: usize| match level {
            0 => format!("a0: &a0 {}x{}\n", "[".repeat(40), "]".repeat(40)),
            _ => format!(
                "a{level}: &a{level} {}*a{} {}\n",
                "[".repeat(40),
                level - 1,
                "]".repeat(40)
            ),
        };
        let text: String = (0..50).map(nested).collect();
        assert!(refused(&text).contains("nested too deeply"));
    }

    #[test]
    fn aliases_that_multiply_are_limited() {
        let multiplied = |level: usize| match level {
            0 => "a0: &a0 lol\n".to_owned(),
            _ => format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{}", level - 1); 9].join(", ")
            ),
        };
        let text: String = (0..30).map(multiplied).collect();
        assert!(refused(&text).contains("aliases"));
        let merges = format!(
            "a: &a {{k: v}}\nb:\n{}",
            "  <<: [*a, *a, *a, *a, *a, *a]\n".repeat(2_000)
        );
        assert!(load(&merges).is_ok_and(|node| node.to_json()["b"]["k"] == "v"));
    }

    #[test]
    fn an_alias_in_its_own_anchor_and_an_unknown_one_are_refused() {
        assert!(refused("&a [*a]").contains("contains it"));
        assert!(refused("[*a]").contains("YAML"));
    }

    #[test]
    fn merge_keys_do_not_override() {
        let node = load("base: &b {x: 1, y: 2}\nthis: {y: 3, <<: *b}").unwrap();
        assert_eq!(node.to_json()["this"], serde_json::json!({"y": 3, "x": 1}));
    }

    #[test]
    fn too_long_and_too_many_are_refused() {
        assert!(refused(&"x".repeat(MAX_BYTES + 1)).contains("65536"));
        assert!(refused("a: 1\n---\nb: 2\n").contains("several"));
        assert!(load("---\na: 1\n...\n").is_ok());
        assert!(refused("").contains("empty"));
    }

    #[test]
    fn json_with_tabs_is_yaml() {
        assert!(load("{\n\t\"a\": [\n\t\t1,\n\t\t\"b\"\n\t]\n}").is_ok());
    }
}
