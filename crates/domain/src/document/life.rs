//! What becomes of images: `version`, `expiry` and `on-failure` of an environment or an entry, and which messages about
//! images people get.

use super::fields::Fields;
use super::reader::Cursor;
use super::spelling::one_of;
use crate::announcement::MessageKind;
use crate::desired::{Life, OnFailure};

/// EC2 deprecates an AMI at most ten years after it was made (API reference, `EnableImageDeprecation`).
const MOST_DAYS: u32 = 3650;

/// What an environment says for every recipe.
pub(super) fn of_environment(fields: &Fields<'_>) -> Life {
    Life {
        version: None,
        expiry: fields.optional("expiry", expiry),
        on_failure: fields
            .optional("on-failure", on_failure)
            .unwrap_or_default(),
    }
}

/// What an entry says for its own recipe; the environment decides the rest.
#[derive(Debug, Default)]
pub(super) struct EntryLife {
    version: Option<crate::names::ProductVersion>,
    expiry: Option<u32>,
    on_failure: Option<OnFailure>,
}

impl EntryLife {
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        Self {
            version: fields.optional("version", Cursor::parsed),
            expiry: fields.optional("expiry", expiry),
            on_failure: fields.optional("on-failure", on_failure),
        }
    }

    /// The same with what the environment says of the rest.
    pub(super) fn within(self, environment: &Life) -> Life {
        Life {
            version: self.version,
            expiry: self.expiry.or(environment.expiry),
            on_failure: self.on_failure.unwrap_or(environment.on_failure),
        }
    }
}

/// The kinds of messages that people get; an empty list is none.
pub(super) fn notification(at: Cursor<'_>) -> Option<Vec<MessageKind>> {
    let choices = MessageKind::ALL.map(|kind| (kind.as_str(), kind));
    let expected = one_of(choices.map(|(name, _)| name));
    at.list(|at| at.choice(&expected, &choices))
}

fn expiry(at: Cursor<'_>) -> Option<u32> {
    let expected =
        format!("after how many days an image expires: a whole number from 1 to {MOST_DAYS}");
    at.integer(1..=MOST_DAYS, &expected)
}

fn on_failure(at: Cursor<'_>) -> Option<OnFailure> {
    let choices = [
        ("destroy", OnFailure::Destroy),
        ("expire", OnFailure::Expire),
    ];
    at.choice(&one_of(choices.map(|(name, _)| name)), &choices)
}
