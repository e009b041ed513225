//! docs/variables.md, made from the table.

use crate::read::ENVIRONMENT;
use crate::table::{Row, TABLE};

/// The beginning of the page, up to the table of variables.
const HEAD: &str = include_str!("page_head.md");
/// The rest of the page, after the tables.
const TAIL: &str = include_str!("page_tail.md");

/// The page.
pub fn page() -> String {
    let heads = "| variable | example | becomes | from the environment |\n|---|---|---|---|\n";
    let row = |row: &Row| {
        let names = quoted(row.names.iter().copied());
        let from = ENVIRONMENT.iter();
        let from = from.filter(|(_, name)| row.names.contains(name));
        let from = quoted(from.map(|(variable, _)| *variable));
        let (example, becomes) = (row.example, row.becomes);
        format!("| {names} | `{example}` | {becomes} | {from} |\n")
    };
    let rows = TABLE.iter().map(row).collect::<Vec<_>>().concat();
    [HEAD, heads, &rows, TAIL].concat()
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names = names.map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}
