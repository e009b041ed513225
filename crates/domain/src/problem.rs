//! What is wrong with a document, for the person who wrote it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::escape::printable;

/// A report lists this many problems and counts the others. A person corrects the first ones and runs it
/// again; and a 2 MB document of garbage must not become a 2 MB report.
pub const MOST_PROBLEMS: usize = 100;

/// One thing that is wrong in one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The key of the document in its bucket.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The value in its document as a JSON pointer (RFC 6901), for YAML likewise; empty for the whole
    /// document, which a text that does not follow its syntax is, too.
    #[serde(default)]
    pub pointer: String,
    /// What is there, shortened to at most 80 characters.
    pub found: String,
    /// What was expected in its place.
    pub expected: String,
    /// What would correct it, if we know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Where something is in a document, so that a later check can still point at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key of the document in its bucket.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The value as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
}

impl Place {
    /// The beginning of a document.
    pub fn start_of(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: 1,
            column: 1,
            pointer: String::new(),
        }
    }

    /// A problem at this place.
    pub fn problem(&self, found: impl Into<String>, expected: impl Into<String>) -> Problem {
        Problem {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
            pointer: self.pointer.clone(),
            found: shorten(&found.into()),
            expected: expected.into(),
            hint: None,
        }
    }
}

impl Problem {
    /// The same problem with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What problems are ordered by.
    fn position(&self) -> (&str, usize, usize) {
        (&self.file, self.line, self.column)
    }
}

/// `file:line:column: found X, expected Y`, as editors and terminals know it, and the hint on a line
/// of its own; the pointer is for programs. What the document says cannot begin a line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            pointer: _,
            found,
            expected,
            hint,
        } = self;
        let [file, found, expected] = [file, found, expected].map(|text| printable(text));
        write!(
            f,
            "{file}:{line}:{column}: found {found}, expected {expected}"
        )?;
        hint.iter()
            .try_for_each(|hint| write!(f, "\n  hint: {}", printable(hint)))
    }
}

/// Problems as a person sees them: the first [`MOST_PROBLEMS`] by file, line and column, and the number
/// of others.
///
/// Invariant: it holds no more than those first, whatever is added: a document can have a
/// hundred thousand problems, and a function has little memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    first: Vec<Problem>,
    more: usize,
}

impl Problems {
    /// Adds a problem, behind those that are already known at its place.
    pub fn add(&mut self, problem: Problem) {
        let index = self
            .first
            .partition_point(|known| known.position() <= problem.position());
        self.first.insert(index, problem);
        self.more += self.first.len().saturating_sub(MOST_PROBLEMS);
        self.first.truncate(MOST_PROBLEMS);
    }

    /// Adds all of `others`.
    pub fn merge(&mut self, others: Self) {
        self.more += others.more;
        self.extend(others.first);
    }

    /// The first problems, at most [`MOST_PROBLEMS`], in order.
    pub fn first(&self) -> &[Problem] {
        &self.first
    }

    /// How many there are beside the [`first`](Self::first).
    pub fn more(&self) -> usize {
        self.more
    }

    /// How many there are, listed or not.
    pub fn count(&self) -> usize {
        self.first.len() + self.more
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The same, and so many more that are not listed.
    #[must_use]
    pub fn and_more(mut self, more: usize) -> Self {
        self.more += more;
        self
    }

    /// The first problems, and how many more there are.
    pub fn into_parts(self) -> (Vec<Problem>, usize) {
        (self.first, self.more)
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        problems.into_iter().for_each(|problem| self.add(problem));
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        let mut first = Self::default();
        first.extend(problems);
        first
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self {
            first: vec![problem],
            more: 0,
        }
    }
}

/// At most 80 characters of `text`, on one line: enough to recognise, too little to flood a log.
fn shorten(text: &str) -> String {
    let line = printable(text);
    if line.chars().count() <= 80 {
        line
    } else {
        line.chars().take(79).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn problem((file, line, column): (char, usize, usize), found: usize) -> Problem {
        Place {
            line,
            column,
            ..Place::start_of(file)
        }
        .problem(found.to_string(), "nothing")
    }

    /// So few places that many problems share one, and more problems than are kept.
    fn any_problems() -> impl Strategy<Value = Vec<Problem>> {
        let place = (prop::char::range('a', 'c'), 1_usize..9, 1_usize..9);
        let number = |places: Vec<_>| {
            (0..)
                .zip(places)
                .map(|(n, place)| problem(place, n))
                .collect()
        };
        vec(place, 0..3 * MOST_PROBLEMS).prop_map(number)
    }

    proptest! {
        #[test]
        fn the_first_are_those_that_sorting_all_would_put_first(mut all in any_problems()) {
            let (first, more) = Problems::from(all.clone()).into_parts();
            all.sort_by(|a, b| a.position().cmp(&b.position()));
            prop_assert_eq!(more, all.len().saturating_sub(MOST_PROBLEMS));
            all.truncate(MOST_PROBLEMS);
            prop_assert_eq!(first, all);
        }

        #[test]
        fn merging_is_adding_one_after_the_other(mut all in any_problems(), others in any_problems()) {
            let mut merged = Problems::from(all.clone());
            merged.merge(others.clone().into());
            all.extend(others);
            prop_assert_eq!(merged, Problems::from(all));
        }
    }

    #[test]
    fn a_document_cannot_write_lines_of_its_own() {
        let problem = Place::start_of("a\nb.json")
            .problem("x\n\u{1b}[2Jy", "e\rf")
            .hint("rename `\u{202E}\n`");
        assert_eq!(
            problem.to_string(),
            "a b.json:1:1: found x \u{FFFD}[2Jy, expected e f\n  hint: rename `\u{FFFD} `"
        );
    }

    #[test]
    fn a_hint_stands_on_its_own_line() {
        let problem = problem(('f', 3, 17), 7);
        assert_eq!(problem.to_string(), "f:3:17: found 7, expected nothing");
        let hinted = problem.hint("write nothing");
        assert_eq!(
            hinted.to_string(),
            "f:3:17: found 7, expected nothing\n  hint: write nothing"
        );
    }
}
