//! The suites of results that a recipe's test components store.

use std::collections::BTreeSet;

use crate::desired::{ComponentRef, ComponentUse, Desired};
use crate::names::RecipeName;

/// The parameter by which a component document names its suite otherwise than itself.
const SUITE: &str = "Suite";

/// The suites that images of a recipe have results of, as the documents ask for: one for each component
/// document that takes the output bucket's name. It has the document's name without `-windows`, unless the
/// parameter `Suite` is given a value.
pub fn expected_suites(desired: &Desired, recipe: &RecipeName) -> BTreeSet<String> {
    let folded = recipe.folded();
    let mut entries = desired.recipes.iter();
    let entry = entries.find(|entry| entry.name.folded() == folded);
    let own = entry.into_iter().flat_map(|entry| &entry.components);
    let tests = desired
        .test_components
        .iter()
        .chain(&desired.compliance_scan);
    own.chain(tests).filter_map(suite).collect()
}

fn suite(used: &ComponentUse) -> Option<String> {
    let ComponentRef::Document(document) = &used.component else {
        return None;
    };
    if !document.takes_results_bucket {
        return None;
    }
    let stem = &document.stem;
    let own = stem.strip_suffix("-windows").unwrap_or(stem);
    let given = used.parameters.get(SUITE).map(String::as_str);
    Some(given.unwrap_or(own).to_owned())
}
