//! The fields of an object: which must be there, which may, and what is no field of it.

use super::Cursor;
use crate::document::spelling::{one_of, with_guess};

/// The keys of an object that mean something.
#[derive(Clone, Copy)]
pub(in crate::document) enum Keys {
    /// Any other key is a problem.
    Only(&'static [&'static str]),
    /// Likewise, and of some it is known that they will mean something.
    NotYet {
        /// The keys that mean something.
        known: &'static [&'static str],
        /// Keys whose effect is not built: silently ignored they would promise what does not happen.
        planned: &'static [&'static str],
    },
    /// Likewise, and some are keys of what this is not.
    Apart {
        /// The keys that mean something.
        known: &'static [&'static str],
        /// Keys that would mean something elsewhere.
        elsewhere: &'static [&'static str],
        /// What is expected instead of one of those.
        expected: &'static str,
    },
    /// Other keys are somebody else's, and are left alone.
    AmongOthers,
}

/// The fields of an object.
pub(in crate::document) struct Fields<'a> {
    of: Cursor<'a>,
    entries: Vec<(Cursor<'a>, Cursor<'a>)>,
}

impl<'a> Fields<'a> {
    /// The fields of `of`, which records those that are no fields of it.
    pub(in crate::document) fn new(
        of: Cursor<'a>,
        entries: Vec<(Cursor<'a>, Cursor<'a>)>,
        keys: Keys,
    ) -> Self {
        let fields = Self { of, entries };
        match keys {
            Keys::Only(known) => fields.record_unknown(known, |_| None),
            Keys::NotYet { known, planned } => fields.record_unknown(known, |key| {
                planned
                    .contains(&key)
                    .then(|| format!("nothing here: `{key}` is not supported yet"))
            }),
            Keys::Apart {
                known,
                elsewhere,
                expected,
            } => {
                fields.record_unknown(known, |key| {
                    elsewhere.contains(&key).then(|| expected.to_owned())
                });
            }
            Keys::AmongOthers => {}
        }
        fields
    }

    /// The object.
    pub(in crate::document) fn of(&self) -> Cursor<'a> {
        self.of
    }

    /// What `read` makes of the value of `key`, which must be there.
    pub(in crate::document) fn required<T>(
        &self,
        key: &str,
        read: impl FnOnce(Cursor<'a>) -> Option<T>,
    ) -> Option<T> {
        match self.find(key) {
            Some(value) => read(value),
            None => self.missing(key),
        }
    }

    /// What `read` makes of the value of `key`, if it is there.
    pub(in crate::document) fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(Cursor<'a>) -> Option<T>,
    ) -> Option<T> {
        self.find(key).and_then(read)
    }

    /// Whether the object has `key`, whatever its value.
    pub(in crate::document) fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Records that `key` is there although it may not be.
    pub(in crate::document) fn forbidden(&self, key: &str, expected: &str) {
        if let Some((name, _)) = self.entry(key) {
            name.record(name.problem(expected));
        }
    }

    /// Records that `key` is not there, with what it is for.
    pub(in crate::document) fn record_missing(&self, key: &str, expected: &str, hint: &str) {
        let found = format!("an object without `{key}`");
        self.of
            .record(self.of.place().problem(found, expected).hint(hint));
    }

    /// The key itself and its value, if it is there.
    pub(in crate::document) fn entry(&self, key: &str) -> Option<(Cursor<'a>, Cursor<'a>)> {
        self.entries
            .iter()
            .find(|(name, _)| name.as_text() == Some(key))
            .copied()
    }

    fn find(&self, key: &str) -> Option<Cursor<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    fn missing<T>(&self, key: &str) -> Option<T> {
        let found = format!("an object without `{key}`");
        let problem = self.of.place().problem(found, format!("the key `{key}`"));
        self.of.record(problem);
        None
    }

    /// Records the keys that are not `known`; `expected` says what of some of them.
    fn record_unknown(&self, known: &[&'static str], expected: impl Fn(&str) -> Option<String>) {
        let is_known = |name: Cursor<'_>| name.as_text().is_some_and(|text| known.contains(&text));
        for (name, _) in self.entries.iter().filter(|(name, _)| !is_known(*name)) {
            match name.as_text().and_then(&expected) {
                Some(expected) => name.record(name.problem(expected)),
                None => record_unknown(*name, known),
            }
        }
    }
}

fn record_unknown(name: Cursor<'_>, known: &[&'static str]) {
    let near = name
        .as_text()
        .and_then(|text| name.nearest(text, known.iter().copied()));
    name.record(with_guess(
        name.problem(one_of(known.iter().copied())),
        near,
    ));
}
