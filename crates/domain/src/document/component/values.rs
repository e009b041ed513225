//! Values of component documents. AWSTOE takes numbers and booleans where it wants a string, and a key
//! without a value as one that is not there.

use crate::document::fields::Fields;
use crate::document::reader::Cursor;

/// The value of a key that has one.
pub(super) fn given<'a>(fields: &Fields<'a>, key: &str) -> Option<Cursor<'a>> {
    let (_, value) = fields.entry(key)?;
    (!value.is_null()).then_some(value)
}

/// Any scalar, as it is written.
pub(super) fn text(at: Cursor<'_>) -> Option<&str> {
    at.written().or_else(|| at.expected("a string"))
}

/// A scalar that must be there, and not be empty.
pub(super) fn required_text<'a>(fields: &Fields<'a>, key: &str) -> Option<&'a str> {
    match given(fields, key) {
        Some(value) => text(value).filter(|text| {
            let is_empty = text.is_empty();
            if is_empty {
                value.expected::<()>(format!("a value for `{key}`"));
            }
            !is_empty
        }),
        None => fields.required(key, |empty| empty.expected("a string")),
    }
}

/// A scalar that may be absent.
pub(super) fn optional_text(fields: &Fields<'_>, key: &str) {
    if let Some(value) = given(fields, key) {
        text(value);
    }
}

/// A whole number that fits, quoted or not.
pub(super) fn integer(at: Cursor<'_>, expected: &str, fits: impl Fn(i64) -> bool) -> Option<()> {
    let number = at.scalar().and_then(|text| text.trim().parse().ok());
    match number {
        Some(number) if fits(number) => Some(()),
        _ => at.expected(expected),
    }
}

/// A boolean in any of YAML's words.
pub(super) fn flag(at: Cursor<'_>) -> Option<()> {
    let word = at.written().map(str::to_ascii_lowercase);
    match word.as_deref() {
        Some("true" | "false" | "yes" | "no" | "on" | "off") => Some(()),
        _ => at.expected("`true` or `false`"),
    }
}
