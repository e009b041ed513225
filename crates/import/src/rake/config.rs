//! `config.rb`: the settings of a project, as far as they are literal.

use super::ruby::Ruby;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::short::short;
use crate::value::Value;
use goldsmith_domain::secret;

/// A setting.
pub(super) struct Setting {
    pub(super) key: String,
    /// With the line of its statement.
    pub(super) value: Value,
    /// Whether it counts only where nothing else says so.
    pub(super) is_default: bool,
}

/// Words that begin a block, which `end` ends.
const BLOCKS: [&str; 11] = [
    "if",
    "unless",
    "while",
    "until",
    "case",
    "begin",
    "def",
    "class",
    "module",
    "for",
    "namespace",
];

/// The settings of a file. Every other statement is left, with its line.
pub(super) fn read(text: &str, place: &Place, ledger: &mut Ledger) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut at = 0;
    let mut line = 1;
    let mut depth = 0_usize;
    let mut is_comment = false;
    while at < text.len() {
        let rest = &text[at..];
        let end = at + rest.find('\n').map_or(rest.len(), |end| end + 1);
        let statement = text[at..end].trim();
        let here = place.at(Some(line));
        let mut next = end;
        if statement.starts_with("=begin") || statement.starts_with("=end") {
            is_comment = statement.starts_with("=begin");
        } else if is_comment || statement.is_empty() || statement.starts_with('#') {
        } else if let Some((setting, after)) = setting(text, at, line) {
            next = after;
            if depth == 0 {
                settings.push(setting);
            } else {
                let why = "it is set in a condition or a block, and an import runs nothing";
                let hint = "write the value that it has outside of it, and import again";
                ledger.hinted(
                    LeftKind::Computed,
                    &here.key(&setting.key),
                    &setting.key,
                    why,
                    hint,
                );
            }
        } else {
            depth = other(statement, depth, &here, ledger);
        }
        line += text[at..next].matches('\n').count();
        at = next;
    }
    settings
}

/// `set :key, value` or `set_if_empty :key, value`, and where the statement ends.
fn setting(text: &str, at: usize, line: usize) -> Option<(Setting, usize)> {
    let mut ruby = Ruby::new(text, at);
    ruby.blanks();
    let word = ruby.word()?;
    let is_default = match word.as_str() {
        "set" => false,
        "set_if_empty" => true,
        _ => return None,
    };
    ruby.blanks();
    ruby.pass("(");
    ruby.blanks();
    let key = ruby.literal()?.text().ok()?;
    ruby.blanks();
    ruby.pass(",").then_some(())?;
    while ruby.rest().starts_with(['\n', ' ', '\t', '\r']) {
        ruby.pass("\n");
        ruby.blanks();
    }
    let start = ruby.at();
    let mut pairs = Ruby::new(text, start);
    let value = match pairs.open_pairs() {
        Some(value) => {
            ruby = pairs;
            value
        }
        None => ruby.statement(),
    };
    ruby.line();
    ruby.pass("\n");
    let value = Value {
        line: Some(line),
        ..value
    };
    let setting = Setting {
        key,
        value,
        is_default,
    };
    Some((setting, ruby.at().max(at + 1)))
}

/// Another statement; returns how many blocks are open after it.
fn other(statement: &str, depth: usize, place: &Place, ledger: &mut Ledger) -> usize {
    let first = statement
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default();
    if first == "end" {
        return depth.saturating_sub(1);
    }
    if depth == 0 && first != "require" && first != "require_relative" {
        let shown = match secret::in_text(statement) {
            Some(_) => first.to_owned(),
            None => short(statement),
        };
        let why = "it is code, and an import runs nothing";
        ledger.left(LeftKind::Computed, place, &shown, why);
    }
    let ends_itself = statement.ends_with(" end") || statement.contains(" end;");
    let has_do = statement.ends_with(" do") || statement.contains(" do |");
    let opens = (BLOCKS.contains(&first) || has_do) && !ends_itself;
    depth + usize::from(opens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_code_is_left_with_its_line() {
        let text = "require 'x'\n\
                    set :a, 'one'\n\
                    set_if_empty(:b, { c: 1,\n  d: ENV['D'] })\n\
                    if ENV['CI']\n  set :a, 'two'\nend\n\
                    x = 1\n\
                    set :e,\n  f: 'g', h: true\n";
        let mut ledger = Ledger::default();
        let settings = read(text, &Place::file("config.rb"), &mut ledger);
        let shown = settings.iter().map(|one| {
            (
                one.key.as_str(),
                one.value.summary(),
                one.value.line,
                one.is_default,
            )
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                ("a", "one".to_owned(), Some(2), false),
                ("b", "an object with c, d".to_owned(), Some(3), true),
                ("e", "an object with f, h".to_owned(), Some(9), false),
            ]
        );
        let left = ledger.into_parts().0;
        let lines = left
            .iter()
            .map(|left| (left.place.line, left.found.as_str()));
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                (Some(5), "if ENV['CI']"),
                (Some(6), "a"),
                (Some(8), "x = 1")
            ]
        );
    }
}
