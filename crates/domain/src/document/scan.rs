//! How Amazon Inspector scans each image: `image-scan` of an environment.

use super::fields::{Fields, Keys};
use super::reader::Cursor;
use super::spelling::one_of;
use crate::scan::{HighestSeverity, ImageScan, ScanCondition};

/// The keys of the object.
pub(super) const KEYS: &[&str] = &["type", "highest-severity", "only-with-fix"];

pub(super) fn read(at: Cursor<'_>) -> Option<ImageScan> {
    let fields = at.object(Keys::Only(KEYS))?;
    let scan = fields.required("type", kind)?;
    if scan == ImageScan::TestInstance {
        let expected = "nothing here: Image Builder has a condition for scans of the `ami` only, and \
                        `findings` of `gates` limits those of the test instance";
        fields.forbidden("highest-severity", expected);
        fields.forbidden("only-with-fix", expected);
        return Some(scan);
    }
    Some(ImageScan::Ami(condition(&fields)))
}

fn kind(at: Cursor<'_>) -> Option<ImageScan> {
    let choices = [
        ("test-instance", ImageScan::TestInstance),
        ("ami", ImageScan::Ami(None)),
    ];
    at.choice(&one_of(choices.map(|(name, _)| name)), &choices)
}

/// What fails the image. Image Builder leaves findings without a fix out if nothing is said; here every finding
/// counts then, so that a condition is never milder than it reads.
fn condition(fields: &Fields<'_>) -> Option<ScanCondition> {
    if !fields.has("highest-severity") {
        fields.forbidden("only-with-fix", "nothing here without `highest-severity`");
        return None;
    }
    let highest = fields.optional("highest-severity", highest);
    let only_with_fix = fields.optional("only-with-fix", Cursor::boolean);
    Some(ScanCondition {
        highest: highest?,
        only_with_fix: only_with_fix.unwrap_or_default(),
    })
}

fn highest(at: Cursor<'_>) -> Option<HighestSeverity> {
    let choices = HighestSeverity::ALL.map(|severity| (severity.as_str(), severity));
    let expected = one_of(choices.map(|(name, _)| name));
    let expected = format!("{expected}; a `critical` finding always fails the image");
    at.choice(&expected, &choices)
}
