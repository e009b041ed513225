//! The suites of results that a recipe's test components store.

use std::collections::BTreeSet;

use crate::desired::{ComponentRef, ComponentUse, Desired, SUITE};
use crate::names::RecipeName;

/// The suites that images of a recipe have results of, as the documents ask for: one for each component
/// document that takes the output bucket's name. It has the value of the parameter `Suite`, or its default, or else
/// the document's name without `-windows`.
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
    let given = used.parameters.get(SUITE).or(document.suite.as_ref());
    Some(given.map_or(own, String::as_str).to_owned())
}
