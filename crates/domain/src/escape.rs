//! Text from outside, made safe to show: documents, AWS's answers, logs of builds and command lines.
//!
//! A terminal obeys control characters, and a reader believes what bidirectional overrides show. Everything
//! that is shown to people passes one of these functions: the command line's printer, notifications, errors
//! of the functions, and comments.

/// Stands for a character that is not shown.
const HIDDEN: char = '\u{FFFD}';

/// The text on one line.
///
/// White space becomes a space. Other control characters, and characters that are invisible or that change
/// the direction of writing, become U+FFFD. To do it twice changes nothing more.
pub fn printable(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// The same for a text of several lines: only its line feeds stay.
pub fn lines(text: &str) -> String {
    let shown = |c| if c == '\n' { c } else { shown(c) };
    text.chars().map(shown).collect()
}

/// JSON with the same characters written as `\u` escapes, so that programs still read the same values.
///
/// `text` is valid JSON. There, such a character can only stand in a string, and white space outside of one
/// is a line feed, a carriage return, a tab or a space (RFC 8259, 2).
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\n' | '\r' | '\t') {
            out.push(if c == '\n' { c } else { ' ' });
        } else if shown(c) == c {
            out.push(c);
        } else {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units);
            out.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

/// What is shown for a character.
fn shown(c: char) -> char {
    match c {
        c if c.is_whitespace() => ' ',
        c if c.is_control() || is_hidden(c) => HIDDEN,
        c => c,
    }
}

/// Whether a character has no shape of its own, or changes where others stand: Unicode's property
/// `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), and the interlinear annotations.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bidi controls (Unicode Standard Annex 9), and what has no width.
    const SPOOFS: [char; 17] = [
        '\u{200B}',
        '\u{200C}',
        '\u{200D}',
        '\u{200E}',
        '\u{200F}',
        '\u{061C}',
        '\u{202A}',
        '\u{202B}',
        '\u{202C}',
        '\u{202D}',
        '\u{202E}',
        '\u{2066}',
        '\u{2067}',
        '\u{2068}',
        '\u{2069}',
        '\u{FEFF}',
        '\u{E0041}',
    ];

    fn is_safe(c: char) -> bool {
        !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') && !SPOOFS.contains(&c)
    }

    /// Any text, with many of the characters that harm.
    fn hostile() -> impl Strategy<Value = String> {
        let control = prop::char::ranges(vec!['\0'..='\u{1F}', '\u{7F}'..='\u{9F}'].into());
        let spoof = prop::sample::select(&SPOOFS[..]);
        let harmful = prop_oneof![control, spoof, Just('\u{2028}'), Just('\u{2029}')];
        prop::collection::vec(prop_oneof![harmful, any::<char>()], 0..40)
            .prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn whatever_goes_in_one_line_comes_out_that_obeys_nobody(text in hostile()) {
            let out = printable(&text);
            prop_assert!(out.chars().all(is_safe), "{out:?}");
            prop_assert_eq!(out.chars().count(), text.chars().count(), "a character stands for a character");
            prop_assert_eq!(printable(&out), out);
        }

        #[test]
        fn lines_keep_their_line_feeds_and_nothing_else(text in hostile()) {
            let out = lines(&text);
            prop_assert!(out.chars().all(|c| c == '\n' || is_safe(c)), "{out:?}");
            let each: Vec<_> = text.split('\n').map(printable).collect();
            prop_assert_eq!(each.join("\n"), out);
        }

        #[test]
        fn json_is_read_as_before(text in hostile()) {
            let value = serde_json::json!({ &text: [text] });
            for written in [value.to_string(), serde_json::to_string_pretty(&value).expect("JSON")] {
                let out = json(&written);
                prop_assert!(out.chars().all(|c| c == '\n' || is_safe(c)), "{out:?}");
                prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&out).expect("JSON"), value.clone());
            }
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        let text = "Größe „5 µm“, 東京, naïve — (a|b) `c` <d> %0A ::error::";
        assert_eq!(printable(text), text);
    }

    #[test]
    fn a_terminal_sees_no_sequence() {
        let hostile = "a\x1b[31mb\u{9b}2Jc\u{202E}d\te\r\nf\u{2028}g";
        assert_eq!(
            printable(hostile),
            "a\u{FFFD}[31mb\u{FFFD}2Jc\u{FFFD}d e  f g"
        );
        assert_eq!(lines(hostile), "a\u{FFFD}[31mb\u{FFFD}2Jc\u{FFFD}d e \nf g");
        assert_eq!(json("\"\u{E0041}\""), r#""\udb40\udc41""#);
    }
}
