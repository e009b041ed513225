//! "Did you mean": the known word nearest to an unknown one.

use std::cell::Cell;

use crate::names::fold;
use crate::problem::Problem;

/// Two slips of the finger; with three, `build` would be offered for `gold`.
const MOST_SLIPS: usize = 2;

/// No word we know is longer; a longer one is not worth the comparison.
const LONGEST: usize = 64;

/// The bytes of the longest character.
const MOST_BYTES: usize = 4;

/// How many known words an unknown one is compared with. The largest documents that we know have a thousand
/// entries.
const MOST_CANDIDATES: usize = 1000;

/// How many comparisons the documents of one reading cost. Without this bound, four thousand misspelt names
/// beside four thousand entries cost a function 35 seconds.
pub(crate) const MOST_COMPARISONS: usize = 20_000;

/// What may still be spent on guesses: a report of a hundred problems needs few of them.
#[derive(Debug)]
pub(crate) struct Guesses {
    left: Cell<usize>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            left: Cell::new(MOST_COMPARISONS),
        }
    }
}

impl Guesses {
    /// The known word that `word` probably means: equal under folding, or nearly. None if there is no such
    /// word, or if too much has been compared already.
    pub(crate) fn nearest<'k>(
        &self,
        word: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Option<&'k str> {
        if word.len() > LONGEST {
            return None;
        }
        let word = fold(word);
        let is_near = |known: &&str| known.len().abs_diff(word.len()) <= MOST_SLIPS * MOST_BYTES;
        let candidates = known.into_iter().take(MOST_CANDIDATES).filter(is_near);
        let (slips, known) = candidates
            .map_while(|known| Some((self.slips(&word, known)?, known)))
            .min_by_key(|(slips, _)| *slips)?;
        (slips <= MOST_SLIPS && slips < word.chars().count()).then_some(known)
    }

    /// One comparison, if it can still be afforded.
    fn slips(&self, word: &str, known: &str) -> Option<usize> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(strsim::levenshtein(word, &fold(known)))
    }

    /// How many comparisons were made.
    #[cfg(test)]
    pub(super) fn comparisons(&self) -> usize {
        MOST_COMPARISONS - self.left.get()
    }
}

/// The problem, with the word that was probably meant.
pub(super) fn with_guess(problem: Problem, near: Option<&str>) -> Problem {
    match near {
        Some(word) => problem.hint(format!("did you mean `{word}`?")),
        None => problem,
    }
}

/// How many words a message lists. The words may come from a document, and a report has a hundred messages.
const MOST_LISTED: usize = 30;

/// ``one of `a`, `b` ``
pub(super) fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    format!("one of {}", quoted(words))
}

/// `` `a`, `b` ``, and how many more there are.
pub(super) fn quoted<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut words = words.into_iter();
    let listed: Vec<String> = words.by_ref().take(MOST_LISTED).map(in_quotes).collect();
    let listed = listed.join(", ");
    match words.count() {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// A word, or the beginning of a long one.
fn in_quotes(word: &str) -> String {
    match word.char_indices().nth(LONGEST) {
        None => format!("`{word}`"),
        Some((end, _)) => format!("`{}…`", &word[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_levenshteins() {
        let of = strsim::levenshtein;
        assert_eq!(
            (of("kitten", "sitting"), of("", "abc"), of("same", "same")),
            (3, 3, 0)
        );
    }

    fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
        Guesses::default().nearest(word, known)
    }

    #[test]
    fn a_slip_or_another_case_finds_the_word() {
        let known = ["recipename", "aminame"];
        assert_eq!(nearest("recipname", known), Some("recipename"));
        assert_eq!(nearest("Ami_Name", ["ami-name"]), Some("ami-name"));
        assert_eq!(nearest("owner", known), None);
    }

    #[test]
    fn a_word_as_short_as_its_slips_finds_nothing() {
        assert_eq!(nearest("x", ["gp3"]), None);
        assert_eq!(nearest("", ["gp3"]), None);
    }

    #[test]
    fn a_word_is_compared_with_a_bounded_number_of_words_of_its_length() {
        let guesses = Guesses::default();
        let many = vec!["recipe"; 3 * MOST_CANDIDATES];
        assert_eq!(guesses.nearest("recipf", many), Some("recipe"));
        assert_eq!(guesses.comparisons(), MOST_CANDIDATES);
        let long = "x".repeat(100_000);
        assert_eq!(
            guesses.nearest("recipf", [long.as_str(), "recipe"]),
            Some("recipe")
        );
        assert_eq!(guesses.nearest(&long, [long.as_str()]), None);
        assert_eq!(guesses.comparisons(), MOST_CANDIDATES + 1);
    }

    #[test]
    fn what_is_spent_is_spent() {
        let guesses = Guesses::default();
        let known = vec!["recipe"; MOST_CANDIDATES];
        let found = (0..2 * MOST_COMPARISONS)
            .take_while(|_| guesses.nearest("recipf", known.clone()).is_some())
            .count();
        assert_eq!(found, MOST_COMPARISONS / MOST_CANDIDATES);
        assert_eq!(
            (guesses.comparisons(), guesses.nearest("recipf", ["recipe"])),
            (MOST_COMPARISONS, None)
        );
    }

    #[test]
    fn a_message_lists_some_words_and_the_beginning_of_a_long_one() {
        assert_eq!(one_of(["a", "b"]), "one of `a`, `b`");
        let long = "ä".repeat(100_000);
        assert_eq!(
            quoted([long.as_str()]),
            format!("`{}…`", "ä".repeat(LONGEST))
        );
        assert!(quoted(vec!["a"; 10_000]).ends_with("`a`, `a` and 9970 more"));
    }
}
