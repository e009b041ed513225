//! Commands for people to copy into a shell.
//!
//! A value in a command may come from a document, a folder's name or AWS. Quoted, it is one argument to every
//! POSIX shell, whatever it says. Control characters are replaced before that: a terminal obeys them in quotes
//! as well, and an interactive shell takes some as keys.

use goldsmith_domain::escape::printable;

/// A text as one word of a shell.
pub fn word(text: &str) -> String {
    let text = printable(text);
    match shlex::try_quote(&text) {
        Ok(word) => word.into_owned(),
        Err(error) => unreachable!("{error}: no NUL is left in a printable text"),
    }
}

/// A parameter as one word. `name` is ours and needs no quotes, so the value stays easy to see.
pub fn parameter(name: &str, value: &str) -> String {
    format!("{name}={}", word(value))
}

/// A command of several lines; the words of each are quoted already, and later lines are indented.
pub fn command(lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let lines = lines.into_iter().map(|words| words.join(" "));
    lines.collect::<Vec<_>>().join(" \\\n  ")
}

/// The words, each quoted.
pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(word).collect()
}

#[cfg(test)]
pub mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// What a shell passes to the program `name` when it runs `script`: the arguments of each call.
    ///
    /// The program is a function of the shell, and nothing else can be found.
    pub fn calls(name: &str, script: &str) -> Vec<Vec<String>> {
        let replaced =
            format!("{name}() {{ printf '%s\\0' \"$@\"; printf '\\1\\0'; }}\n{script}\n");
        let mut shell = Command::new("/bin/sh");
        shell
            .env_clear()
            .env("PATH", "/nowhere")
            .args(["-c", &replaced]);
        let output = shell.output().expect("a shell");
        assert!(output.stderr.is_empty(), "{script}\n{output:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let mut calls = vec![Vec::new()];
        for argument in text.split_terminator('\0') {
            if argument == "\u{1}" {
                calls.push(Vec::new());
            } else if let Some(call) = calls.last_mut() {
                call.push(argument.to_owned());
            }
        }
        assert_eq!(calls.pop(), Some(Vec::new()), "{script}");
        calls
    }

    /// Values that a shell would take apart, expand or run, if it saw them.
    pub const HOSTILE: [&str; 18] = [
        "key/$(touch owned)",
        "`id`",
        "a b",
        "a\nid",
        "a'; id; '",
        "\"$HOME\"",
        "~",
        "*",
        "{a,b}",
        "#",
        "-rf",
        "!!",
        "a\\",
        "",
        "x=y",
        "a\u{0}b",
        "\u{1b}[2J\u{202E}",
        "a && id | id > f",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn every_word_is_one_argument(texts in prop::collection::vec(any::<String>(), 1..6)) {
            let line = command([vec!["aws".to_owned()], words(texts.iter().map(String::as_str))]);
            let expected: Vec<String> = texts.iter().map(|text| printable(text)).collect();
            prop_assert_eq!(calls("aws", &line), [expected]);
        }
    }

    #[test]
    fn a_hostile_word_is_one_argument() {
        for text in HOSTILE {
            let line = command([
                vec!["aws".to_owned()],
                vec![word(text), parameter("P", text)],
            ]);
            let expected = vec![printable(text), format!("P={}", printable(text))];
            assert_eq!(calls("aws", &line), [expected], "{text:?}");
        }
    }

    #[test]
    fn a_plain_word_needs_no_quotes() {
        assert_eq!(
            word("arn:aws:iam::222222222222:role/a_b-c"),
            "arn:aws:iam::222222222222:role/a_b-c"
        );
        assert_eq!(parameter("A", "b,c"), "A='b,c'");
    }
}
