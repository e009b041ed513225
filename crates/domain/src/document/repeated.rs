//! What stands twice where it may stand once.

use std::collections::BTreeMap;

use super::reader::Cursor;

/// The items whose identity was there before, each with the first that had it.
pub(super) fn repeated<'i, T, K: Ord>(
    items: &'i [T],
    identity: impl Fn(&'i T) -> K,
) -> Vec<(&'i T, &'i T)> {
    let mut first: BTreeMap<K, &'i T> = BTreeMap::new();
    let mut pairs = Vec::new();
    for item in items {
        let seen = *first.entry(identity(item)).or_insert(item);
        if !std::ptr::eq(seen, item) {
            pairs.push((seen, item));
        }
    }
    pairs
}

/// Records the items whose identity was there before, each at its place.
pub(super) fn record_repeated<'i, 'a, T, K: Ord>(
    items: &'i [T],
    identity: impl Fn(&'i T) -> K,
    at: impl Fn(&'i T) -> Cursor<'a>,
    expected: &str,
) {
    for (first, again) in repeated(items, identity) {
        let (first, again) = (at(first), at(again));
        let hint = format!("the first is in line {}", first.place().line);
        again.record(again.problem(expected).hint(hint));
    }
}
