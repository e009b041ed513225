//! One step of a phase: its name, its action with its inputs, and its settings.

use super::actions::{ACTIONS, Action};
use super::values::{self, given, integer, text};
use crate::document::fields::{Fields, Keys};
use crate::document::reader::Cursor;
use crate::document::spelling::one_of;

/// The keys of a step: the user guide's, and `disableLogging`, which AWS's samples have. Image Builder
/// refuses others.
const KEYS: &[&str] = &[
    "name",
    "action",
    "disableLogging",
    "timeoutSeconds",
    "onFailure",
    "maxAttempts",
    "if",
    "loop",
    "inputs",
];

const ON_FAILURE: [(&str, ()); 3] = [("Abort", ()), ("Continue", ()), ("Ignore", ())];

/// What one step says, and where.
pub(super) struct Step<'a> {
    pub(super) name: &'a str,
    pub(super) name_at: Cursor<'a>,
    pub(super) action: Action,
    pub(super) action_at: Cursor<'a>,
    /// The name of its loop, if that has one.
    pub(super) name_of_loop: Option<Cursor<'a>>,
    /// The strings that may refer to something.
    pub(super) texts: Vec<Cursor<'a>>,
}

pub(super) fn step(at: Cursor<'_>) -> Option<Step<'_>> {
    let fields = at.object(Keys::Only(KEYS))?;
    let name = fields.required("name", |at| Some((step_name(at)?, at)));
    let action = fields.required("action", |at| Some((action(at)?, at)));
    if let Some((action, _)) = action {
        action.check(&fields);
    }
    settings(&fields);
    let name_of_loop = given(&fields, "loop").and_then(repetition);
    let texts = ["inputs", "loop", "if"]
        .into_iter()
        .filter_map(|key| Some(fields.entry(key)?.1))
        .flat_map(Cursor::texts)
        .collect();
    let ((name, name_at), (action, action_at)) = (name?, action?);
    Some(Step {
        name,
        name_at,
        action,
        action_at,
        name_of_loop,
        texts,
    })
}

/// A name that is there, in the characters that Image Builder takes.
fn step_name(at: Cursor<'_>) -> Option<&str> {
    word(at, "a step")
}

/// The name of a phase or of a step, in the characters that Image Builder takes.
pub(super) fn word<'a>(at: Cursor<'a>, of: &str) -> Option<&'a str> {
    let name = text(at)?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        return at.expected(format!("the name of {of}: letters, digits, `-` or `_`"));
    }
    Some(name)
}

fn action(at: Cursor<'_>) -> Option<Action> {
    at.choice(
        "an action of the component framework, such as `ExecuteBash`",
        &ACTIONS,
    )
}

fn settings(fields: &Fields<'_>) {
    if let Some(at) = given(fields, "onFailure") {
        at.choice(&one_of(ON_FAILURE.map(|(word, ())| word)), &ON_FAILURE);
    }
    if let Some(at) = given(fields, "timeoutSeconds") {
        let expected = "a number of seconds from 1 on, or -1 for no limit";
        integer(at, expected, |seconds| seconds == -1 || seconds > 0);
    }
    if let Some(at) = given(fields, "maxAttempts") {
        integer(at, "a number of attempts from 1 on", |count| count > 0);
    }
    if let Some(at) = given(fields, "disableLogging") {
        values::flag(at);
    }
    if let Some(at) = given(fields, "if").filter(|at| at.written().is_some()) {
        at.expected::<()>("a condition, such as `{ fileExists: /etc/motd }`");
    }
}

/// The `loop` of a step: over numbers, over a list, or over a string with separators. Returns its name.
fn repetition(at: Cursor<'_>) -> Option<Cursor<'_>> {
    let fields = at.object(Keys::AmongOthers)?;
    match (given(&fields, "for"), given(&fields, "forEach")) {
        (Some(range), None) => check_range(range),
        (None, Some(each)) => check_each(each),
        (Some(_), Some(_)) => at.expected("`for` or `forEach`, not both"),
        (None, None) => at.expected("`for` or `forEach`"),
    };
    let name = given(&fields, "name")?;
    text(name).filter(|text| !text.is_empty()).map(|_| name)
}

/// The three numbers must not make an endless loop.
fn check_range(at: Cursor<'_>) -> Option<()> {
    let fields = at.object(Keys::AmongOthers)?;
    let number = |key| {
        fields.required(key, |at| {
            integer(at, "a whole number", |_| true)?;
            at.scalar()?.trim().parse::<i64>().ok()
        })
    };
    let (start, end, by) = (number("start"), number("end"), number("updateBy"));
    let (start, end, by) = (start?, end?, by?);
    let leads_away = if by > 0 { start > end } else { start < end };
    if by == 0 || leads_away {
        return at.expected(format!("steps that lead from {start} to {end}"));
    }
    Some(())
}

fn check_each(at: Cursor<'_>) -> Option<()> {
    if at.is_list() {
        return at.every(text).map(drop);
    }
    let fields = at.object(Keys::AmongOthers)?;
    values::required_text(&fields, "list");
    let Some(delimiter) = given(&fields, "delimiter") else {
        return Some(());
    };
    match text(delimiter)? {
        "." | "," | ";" | ":" | "-" | "_" | " " | "\n" | "\t" | "\\n" | "\\t" => Some(()),
        _ => delimiter.expected("one of `.` `,` `;` `:` `-` `_`, a blank, a tab or a line's end"),
    }
}
