//! Values that a service refuses, or takes for something else: none gets past the reader of the documents.
//!
//! Every member of every document that becomes part of a call to AWS has a row. Its good value is changed in
//! the ways of [`CHANGES`], and in those that only this kind knows.

use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, Parsed, parse};
use goldsmith_domain::problem::Problem;

use crate::document_texts::{FULL, HARDEN};
use crate::documents::file;

/// A way to spoil a value.
type Change = (&'static str, fn(&str) -> String);

const CHANGES: [Change; 17] = [
    ("newline", |good| format!("{good}\n")),
    ("newline within", |good| inserted(good, '\n')),
    ("carriage return", |good| format!("{good}\r")),
    ("NUL", |good| inserted(good, '\0')),
    ("escape", |good| inserted(good, '\u{1b}')),
    ("trailing blank", |good| format!("{good} ")),
    ("leading blank", |good| format!(" {good}")),
    ("no-break space", |good| format!("{good}\u{a0}")),
    ("zero width", |good| inserted(good, '\u{200b}')),
    ("right to left", |good| inserted(good, '\u{202e}')),
    ("look-alike", look_alike),
    ("percent", |good| inserted(good, '%')),
    ("quote", |good| inserted(good, '"')),
    ("star", |good| format!("{good}*")),
    ("upper case", |good| good.to_ascii_uppercase()),
    ("too long", |good| format!("{good}{}", "a0".repeat(1500))),
    ("empty", |_| String::new()),
];

fn inserted(good: &str, strange: char) -> String {
    let (before, after) = good.split_at(good.len() / 2);
    format!("{before}{strange}{after}")
}

/// The last digit as Arabic has it, or the last letter in Cyrillic.
fn look_alike(good: &str) -> String {
    let digit = good.rfind(|c: char| c.is_ascii_digit());
    match digit.or(good.rfind(|c: char| c.is_ascii_alphabetic())) {
        Some(at) => {
            let strange = if digit.is_some() {
                '\u{661}'
            } else {
                '\u{430}'
            };
            format!("{}{strange}{}", &good[..at], &good[at + 1..])
        }
        None => format!("{good}\u{430}"),
    }
}

/// A member of a document, as `documents_hostile/members.txt` has it.
#[derive(Default)]
struct Member {
    file: String,
    /// What is before the value, so that it is found.
    before: String,
    value: String,
    /// The changes that leave a good value.
    harmless: Vec<String>,
    /// The changes that another test judges.
    unjudged: Vec<String>,
    /// Other good values.
    good: Vec<String>,
    /// Other bad values.
    bad: Vec<String>,
}

/// The blocks of members, without comments.
fn blocks() -> impl Iterator<Item = Vec<&'static str>> {
    let text = include_str!("documents_hostile/members.txt");
    text.split("\n\n")
        .map(|block| {
            block
                .lines()
                .filter(|line| !line.starts_with('#'))
                .collect::<Vec<_>>()
        })
        .filter(|block| !block.is_empty())
}

fn members() -> Vec<Member> {
    blocks()
        .filter(|block| block[0] != "roles")
        .map(|block| member(&block))
        .collect()
}

fn member(block: &[&str]) -> Member {
    let (file, before) = block[0].split_once(' ').expect("a document and a text");
    let mut member = Member {
        file: file.to_owned(),
        before: before.strip_suffix('|').expect("an end").to_owned(),
        ..Member::default()
    };
    for line in &block[1..] {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("=", value) => value.clone_into(&mut member.value),
            ("~", names) => member.harmless = names.split(", ").map(str::to_owned).collect(),
            ("?", names) => member.unjudged = names.split(", ").map(str::to_owned).collect(),
            ("+", value) => member.good.push(value.to_owned()),
            ("-", "roles") => member.bad.extend(roles()),
            ("-", value) => member.bad.push(unescaped(value)),
            other => panic!("{other:?}"),
        }
    }
    if member.value.is_empty() {
        member.value = next_value(&member);
    }
    member
}

/// The string that follows in the document.
fn next_value(member: &Member) -> String {
    let (_, rest) = text_of(&member.file)
        .split_once(&member.before)
        .expect("the text before");
    rest.split('"').nth(1).expect("a string").to_owned()
}

fn unescaped(value: &str) -> String {
    value
        .replace("\\u{7f}", "\u{7f}")
        .replace("\\u{85}", "\u{85}")
}

/// What is no role of the account of an entry.
fn roles() -> Vec<String> {
    let roles = blocks().find(|block| block[0] == "roles").expect("roles");
    roles[1..]
        .iter()
        .map(|line| line.trim_start_matches("- ").to_owned())
        .collect()
}

