//! Escapes texts before they are shown. Documents may come from forks: what they say must not become
//! markup or control a terminal.

use std::fmt::Write as _;

use goldsmith_domain::escape::printable;

/// Escapes texts that may come from a document.
pub trait Escaper {
    /// A name or a value, set apart from the words around it.
    fn value(&self, text: &str) -> String;
    /// A sentence that may quote names and values.
    fn sentence(&self, text: &str) -> String;
    /// How many items of one list are shown.
    fn max_items(&self) -> usize;
}

/// How many items of a list a person reads in a sentence; JSON has all of them.
const MOST_ITEMS: usize = 10;

/// For terminals and files of text.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Escaper for Plain {
    fn value(&self, text: &str) -> String {
        printable(text)
    }

    fn sentence(&self, text: &str) -> String {
        folded(&printable(text), MOST_ITEMS)
    }

    fn max_items(&self) -> usize {
        MOST_ITEMS
    }
}

/// A sentence in which no list between commas has many more than `most` items; the others are counted. Items of
/// one list have as many words as each other; the first one follows other words, and the last one may precede some.
fn folded(sentence: &str, most: usize) -> String {
    let clauses: Vec<String> = sentence.split("; ").map(|one| clause(one, most)).collect();
    clauses.join("; ")
}

fn clause(clause: &str, most: usize) -> String {
    let items: Vec<&str> = clause.split(", ").collect();
    let words = |item: &str| item.split(' ').count();
    let mut told = items[0].to_owned();
    let mut at = 1;
    while at < items.len() {
        let alike = items[at..]
            .iter()
            .take_while(|item| words(item) == words(items[at]));
        let run = &items[at..at + alike.count()];
        at += run.len();
        let shown = if run.len() > most {
            most - 1
        } else {
            run.len()
        };
        for item in &run[..shown] {
            told += ", ";
            told += item;
        }
        let more = run.len() - shown;
        if more > 0 {
            let joint = if at == items.len() { " and" } else { "," };
            let _ = write!(told, "{joint} {more} more");
        }
    }
    told
}

/// For comments and job summaries on GitHub.
///
/// Whatever is not a plain word becomes a code span: nothing in one is a mention, a link, an image or
/// HTML (GitHub Flavored Markdown, 6.3; mentions are not looked for in code).
#[derive(Debug, Clone, Copy)]
pub struct Markdown {
    /// How many items of one list are shown.
    pub max_items: usize,
    /// How many characters of one text are shown.
    pub max_chars: usize,
}

impl Escaper for Markdown {
    fn value(&self, text: &str) -> String {
        span(&clip(&printable(text), self.max_chars))
    }

    fn sentence(&self, text: &str) -> String {
        let text = folded(&printable(text), self.max_items);
        let text = clip(&text, self.max_chars);
        let parts: Vec<&str> = text.split('`').collect();
        if parts.len().is_multiple_of(2) {
            return words(&text);
        }
        // Every other part stood between backticks.
        let mut out = String::new();
        for (n, part) in parts.iter().enumerate() {
            out += &if n.is_multiple_of(2) {
                words(part)
            } else {
                span(part)
            };
        }
        out
    }

    fn max_items(&self) -> usize {
        self.max_items
    }
}

fn clip(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A code span that ends where the text ends: its fence is longer than any run of backticks in it.
///
/// A bar would end the cell of a table even in a code span, so it becomes a broken one.
fn span(text: &str) -> String {
    let text = text.replace('|', "¦");
    if text.trim().is_empty() {
        return if text.is_empty() {
            "(empty)".to_owned()
        } else {
            "(blank)".to_owned()
        };
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence, in which everything but plain words is a code span.
fn words(text: &str) -> String {
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    let core = word.trim_start_matches('(');
    let (open, rest) = word.split_at(word.len() - core.len());
    let core = rest.trim_end_matches([',', ';', ':', ')', '.']);
    let close = &rest[core.len()..];
    if core.is_empty() || is_plain(core) {
        return word.to_owned();
    }
    format!("{open}{}{close}", span(core))
}

/// Letters and an inner hyphen or apostrophe, or a short number: neither markup nor anything that
/// GitHub makes a link of (`#1`, `GH-1`, commit ids, addresses, `@names`).
fn is_plain(core: &str) -> bool {
    let letters = core
        .split(['-', '\''])
        .all(|part| !part.is_empty() && part.chars().all(char::is_alphabetic));
    letters || (core.len() <= 6 && core.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a_long_list_is_counted_and_a_short_one_stays() {
        let amis: Vec<String> = (0..38).map(|n| format!("ami-{n} in us-east-1")).collect();
        let sentence = format!(
            "it may launch {}; the roles may use the key",
            amis.join(", ")
        );
        assert_eq!(
            folded(&sentence, 3),
            "it may launch ami-0 in us-east-1, ami-1 in us-east-1, ami-2 in us-east-1 and 35 more; the roles may \
             use the key"
        );
        assert_eq!(folded("a, b, c, d", 3), "a, b, c, d");
        assert_eq!(folded("a, b", usize::MAX), "a, b");
        let note = "the base AMI of a, b, c, d, e, f is `al2023`, created on Sunday";
        assert_eq!(
            folded(note, 3),
            "the base AMI of a, b, c, 2 more, f is `al2023`, created on Sunday"
        );
    }

    use super::*;

    const ESCAPER: Markdown = Markdown {
        max_items: 3,
        max_chars: 100,
    };

    #[test]
    fn text_cannot_end_its_code_span() {
        assert_eq!(ESCAPER.value("a`b"), "``a`b``");
        assert_eq!(ESCAPER.value("`a"), "`` `a ``");
        assert_eq!(ESCAPER.value("a\n\n# b"), "`a  # b`");
        assert_eq!(ESCAPER.value("x | y"), "`x ¦ y`");
        assert_eq!(ESCAPER.value(""), "(empty)");
    }

    #[test]
    fn a_sentence_keeps_its_words_and_sets_values_apart() {
        assert_eq!(
            ESCAPER.sentence("the base AMI ami-1 is not shared (environment.json), at most 20"),
            "the base AMI `ami-1` is not shared (`environment.json`), at most 20"
        );
        assert_eq!(ESCAPER.sentence("says `a b`, and"), "says `a b`, and");
    }

    #[test]
    fn nothing_in_a_sentence_is_markup() {
        let hostile = "@octocat [x](http://e) <b> ![i](u) #1 GH-1 **a** www.e.com a`b";
        assert_eq!(
            ESCAPER.sentence(hostile),
            "`@octocat` `[x](http://e`) `<b>` `![i](u`) `#1` `GH-1` `**a**` `www.e.com` ``a`b``"
        );
    }

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(
            Markdown {
                max_chars: 3,
                ..ESCAPER
            }
            .value("äöüß"),
            "`äöü…`"
        );
    }
}
