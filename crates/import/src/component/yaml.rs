//! Texts as YAML writes them: a block where people can read it, and quotes for everything else.

use std::fmt::Write as _;

/// A text as a block of `indent` spaces, followed by a line feed.
pub(super) fn block(out: &mut String, text: &str, indent: usize) {
    if !is_plain(text) {
        out.push_str(&quoted(text));
        out.push('\n');
        return;
    }
    // A text of no line feed at its end, one, and several (YAML 1.2, 8.1.1.2).
    let chomping = match text {
        text if text.ends_with("\n\n") => "+",
        text if text.ends_with('\n') => "",
        _ => "-",
    };
    let _ = writeln!(out, "|{chomping}");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// Whether a block can hold the text: its first line begins the block, and only printable characters are in it.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['\n', ' ', '\t'])
        && !text.lines().all(|line| line.trim().is_empty())
        && text.chars().all(is_printable)
}

/// Characters that YAML takes as they are (YAML 1.2, 5.1), less those that break a line elsewhere.
fn is_printable(c: char) -> bool {
    c == '\n'
        || c == '\t'
        || (!c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}'))
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use saphyr_parser::Event;

    use super::*;

    /// The text that a parser of YAML reads.
    fn read(yaml: &str) -> Option<String> {
        let events = saphyr_parser::Parser::new_from_str(yaml);
        let mut texts = events.filter_map(|event| {
            let (Event::Scalar(text, ..), _) = event.ok()? else {
                return None;
            };
            Some(text.to_string())
        });
        // Behind the keys.
        texts.find(|text| text != "key")
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "[ a-c:#{}'\"|>\\\\\\n\\t\\-]{0,30}|\\PC{0,20}|(?s).{0,20}") {
            let mut yaml = String::from("key:\n    - key: ");
            block(&mut yaml, &text, 8);
            yaml.push_str("    - key: last\n");
            prop_assert_eq!(read(&yaml), Some(text.clone()), "{}", yaml);
            let quoted = format!("key: {}\n", quoted(&text));
            prop_assert_eq!(read(&quoted), Some(text), "{}", quoted);
        }
    }

    fn written(text: &str) -> String {
        let mut out = String::new();
        block(&mut out, text, 2);
        out
    }

    #[test]
    fn the_end_of_a_text_decides_the_sign_of_its_block() {
        assert_eq!(written("a\nb"), "|-\n  a\n  b\n");
        assert_eq!(written("a\n\nb\n"), "|\n  a\n\n  b\n");
        assert_eq!(written("a\n\n"), "|+\n  a\n\n");
    }

    #[test]
    fn what_no_block_can_hold_is_quoted() {
        assert_eq!(written(" a"), "\" a\"\n");
        assert_eq!(written(""), "\"\"\n");
        assert_eq!(written("a\r\n\u{7}"), "\"a\\r\\n\\u0007\"\n");
    }
}