impl Member {
    /// Line and column of the value.
    fn place(&self) -> (usize, usize) {
        let text = text_of(&self.file);
        let offset = text
            .find(&self.found_by(&self.value))
            .unwrap_or_else(|| panic!("no {} {}", self.before, self.value));
        let before = &text[..offset + self.before.len()];
        let column = before.rsplit('\n').next().expect("a line").chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    /// The documents with another value.
    fn with(&self, value: &str) -> Parsed {
        let spoilt =
            text_of(&self.file).replacen(&self.found_by(&self.value), &self.found_by(value), 1);
        let document = |(key, text): (&str, &str)| {
            let text = if key == self.file {
                spoilt.as_str()
            } else {
                text
            };
            file(key, text)
        };
        parse(&FULL.map(document))
    }

    fn is_harmless(&self, change: &str) -> bool {
        self.harmless.iter().any(|name| name == change)
    }

    fn found_by(&self, value: &str) -> String {
        format!(
            "{}{}",
            self.before,
            serde_json::to_string(value).expect("JSON")
        )
    }

    fn all_bad(&self) -> Vec<(&'static str, String)> {
        let changed = CHANGES.iter().filter(|(name, _)| {
            !self.is_harmless(name) && !self.unjudged.iter().any(|one| one == name)
        });
        let changed = changed.map(|(name, change)| (*name, change(&self.value)));
        changed
            .chain(self.bad.iter().map(|bad| ("of its kind", bad.clone())))
            .collect()
    }
}

fn text_of(key: &str) -> &'static str {
    let (_, text) = FULL
        .into_iter()
        .find(|(known, _)| *known == key)
        .expect("a document");
    text
}

/// What is wrong with how a bad value is reported; none if there is a problem at its place that says
/// everything.
fn flaw(member: &Member, name: &str, value: &str) -> Option<String> {
    let here = format!("{} {} {name} {value:?}", member.file, member.before.trim());
    let place = member.place();
    let Parsed::Rejected(problems) = member.with(value) else {
        return Some(format!("{here}: accepted"));
    };
    let at_value =
        |problem: &&Problem| problem.file == member.file && (problem.line, problem.column) == place;
    let Some(problem) = problems.first().iter().find(at_value) else {
        return Some(format!("{here}: elsewhere: {problems:#?}"));
    };
    let is_short = problem.found.chars().count() <= 80 && problem.to_string().len() < 1000;
    let is_clean = !problem
        .to_string()
        .contains(|c: char| c.is_control() && c != '\n');
    let is_whole =
        !problem.found.is_empty() && !problem.expected.is_empty() && !problem.pointer.is_empty();
    (!(is_short && is_clean && is_whole)).then(|| format!("{here}: {problem:#?}"))
}

#[test]
fn no_hostile_value_of_any_member_is_accepted() {
    let (mut flaws, mut tried) = (Vec::new(), 0);
    for member in members() {
        let bad = member.all_bad();
        assert!(bad.len() >= 5, "{}", member.before);
        tried += bad.len();
        flaws.extend(
            bad.iter()
                .filter_map(|(name, value)| flaw(&member, name, value)),
        );
    }
    assert!(
        flaws.is_empty(),
        "{} of {tried}:\n{}",
        flaws.len(),
        flaws.join("\n")
    );
    assert!(tried >= 600, "{tried}");
}

#[test]
fn every_good_value_stays_accepted() {
    for member in members() {
        let harmless = CHANGES.iter().filter(|(name, _)| member.is_harmless(name));
        let harmless = harmless.map(|(_, change)| change(&member.value));
        let good = member.good.iter().cloned();
        for value in good.chain(harmless).chain([member.value.clone()]) {
            let parsed = member.with(&value);
            assert!(
                matches!(parsed, Parsed::Desired(_)),
                "{} {value:?}: {parsed:#?}",
                member.before
            );
        }
    }
}

#[test]
fn a_value_with_a_strange_character_has_a_hint_that_names_it() {
    let member = members()
        .into_iter()
        .find(|member| member.before.contains("parameter-role"))
        .expect("a role");
    for (name, code) in [
        ("newline within", "U+000A"),
        ("NUL", "U+0000"),
        ("zero width", "U+200B"),
        ("look-alike", "U+0661"),
    ] {
        let (_, change) = CHANGES
            .iter()
            .find(|(known, _)| *known == name)
            .expect("a change");
        let Parsed::Rejected(problems) = member.with(&change(&member.value)) else {
            panic!("{name} is accepted")
        };
        let hint = problems.first()[0].hint.as_deref().unwrap_or_default();
        assert!(hint.contains(code), "{name}: {problems:#?}");
    }
}

fn parameter_documents(values: &str) -> Vec<DocumentFile> {
    let good = r#"{ "Text": "hello", "Lines": "3" }"#;
    let changed = text_of(AMI_VERSIONS).replacen(good, values, 1);
    FULL.map(|(key, text)| {
        file(
            key,
            if key == AMI_VERSIONS {
                changed.as_str()
            } else {
                text
            },
        )
    })
    .into()
}

#[test]
fn the_values_of_parameters_may_have_lines_and_no_nul() {
    let accepted = |values: &str| matches!(parse(&parameter_documents(values)), Parsed::Desired(_));
    assert!(accepted(r#"{ "Text": "one\ntwo\tthree", "Lines": "3" }"#));
    assert!(!accepted(r#"{ "Text": "one\u0000", "Lines": "3" }"#));
    assert!(!accepted(r#"{ "Text": "hello", "Lines": "3\n" }"#));
    assert!(!accepted(r#"{ "Text": "hello", "Lines": "\u0663" }"#));
    assert!(!accepted(r#"{ "Text\n": "hello", "Lines": "3" }"#));
}

#[test]
fn a_component_document_with_a_nul_is_refused() {
    let documents = FULL.map(|(key, text)| match key {
        HARDEN => file(key, text.replacen("Write", "Wri\0te", 1)),
        _ => file(key, text),
    });
    assert!(matches!(parse(&documents), Parsed::Rejected(_)));
}
