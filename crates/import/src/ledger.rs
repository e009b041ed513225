//! Collects what is left and what is chosen, in the order of the source.

use crate::outcome::{Decision, Left, LeftKind, Place};
use crate::short::short;
use crate::value::{Trouble, Value};
use goldsmith_domain::secret;

/// More items than this help nobody, and a hostile file could have millions.
const MOST: usize = 1000;

/// What an import found that its files do not show.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    left: Vec<Left>,
    more: usize,
    decisions: Vec<Decision>,
}

impl Ledger {
    /// Something was not taken over.
    pub(crate) fn left(&mut self, kind: LeftKind, place: &Place, found: &str, why: &str) {
        self.add(kind, place, found, why, None);
    }

    /// The same, with what helps.
    pub(crate) fn hinted(
        &mut self,
        kind: LeftKind,
        place: &Place,
        found: &str,
        why: &str,
        hint: &str,
    ) {
        self.add(kind, place, found, why, Some(hint.to_owned()));
    }

    fn add(&mut self, kind: LeftKind, place: &Place, found: &str, why: &str, hint: Option<String>) {
        // A setting that is left may hold anything, such as the user data of an instance.
        let found = match secret::in_text(found) {
            Some(what) => format!("a text that seems to hold {what}"),
            None => short(found),
        };
        let left = Left {
            place: place.clone(),
            kind,
            found,
            why: why.to_owned(),
            hint,
        };
        if self.left.len() >= MOST {
            self.more += 1;
        } else if !self.left.contains(&left) {
            self.left.push(left);
        }
    }

    /// A value that could not be used.
    pub(crate) fn trouble(&mut self, place: &Place, trouble: &Trouble) {
        match trouble {
            Trouble::Unknown(unknown) => {
                self.add(
                    unknown.kind,
                    place,
                    &unknown.what,
                    &unknown.why,
                    unknown.hint.clone(),
                );
            }
            Trouble::Form { found, expected } => {
                let why = format!("expected {expected}");
                self.left(LeftKind::Invalid, place, found, &why);
            }
        }
    }

    /// A setting that goldsmith has nothing like. A value under a name of a secret is not quoted.
    pub(crate) fn setting(&mut self, place: &Place, key: &str, value: &Value) {
        if secret::is_name(key) {
            self.hinted(
                LeftKind::Secret,
                place,
                key,
                "its name is that of a secret, and documents hold none",
                "let the instance read it from Secrets Manager when it is built",
            );
            return;
        }
        let why = "goldsmith has no such setting";
        self.left(LeftKind::Unsupported, place, &value.summary(), why);
    }

    /// A value was chosen.
    pub(crate) fn decided(&mut self, place: Option<&Place>, what: &str, value: &str, why: &str) {
        let decision = Decision {
            place: place.cloned(),
            what: what.to_owned(),
            value: short(value),
            why: why.to_owned(),
        };
        if self.decisions.len() < MOST && !self.decisions.contains(&decision) {
            self.decisions.push(decision);
        }
    }

    /// Everything that was collected.
    pub(crate) fn into_parts(mut self) -> (Vec<Left>, Vec<Decision>) {
        if self.more > 0 {
            let found = format!("{} more", self.more);
            let why = format!("the first {MOST} are listed");
            self.left.push(Left {
                place: Place::default(),
                kind: LeftKind::Unsupported,
                found,
                why,
                hint: None,
            });
        }
        (self.left, self.decisions)
    }
}
