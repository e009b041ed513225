//! A map with few entries: a sorted vector that is JSON like any map.

use std::{
    mem,
    ops::{Deref, DerefMut},
};

use litemap::LiteMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::common::text::Text;

/// A map of texts. A leaf of a B-tree has room for eleven entries, and most resources have none or
/// two tags; an empty `LiteMap` would be written as a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SmallMap<V>(LiteMap<Text, V>);

impl<V> SmallMap<V> {
    /// Without entries.
    pub const fn new() -> Self {
        Self(LiteMap::new())
    }

    /// Whether there are no entries; for serde.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Text> {
        self.0.keys()
    }
}

impl<V> Default for SmallMap<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> Deref for SmallMap<V> {
    type Target = LiteMap<Text, V>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<V> DerefMut for SmallMap<V> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<V> FromIterator<(Text, V)> for SmallMap<V> {
    fn from_iter<I: IntoIterator<Item = (Text, V)>>(entries: I) -> Self {
        Self(packed(entries.into_iter().collect()))
    }
}

impl<V> Extend<(Text, V)> for SmallMap<V> {
    fn extend<I: IntoIterator<Item = (Text, V)>>(&mut self, entries: I) {
        self.0.extend(entries);
        self.0 = packed(mem::take(&mut self.0));
    }
}

/// Without room for more: a vector that grows takes room for four at once.
fn packed<V>(map: LiteMap<Text, V>) -> LiteMap<Text, V> {
    let mut entries = map.into_tuple_vec();
    entries.shrink_to_fit();
    LiteMap::from_sorted_store_unchecked(entries)
}

impl<V> IntoIterator for SmallMap<V> {
    type Item = (Text, V);
    type IntoIter = <LiteMap<Text, V> as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'m, V> IntoIterator for &'m SmallMap<V> {
    type Item = (&'m Text, &'m V);
    type IntoIter = <&'m LiteMap<Text, V> as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (&self.0).into_iter()
    }
}

impl<V: Serialize> Serialize for SmallMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for SmallMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        LiteMap::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_a_map_even_if_empty() {
        let mut map = SmallMap::<String>::new();
        assert_eq!(serde_json::to_string(&map).unwrap(), "{}");
        map.extend([("b".into(), "2".to_owned()), ("a".into(), "1".to_owned())]);
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(text, r#"{"a":"1","b":"2"}"#);
        assert_eq!(
            serde_json::from_str::<SmallMap<String>>(&text).unwrap(),
            map
        );
        assert!(
            serde_json::from_str::<SmallMap<String>>("{}")
                .unwrap()
                .is_empty()
        );
    }
}
