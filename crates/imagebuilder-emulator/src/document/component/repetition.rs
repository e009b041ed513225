//! The `loop` of a step: over a range of integers, over a list, or over a string with separators.

use crate::document::{
    DocumentError,
    yaml::{Fields, Node},
};

/// The characters that may separate the values of a string, one at a time.
const DELIMITERS: [&str; 8] = [".", ",", ";", ":", "\n", "\t", " ", "-"];

/// Checks a loop and returns its name.
pub(super) fn check(node: &Node) -> Result<Option<&str>, DocumentError> {
    let fields = node.fields()?;
    match (fields.get("for"), fields.get("forEach")) {
        (Some(range), None) => check_range(range).map_err(|error| error.within("for"))?,
        (None, Some(each)) => check_each(each).map_err(|error| error.within("forEach"))?,
        (Some(_), Some(_)) => return Err(node.problem("found both for and forEach, expected one")),
        (None, None) => return Err(node.problem("expected for or forEach")),
    }
    Ok(fields.text("name")?.filter(|name| !name.is_empty()))
}

/// AWSTOE verifies that the three numbers make no endless loop.
fn check_range(node: &Node) -> Result<(), DocumentError> {
    let fields = node.fields()?;
    let number = |key| {
        fields
            .required(key)?
            .integer()
            .map_err(|error: DocumentError| error.within(key))
    };
    let (start, end, step) = (number("start")?, number("end")?, number("updateBy")?);
    let leads_away = if step > 0 { start > end } else { start < end };
    if step == 0 || leads_away {
        return Err(node.problem(format!("{start} does not reach {end} in steps of {step}")));
    }
    Ok(())
}

fn check_each(node: &Node) -> Result<(), DocumentError> {
    if let Ok(values) = node.list() {
        return values.iter().try_for_each(|value| value.text().map(drop));
    }
    let fields = node.fields()?;
    fields.required_text("list")?;
    check_delimiter(&fields)
}

fn check_delimiter(fields: &Fields<'_>) -> Result<(), DocumentError> {
    match fields.text("delimiter")? {
        Some(other)
            if !DELIMITERS.contains(&other) && other != "_" && other != "\\n" && other != "\\t" =>
        {
            let problem =
                format!("the delimiter is {other:?}, expected one of . , ; : - _ and white space");
            Err(fields.node.problem(problem))
        }
        Some(_) | None => Ok(()),
    }
}
