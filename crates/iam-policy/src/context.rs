//! What is known about a request: the condition keys and their values.

use std::collections::BTreeMap;

/// The condition keys of a request. The case of a key does not matter. Nothing is known about a key
/// until it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// By the key in lower case; an absent key has no values.
    values: BTreeMap<String, Vec<String>>,
    absent_prefixes: Vec<String>,
}

/// What is known about one condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyValue<'a> {
    /// Nothing: the request may or may not have it.
    Unknown,
    /// The request does not have it.
    Absent,
    /// One value, or several if the key is multivalued.
    Present(&'a [String]),
}

impl Context {
    /// Sets the one value of a key.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.set_all(key, [value]);
    }

    /// Sets all values of a multivalued key. A key without values is absent: IAM calls an empty set
    /// null (IAM User Guide, "Multivalued context key examples").
    pub fn set_all(&mut self, key: &str, values: impl IntoIterator<Item = impl Into<String>>) {
        let values = values.into_iter().map(Into::into).collect();
        self.values.insert(key.to_lowercase(), values);
    }

    /// Says that the request does not have this key.
    pub fn set_absent(&mut self, key: &str) {
        self.set_all(key, [] as [String; 0]);
    }

    /// Says that the request has no keys that start with `prefix`, except those that are set.
    pub fn set_others_absent(&mut self, prefix: &str) {
        self.absent_prefixes.push(prefix.to_lowercase());
    }

    /// What is known about a key.
    pub fn value(&self, key: &str) -> KeyValue<'_> {
        let key = key.to_lowercase();
        let is_excluded = |prefix: &String| key.starts_with(prefix);
        match self.values.get(&key) {
            Some(values) if values.is_empty() => KeyValue::Absent,
            Some(values) => KeyValue::Present(values),
            None if self.absent_prefixes.iter().any(is_excluded) => KeyValue::Absent,
            None => KeyValue::Unknown,
        }
    }
}
