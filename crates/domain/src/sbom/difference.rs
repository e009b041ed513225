//! What one software list has that another does not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Package;

/// What changed from one list to another, by name. A name may have several versions: kernels stand side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// What was not there before.
    pub added: Vec<Changed>,
    /// What is not there any more.
    pub removed: Vec<Changed>,
    /// What has other versions now.
    pub changed: Vec<Changed>,
}

impl Difference {
    /// Whether both lists are the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// A package with its versions on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Changed {
    /// The package.
    pub name: String,
    /// Its versions before.
    pub before: Vec<String>,
    /// Its versions now.
    pub after: Vec<String>,
}

/// What changed between two lists, in order of the names.
pub fn difference(before: &BTreeSet<Package>, after: &BTreeSet<Package>) -> Difference {
    let (before, after) = (by_name(before), by_name(after));
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut all = Difference::default();
    for name in names {
        let versions = |side: &BTreeMap<&str, Vec<String>>| side.get(name).cloned();
        let (old, new) = (versions(&before), versions(&after));
        let list = match (&old, &new) {
            _ if old == new => continue,
            (None, _) => &mut all.added,
            (_, None) => &mut all.removed,
            (Some(_), Some(_)) => &mut all.changed,
        };
        list.push(Changed {
            name: name.to_owned(),
            before: old.unwrap_or_default(),
            after: new.unwrap_or_default(),
        });
    }
    all
}

fn by_name(packages: &BTreeSet<Package>) -> BTreeMap<&str, Vec<String>> {
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for package in packages {
        let versions = names.entry(&package.name).or_default();
        versions.push(package.version.clone());
    }
    names
}
