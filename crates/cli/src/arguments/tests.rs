//! The command line against itself, and against docs/commands.md.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Command, CommandFactory as _};

use super::Arguments;

/// The page that lists the commands.
const PAGE: &str = include_str!("../../../../docs/commands.md");
/// What they print as JSON.
const SCHEMA: &str = include_str!("../../../../docs/commands.schema.json");
/// Commands whose output has one form only.
const ONE_FORM: [(&str, &str); 3] = [
    ("goldsmith", "text"),
    ("schema", "always JSON"),
    ("completions", "a script for a shell"),
];

fn commands() -> Vec<Command> {
    Arguments::command().get_subcommands().cloned().collect()
}

fn after_help(command: &Command) -> String {
    let help = command.get_after_help();
    help.map(ToString::to_string).unwrap_or_default()
}

#[test]
fn the_command_line_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn every_command_has_examples() {
    for command in commands() {
        let example = format!("  goldsmith {} ", command.get_name());
        assert!(
            after_help(&command).contains(example.trim_end()),
            "{} has no example",
            command.get_name()
        );
    }
}

/// The rows of the table of commands: name, formats, exit codes, definitions.
fn rows() -> BTreeMap<String, [String; 3]> {
    let (_, table) = PAGE.split_once("## All commands").expect("the table");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [name, formats, codes, json] = cells[..] else {
            panic!("{row}");
        };
        let name = name.trim_matches('`').to_owned();
        (name, [formats, codes, json].map(str::to_owned))
    })
    .collect()
}

/// The formats of a command as a row has them, the default first.
fn formats(command: &Command) -> Option<String> {
    let format = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some("format"))?;
    let default = format.get_default_values().first()?.to_str()?.to_owned();
    let others = format.get_possible_values();
    let others = others.iter().map(clap::builder::PossibleValue::get_name);
    let others = others.filter(|name| *name != default).map(str::to_owned);
    let all: Vec<String> = std::iter::once(default.clone()).chain(others).collect();
    Some(all.join(", "))
}

/// The exit codes that the help of a command names; one that names none ends as all commands do.
fn codes(command: &Command) -> String {
    let help = after_help(command);
    let Some((_, named)) = help.split_once("Exit code:\n") else {
        return "0, 1".to_owned();
    };
    let code = |line: &str| {
        let code = line.strip_prefix("  ")?.split(' ').next()?;
        code.parse::<u8>().ok()
    };
    let codes: BTreeSet<u8> = named.lines().filter_map(code).collect();
    let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
    codes.join(", ")
}

#[test]
fn every_command_has_a_row_with_its_formats_and_exit_codes_and_no_row_is_left() {
    let rows = rows();
    let mut expected = BTreeMap::from([(
        "goldsmith".to_owned(),
        ["text".to_owned(), "0, 1".to_owned()],
    )]);
    for command in commands() {
        let name = command.get_name();
        let one_form = || {
            let only = ONE_FORM.iter().find(|(only, _)| *only == name);
            only.unwrap_or_else(|| panic!("{name} has no --format"))
                .1
                .to_owned()
        };
        let formats = formats(&command).unwrap_or_else(one_form);
        expected.insert(name.to_owned(), [formats, codes(&command)]);
    }
    let found: BTreeMap<String, [String; 2]> = rows
        .into_iter()
        .map(|(name, [formats, codes, _])| (name, [formats, codes]))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_command_that_has_json_has_a_definition_of_it() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).expect("a schema");
    for (name, [_, _, json]) in rows() {
        if ONE_FORM.iter().any(|(only, _)| *only == name) {
            continue;
        }
        for definition in json.split(", then ") {
            let definition = definition.trim_matches('`');
            assert!(definition.starts_with(&*name), "{name} has {definition}");
            assert!(
                schema["$defs"][definition].is_object(),
                "there is no definition {definition}"
            );
        }
    }
}
