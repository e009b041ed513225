//! What is kept of a stranger's file, and how much of it: the limits of size, number and length.

use serde::Deserialize;

use crate::escape::printable;
use crate::problem::{Place, Problem};

/// The largest file that is read. InSpec repeats the code of each control: a STIG of 300 controls has 2 MiB.
pub const LARGEST: usize = 8 << 20;

/// The most controls of a file. The largest benchmarks of the SCAP Security Guide have 1,500 rules.
pub const MOST_CONTROLS: usize = 5_000;

/// How much of a name is kept. The longest rule ids of the SCAP Security Guide have 120 characters.
const LONGEST_NAME: usize = 256;

/// How much of a message is kept: enough to see what differs, too little to hide others below it.
const LONGEST_MESSAGE: usize = 500;

/// The most aliases of a control. A rule with a STIG id, a CCE and CIS numbers has about ten.
const MOST_ALIASES: usize = 20;

/// Refuses a file that is too large.
pub(super) fn refuse_large(start: &Place, bytes: &[u8]) -> Result<(), Box<Problem>> {
    if bytes.len() <= LARGEST {
        return Ok(());
    }
    let found = format!("{} bytes or more", bytes.len());
    let expected = format!("at most {} MiB of results", LARGEST >> 20);
    Err(start.problem(found, expected).into())
}

/// A value of JSON; `expected` says what the file should be.
pub(super) fn json<'a, T: Deserialize<'a>>(
    start: &Place,
    bytes: &'a [u8],
    expected: &str,
) -> Result<T, Box<Problem>> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = Place {
            line: error.line().max(1),
            column: error.column().max(1),
            ..start.clone()
        };
        Box::new(place.problem(error.to_string(), expected))
    })
}

/// Refuses more controls than a file may have. To cut them off would hide those that failed.
pub(super) fn refuse_many(start: &Place, controls: usize) -> Result<(), Box<Problem>> {
    if controls <= MOST_CONTROLS {
        return Ok(());
    }
    let expected = format!("at most {MOST_CONTROLS} controls in a file");
    Err(start
        .problem(format!("{controls} controls"), expected)
        .into())
}

/// A name as it is kept: printable and short.
pub(super) fn name(text: &str) -> String {
    cut(text, LONGEST_NAME)
}

/// A message as it is kept: printable, on one line, and short.
pub(super) fn message(text: &str) -> String {
    cut(text, LONGEST_MESSAGE)
}

/// The other names of a rule as they are kept, without `id` itself and empty ones.
pub(super) fn aliases<'a>(id: &str, all: impl Iterator<Item = &'a str>) -> Vec<String> {
    let kept = all.map(str::trim).filter(|alias| !alias.is_empty());
    let mut aliases: Vec<String> = Vec::new();
    for alias in kept.map(name).filter(|alias| alias != id) {
        if aliases.len() < MOST_ALIASES && !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }
    aliases
}

fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().nth(most).is_none() {
        return printable(text);
    }
    let kept: String = text.chars().take(most - 1).collect();
    printable(&kept) + "…"
}
