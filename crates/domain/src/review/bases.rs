//! Whose AMIs the plan's new versions are built on.

use std::collections::BTreeMap;

use super::{Action, RecipeReview};
use crate::desired::Desired;
use crate::names::AmiId;
use crate::observed::{BaseAmi, Observed};
use crate::owners::Owner;
use crate::plan::Index;
use crate::resources::Wanted;
use crate::stack::StackContext;

/// A sentence for each base AMI of the recipes that get another version: owner, name and date, and what
/// is unusual about it.
pub(super) fn notes(
    desired: &Desired,
    observed: &Observed,
    recipes: &[RecipeReview],
    stack: &StackContext,
) -> Vec<String> {
    let wanted = Wanted::new(desired, stack);
    let index = Index::new(&wanted, observed);
    let mut used: BTreeMap<AmiId, Vec<&str>> = BTreeMap::new();
    for recipe in recipes
        .iter()
        .filter(|recipe| recipe.action != Action::Keep)
    {
        let entry = wanted.entry(&recipe.recipename);
        if let Some(ami) = entry.and_then(|entry| index.view().base_ami(entry)) {
            used.entry(ami)
                .or_default()
                .push(recipe.recipename.as_str());
        }
    }
    let known = observed.catalog.iter();
    let amis = known.flat_map(|catalog| &catalog.base_amis);
    let note = |(ami, base)| {
        let recipes = used.get(ami)?.join(", ");
        Some(sentence(ami, base, &recipes, stack))
    };
    amis.filter_map(note).collect()
}

fn sentence(ami: &AmiId, base: &BaseAmi, recipes: &str, stack: &StackContext) -> String {
    let provenance = &base.provenance;
    let owners = provenance.owners(&stack.account);
    let is_known = |owner: &Owner| !matches!(owner, Owner::Account(_));
    let stranger = provenance.public && !owners.iter().any(is_known);
    let warning = if stranger {
        "; everybody may launch it, and its owner is neither this account, Amazon nor AWS Marketplace"
    } else {
        ""
    };
    format!("the base AMI {ami} of {recipes} is {provenance}{warning}")
}
