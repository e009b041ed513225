//! What an image needs before it is published: `gates` of an environment limits the results of tests and scans, and
//! `approval` of an environment or an entry asks for a person.

use std::collections::BTreeMap;

use super::fields::Keys;
use super::reader::Cursor;
use super::spelling::one_of;
use crate::desired::Gates;
use crate::promotion::Approval;
use crate::results::{Severity, Thresholds};

/// The keys of the object.
pub(super) const KEYS: &[&str] = &["failed-controls"];

/// The keys of `failed-controls`: the words of [`Severity`].
pub(super) const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info", "unknown"];

/// More than any file of results has controls: whoever writes a larger number wants no limit.
const MOST: u32 = 100_000;

pub(super) fn read(at: Cursor<'_>) -> Option<Gates> {
    let fields = at.object(Keys::Only(KEYS))?;
    Some(Gates {
        failed_controls: fields
            .optional("failed-controls", thresholds)
            .unwrap_or_default(),
    })
}

pub(super) fn approval(at: Cursor<'_>) -> Option<Approval> {
    let choices = [("none", Approval::None), ("required", Approval::Required)];
    at.choice(&one_of(choices.map(|(name, _)| name)), &choices)
}

fn thresholds(at: Cursor<'_>) -> Option<Thresholds> {
    let fields = at.object(Keys::Only(SEVERITIES))?;
    let expected = format!("the most controls that may fail: a whole number from 0 to {MOST}");
    let limit = |severity: Severity| {
        let read = |at: Cursor<'_>| at.integer(0..=MOST, &expected);
        Some((severity, fields.optional(severity.as_str(), read)?))
    };
    let limits: BTreeMap<Severity, u32> = Severity::ALL.into_iter().filter_map(limit).collect();
    if limits.is_empty() && at.is_empty() {
        return at.expected("a limit for at least one severity");
    }
    Some(Thresholds(limits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_severity_has_its_word() {
        assert_eq!(Severity::ALL.map(Severity::as_str), *SEVERITIES);
    }
}
