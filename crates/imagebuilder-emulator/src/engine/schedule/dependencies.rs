//! The start condition of dependency updates: what a recipe's wildcards stand for.

use crate::{
    common::{arn::Arn, lookup, version::Version},
    records::{dependencies::ResolvedVersions, recipe::Recipe},
    state::{State, images},
};

/// What the wildcards of a recipe stand for now; empty if it has none.
///
/// These are components with an `x` in their version, a parent image with one, and a parent in an
/// SSM parameter. What does not exist yet stands for nothing.
pub(crate) fn resolved(state: &State, recipe: &Recipe) -> ResolvedVersions {
    let components = recipe
        .settings
        .components
        .iter()
        .map(|used| &used.component_arn);
    let floating = components.filter(|arn| arn.version.is_some_and(Version::is_wildcard));
    let newest =
        |arn: &Arn| lookup::newest(&state.components, arn).map(|(found, _)| found.to_string());
    let components = floating.map(|arn| newest(arn).unwrap_or_default());
    components.chain(parent(state, recipe)).collect()
}

/// What the parent image stands for, unless it is always the same.
fn parent(state: &State, recipe: &Recipe) -> Option<String> {
    let parent = &recipe.settings.parent_image;
    if let Some(parameter) = parent.strip_prefix("ssm:") {
        let Arn {
            account, region, ..
        } = &recipe.arn;
        let found = state.parameters.named(region, account, parameter);
        return Some(found.map(|found| found.value.clone()).unwrap_or_default());
    }
    let arn: Arn = parent
        .parse()
        .ok()
        .filter(|arn: &Arn| arn.version.is_some_and(Version::is_wildcard))?;
    Some(
        images::newest_available(&state.images, &arn)
            .map(|image| image.arn.to_string())
            .unwrap_or_default(),
    )
}

/// Whether there is something that neither the pipeline's last successful build nor one under way
/// is made from.
pub(crate) fn updates(state: &State, pipeline: &Arn, recipe: &Recipe) -> bool {
    let resolved = resolved(state, recipe);
    let known = state
        .runs
        .get(pipeline)
        .is_some_and(|memory| memory.knows(&resolved));
    !resolved.is_empty() && !known
}
