//! Reads an object entry by entry, and knows what nobody asked for: that is left, and reported.

use std::collections::BTreeSet;

use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::valid::Form;
use crate::value::{Data, Value};
use goldsmith_domain::secret;

/// The entries of an object.
#[derive(Debug)]
pub(crate) struct Fields<'v> {
    value: &'v Value,
    place: Place,
    used: BTreeSet<String>,
}

impl<'v> Fields<'v> {
    pub(crate) fn new(value: &'v Value, place: &Place) -> Self {
        Self {
            value,
            place: place.at(value.line),
            used: BTreeSet::new(),
        }
    }

    /// Where an entry is.
    pub(crate) fn place(&self, key: &str) -> Place {
        let line = self.value.get(key).and_then(|value| value.line);
        self.place.key(key).at(line)
    }

    /// An entry, if it is there. An empty text, list or object counts as none, as in Packer.
    pub(crate) fn take(&mut self, key: &str) -> Option<&'v Value> {
        self.used.insert(key.to_owned());
        self.value.get(key).filter(|value| !is_empty(value))
    }

    /// A text.
    pub(crate) fn text(&mut self, key: &str, ledger: &mut Ledger) -> Option<String> {
        let value = self.take(key)?;
        harmless(value, &self.place(key), ledger)
    }

    /// A text of a form.
    pub(crate) fn valid(&mut self, key: &str, form: &Form, ledger: &mut Ledger) -> Option<String> {
        let text = self.text(key, ledger)?;
        fitting(text, form, &self.place(key), ledger)
    }

    /// Texts, as a list or with commas between them.
    pub(crate) fn texts(&mut self, key: &str, ledger: &mut Ledger) -> Vec<String> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let place = self.place(key);
        let mut texts = Vec::new();
        for item in value.items() {
            texts.extend(harmless(&item, &place.at(item.line), ledger));
        }
        texts
    }

    /// Texts of a form, each once.
    pub(crate) fn all_valid(&mut self, key: &str, form: &Form, ledger: &mut Ledger) -> Vec<String> {
        let place = self.place(key);
        let mut all: Vec<String> = Vec::new();
        for text in self.texts(key, ledger) {
            let text = fitting(text, form, &place, ledger);
            all.extend(text.filter(|text| !all.contains(text)));
        }
        all
    }

    /// A flag.
    pub(crate) fn flag(&mut self, key: &str, ledger: &mut Ledger) -> Option<bool> {
        let value = self.take(key)?;
        let flag = value.flag();
        flag.map_err(|trouble| ledger.trouble(&self.place(key), &trouble))
            .ok()
    }

    /// A whole number.
    pub(crate) fn number(&mut self, key: &str, ledger: &mut Ledger) -> Option<u64> {
        let value = self.take(key)?;
        let number = value.text().and_then(|text| {
            let number = text.parse::<u64>();
            number.map_err(|_| value.form("a whole number"))
        });
        number
            .map_err(|trouble| ledger.trouble(&self.place(key), &trouble))
            .ok()
    }

    /// Entries that have no meaning in goldsmith, where nobody has to do anything about them.
    pub(crate) fn unneeded(&mut self, keys: &[&str], why: &str, ledger: &mut Ledger) {
        for key in keys {
            if let Some(value) = self.take(key) {
                let place = self.place(key);
                ledger.left(LeftKind::Unneeded, &place, &value.summary(), why);
            }
        }
    }

    /// Entries that cannot be taken over, with what helps.
    pub(crate) fn unsupported(
        &mut self,
        keys: &[&str],
        why: &str,
        hint: &str,
        ledger: &mut Ledger,
    ) {
        for key in keys {
            if let Some(value) = self.take(key) {
                let place = self.place(key);
                ledger.hinted(LeftKind::Unsupported, &place, &value.summary(), why, hint);
            }
        }
    }

    /// Reports what nobody asked for.
    pub(crate) fn finish(self, ledger: &mut Ledger) {
        for (key, value) in self.value.entries().unwrap_or_default() {
            if !self.used.contains(key) && !is_empty(value) {
                ledger.setting(&self.place.key(key).at(value.line), key, value);
            }
        }
    }
}

/// A text that is known and does not seem to hold a secret.
pub(crate) fn harmless(value: &Value, place: &Place, ledger: &mut Ledger) -> Option<String> {
    match value.text() {
        Ok(text) => match secret::in_text(&text) {
            Some(what) => {
                let why = format!("it seems to hold {what}, and documents hold no secrets");
                ledger.left(LeftKind::Secret, place, "a text", &why);
                None
            }
            None => Some(text),
        },
        Err(trouble) => {
            ledger.trouble(place, &trouble);
            None
        }
    }
}

/// The text, if it has the form.
pub(crate) fn fitting(
    text: String,
    form: &Form,
    place: &Place,
    ledger: &mut Ledger,
) -> Option<String> {
    if (form.fits)(&text) {
        return Some(text);
    }
    let why = format!("expected {}", form.expected);
    ledger.left(LeftKind::Invalid, place, &text, &why);
    None
}

fn is_empty(value: &Value) -> bool {
    match &value.data {
        Data::Null => true,
        Data::Text(parts) => parts.is_empty() || value.text().is_ok_and(|text| text.is_empty()),
        Data::List(items) => items.is_empty(),
        Data::Object(entries) => entries.is_empty(),
        Data::Flag(_) | Data::Number(_) => false,
    }
}
