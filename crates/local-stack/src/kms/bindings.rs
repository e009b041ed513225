//! Which roles and users the policies of keys mean: the ones that existed when they were written.
//!
//! These are facts of the moment of a write, not a cache: ministack keeps only the names.

use std::collections::HashMap;

use super::evaluate::Ids;

/// The ids that each key's policy means.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    by_key: HashMap<String, (String, Ids)>,
}

impl Bindings {
    /// What `policy` of `key` means, if it is the one that was bound.
    pub fn of(&self, key: &str, policy: &str) -> Option<Ids> {
        self.by_key
            .get(key)
            .filter(|(text, _)| text == policy)
            .map(|(_, ids)| ids.clone())
    }

    /// What the policy that was just written to `key` means.
    pub fn bind(&mut self, key: &str, policy: &str, ids: Ids) {
        self.by_key.insert(key.to_owned(), (policy.to_owned(), ids));
    }
}
