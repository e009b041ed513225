//! What an image needs before it is published: `gates` of an environment limits the results of tests and scans,
//! `approval` of an environment or an entry asks for a person, and `promotion` of an environment for proof of use.

use std::collections::BTreeMap;

use super::fields::{Fields, Keys};
use super::reader::Cursor;
use super::spelling::one_of;
use crate::desired::Gates;
use crate::promotion::Approval;
use crate::proof::{Require, Share};
use crate::results::{FindingLimits, Severity, Thresholds};
use crate::scan::ImageScan;

/// The keys of the object.
pub(super) const KEYS: &[&str] = &["failed-controls", "findings"];

/// The keys of `failed-controls`: the words of [`Severity`].
pub(super) const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info", "unknown"];

/// The keys of `findings`: those words, and whether a finding without a fix counts.
pub(super) const FINDINGS: &[&str] = &[
    "critical",
    "high",
    "medium",
    "low",
    "info",
    "unknown",
    ONLY_WITH_FIX,
];

const ONLY_WITH_FIX: &str = "only-with-fix";

/// More than any file of results has controls: whoever writes a larger number wants no limit.
const MOST: u32 = 100_000;

pub(super) fn read(at: Cursor<'_>) -> Option<Gates> {
    let fields = at.object(Keys::Only(KEYS))?;
    Some(Gates {
        failed_controls: fields
            .optional("failed-controls", thresholds)
            .unwrap_or_default(),
        findings: fields.optional("findings", findings).unwrap_or_default(),
    })
}

pub(super) fn approval(at: Cursor<'_>) -> Option<Approval> {
    let choices = [("none", Approval::None), ("required", Approval::Required)];
    at.choice(&one_of(choices.map(|(name, _)| name)), &choices)
}

/// The keys of `promotion`.
pub(super) const PROMOTION_KEYS: &[&str] = &["require"];

/// The keys of its `require`, if that is no word.
pub(super) const REQUIRE_KEYS: &[&str] = &["share-of-accounts"];

/// How many accounts have to be proved able to use an image before it is published.
pub(super) fn require(at: Cursor<'_>) -> Option<Require> {
    at.object(Keys::Only(PROMOTION_KEYS))?
        .required("require", of_accounts)
}

fn of_accounts(at: Cursor<'_>) -> Option<Require> {
    if at.as_text() == Some("all") {
        return Some(Require::All);
    }
    if !at.is_object() {
        return at.expected("`\"all\"`, or an object such as `{ \"share-of-accounts\": 0.9 }`");
    }
    at.object(Keys::Only(REQUIRE_KEYS))?
        .required("share-of-accounts", share)
        .map(Require::ShareOfAccounts)
}

fn share(at: Cursor<'_>) -> Option<Share> {
    let number = at.scalar().filter(|_| at.as_text().is_none());
    match number.unwrap_or_default().parse::<Share>() {
        Ok(share) => Some(share),
        Err(error) => at.expected(error.expected),
    }
}

fn thresholds(at: Cursor<'_>) -> Option<Thresholds> {
    let fields = at.object(Keys::Only(SEVERITIES))?;
    let limits = limits(&fields, "the most controls that may fail");
    if limits.0.is_empty() && at.is_empty() {
        return at.expected(ONE_LIMIT);
    }
    Some(limits)
}

const ONE_LIMIT: &str = "a limit for at least one severity";

fn findings(at: Cursor<'_>) -> Option<FindingLimits> {
    let fields = at.object(Keys::Only(FINDINGS))?;
    let thresholds = limits(&fields, "the most findings that an image may have");
    let has_limit = SEVERITIES.iter().any(|severity| fields.has(severity));
    if !has_limit {
        return at.expected(ONE_LIMIT);
    }
    let only_with_fix = fields.optional(ONLY_WITH_FIX, Cursor::boolean);
    Some(FindingLimits {
        thresholds,
        only_with_fix: only_with_fix.unwrap_or_default(),
    })
}

/// The numbers that an object has for severities; `what` says what they limit.
fn limits(fields: &Fields<'_>, what: &str) -> Thresholds {
    let expected = format!("{what}: a whole number from 0 to {MOST}");
    let limit = |severity: Severity| {
        let read = |at: Cursor<'_>| at.integer(0..=MOST, &expected);
        Some((severity, fields.optional(severity.as_str(), read)?))
    };
    Thresholds(
        Severity::ALL
            .into_iter()
            .filter_map(limit)
            .collect::<BTreeMap<_, _>>(),
    )
}

/// Records that findings are limited and no scan has any that can be read: Image Builder lists those of test instances
/// only (API reference, `ImageScanningConfiguration`).
pub(super) fn check_scan(fields: &Fields<'_>, gates: &Gates, scan: Option<ImageScan>) {
    const EXPECTED: &str = "`{ \"type\": \"test-instance\" }`, because `gates` limits findings";
    if !gates.limits_findings() {
        return;
    }
    if let (Some(ImageScan::Ami(_)), Some((_, value))) = (scan, fields.entry("image-scan")) {
        value.record(value.problem(EXPECTED));
    } else if !fields.has("image-scan") {
        let hint = "an image that is not scanned has no findings that could be limited";
        fields.record_missing("image-scan", EXPECTED, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_severity_has_its_word() {
        assert_eq!(Severity::ALL.map(Severity::as_str), *SEVERITIES);
        assert_eq!(FINDINGS[..6], *SEVERITIES);
    }
}
