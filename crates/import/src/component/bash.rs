//! Commands and files of others as text for bash, in which Image Builder finds no reference of its own.
//!
//! Image Builder takes double braces for references, and refuses a document with one that leads nowhere. A
//! command of others may have them, as Ansible and Go templates do. So such a text is written with a mark
//! between its braces, and `sed` removes the mark on the instance.

use std::fmt::Write as _;

/// What keeps double braces apart.
const MARK: &str = "@GOLDSMITH@";
/// The word that ends a text.
const END: &str = "GOLDSMITH";

/// Commands that end with the first one that fails, with these variables.
pub(crate) fn commands(variables: &[(String, String)], lines: &str) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        let _ = writeln!(text, "export {name}={}", quoted(value));
    }
    text.push_str(lines);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if !text.contains("{{") {
        return format!("set -e\n{text}");
    }
    let script = written("\"$script\"", &text);
    format!("set -e\nscript=\"$(mktemp)\"\n{script}bash -e \"$script\"\nrm -f \"$script\"\n")
}

/// A script, which its first line runs as it would in a file of its own.
pub(crate) fn script(variables: &[(String, String)], content: &str) -> String {
    let mut text = String::from("set -e\nscript=\"$(mktemp)\"\n");
    text.push_str(&written("\"$script\"", content));
    text.push_str("chmod 0755 \"$script\"\n");
    let mut exports = String::new();
    for (name, value) in variables {
        let _ = writeln!(exports, "export {name}={}", quoted(value));
    }
    if exports.contains("{{") {
        text.push_str("values=\"$(mktemp)\"\n");
        text.push_str(&written("\"$values\"", &exports));
        text.push_str(". \"$values\"\nrm -f \"$values\"\n");
    } else {
        text.push_str(&exports);
    }
    text.push_str("\"$script\"\nrm -f \"$script\"\n");
    text
}

/// Commands that write a text to a file. The file ends with a line feed, as text files do.
pub(crate) fn written(target: &str, content: &str) -> String {
    let line_feed = if content.ends_with('\n') || content.is_empty() {
        ""
    } else {
        "\n"
    };
    let end = free(END, |word| !content.lines().any(|line| line == word));
    if !content.contains("{{") {
        return format!("cat >{target} <<'{end}'\n{content}{line_feed}{end}\n");
    }
    let mark = free(MARK, |word| !content.contains(word));
    let content = apart(content, &mark);
    format!("sed 's/{mark}//g' >{target} <<'{end}'\n{content}{line_feed}{end}\n")
}

/// The text with `mark` between any two opening braces.
fn apart(text: &str, mark: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '{' && out.ends_with('{') {
            out.push_str(mark);
        }
        out.push(c);
    }
    out
}

/// The word, or the first one like it with a number that fits.
fn free(word: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(word) {
        return word.to_owned();
    }
    let numbered = |number: u32| {
        let (body, tail) = match word.strip_suffix('@') {
            Some(body) => (body, "@"),
            None => (word, ""),
        };
        format!("{body}{number}{tail}")
    };
    let mut number = 2;
    while !fits(&numbered(number)) {
        number += 1;
    }
    numbered(number)
}

/// A word for the shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn run(text: &str) -> String {
        let output = Command::new("bash")
            .args(["-c", text])
            .output()
            .expect("bash runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    #[test]
    fn commands_see_their_variables_and_keep_their_braces() {
        let variables = [("NAME".to_owned(), "it's {{ here }}".to_owned())];
        let text = commands(&variables, "echo \"$NAME\" '{{{x}}}'");
        assert!(!text.contains("{{"), "{text}");
        assert_eq!(run(&text), "it's {{ here }} {{{x}}}\n");
    }

    #[test]
    fn a_script_runs_by_its_first_line_and_may_hold_what_ends_a_text() {
        let content = "#!/bin/sh\ncat <<GOLDSMITH\n@GOLDSMITH@ {{ $NAME }}\nGOLDSMITH";
        let text = script(&[("NAME".to_owned(), "x".to_owned())], content);
        assert!(!text.contains("{{"), "{text}");
        assert_eq!(run(&text), "@GOLDSMITH@ {{ x }}\n");
    }

    #[test]
    fn the_first_command_that_fails_ends_a_step() {
        for text in [
            commands(&[], "false\ntrue"),
            script(&[], "#!/bin/sh\nexit 3"),
        ] {
            let status = Command::new("bash")
                .args(["-c", &text])
                .status()
                .expect("bash runs");
            assert!(!status.success(), "{text}");
        }
    }
}
