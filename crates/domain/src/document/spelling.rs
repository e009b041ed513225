//! "Did you mean": the known word nearest to an unknown one.

use crate::names::fold;
use crate::problem::Problem;

/// Two slips of the finger; with three, `build` would be offered for `gold`.
const MOST_SLIPS: usize = 2;

/// No word we know is longer; a longer one is not worth the comparison.
const LONGEST: usize = 64;

/// The known word that `word` probably stands for: equal under folding, or nearly.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = fold(word);
    let slips = |known: &str| strsim::levenshtein(&word, &fold(known));
    let (slips, known) = known
        .into_iter()
        .map(|k| (slips(k), k))
        .min_by_key(|(slips, _)| *slips)?;
    (slips <= MOST_SLIPS && slips < word.chars().count()).then_some(known)
}

/// The problem, with the word that was probably meant.
pub(super) fn with_guess(problem: Problem, near: Option<&str>) -> Problem {
    match near {
        Some(word) => problem.hint(format!("did you mean `{word}`?")),
        None => problem,
    }
}

/// ``one of `a`, `b` ``
pub(super) fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    format!("one of {}", words.join(", "))
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
}
