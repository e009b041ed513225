//! Tags. Those that every image has are the environment's, and the others are of an entry.

use std::collections::BTreeMap;

use super::{Entry, differs};
use crate::fields::{Fields, harmless};
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::valid;
use crate::value::Value;
use goldsmith_domain::secret;

/// Tags by their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// Adds the tags of a setting.
pub(crate) fn read(fields: &mut Fields<'_>, key: &str, tags: &mut Tags, ledger: &mut Ledger) {
    let Some(given) = fields.take(key) else {
        return;
    };
    let place = fields.place(key);
    for (name, value) in given.entries().unwrap_or_default() {
        one(name, value, &place.key(name), tags, ledger);
    }
}

/// Adds a tag; a key that has another value already keeps it.
fn one(key: &str, value: &Value, place: &Place, tags: &mut Tags, ledger: &mut Ledger) {
    if secret::is_name(key) {
        ledger.setting(place, key, value);
        return;
    }
    let Some(text) = harmless(value, place, ledger) else {
        return;
    };
    if key == "Name" {
        let why = "Image Builder names what it makes";
        ledger.left(LeftKind::Unneeded, place, &text, why);
    } else if !(valid::TAG.fits)(key) {
        let why = format!("expected {}", valid::TAG.expected);
        ledger.left(LeftKind::Invalid, place, key, &why);
    } else if text.chars().count() > 256 || text.contains(char::is_control) {
        let why = "expected a tag value of at most 256 characters on one line";
        ledger.left(LeftKind::Invalid, place, &text, why);
    } else {
        match tags.get(key) {
            Some(known) if *known != text => differs(place, &text, known, ledger),
            Some(_) => {}
            None => {
                tags.insert(key.to_owned(), text);
            }
        }
    }
}

/// Moves the tags that all entries have in common to those of the environment.
pub(super) fn share(entries: &mut [Entry], shared: &mut Tags) {
    let Some((first, others)) = entries.split_first() else {
        return;
    };
    let is_common = |key: &String, value: &String| {
        others
            .iter()
            .all(|entry| entry.tags.get(key) == Some(value))
    };
    let common: Tags = first
        .tags
        .iter()
        .filter(|(key, value)| is_common(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    for entry in entries {
        // An entry cannot replace a tag of the environment.
        entry
            .tags
            .retain(|key, _| !common.contains_key(key) && !shared.contains_key(key));
    }
    for (key, value) in common {
        shared.entry(key).or_insert(value);
    }
}
