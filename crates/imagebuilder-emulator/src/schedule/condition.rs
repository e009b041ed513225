//! The start condition of dependency updates: what a recipe's wildcards stand for.

use serde::{Deserialize, Serialize};

use crate::{
    arn::{Arn, Version},
    resources::{image, recipe::Recipe},
    state::{self, State},
};

/// What a recipe's wildcards stood for, in the order of the recipe.
type Resolved = Vec<String>;

/// What the builds of a pipeline were made from. Pipelines whose recipes have no wildcards have
/// none.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// The last build that became AVAILABLE.
    last: Option<Resolved>,
    /// Builds under way, few at a time.
    running: Vec<(Arn, Resolved)>,
}

impl Memory {
    /// A build starts.
    pub fn started(&mut self, image: &Arn, resolved: Resolved) {
        self.running.push((image.clone(), resolved));
    }

    fn knows(&self, resolved: &Resolved) -> bool {
        let running = self.running.iter().map(|(_, resolved)| resolved);
        self.last
            .iter()
            .chain(running)
            .any(|made_from| made_from == resolved)
    }

    /// A build is over; one that failed leaves the update to be tried again.
    pub fn ended(&mut self, image: &Arn, successful: bool) {
        let position = self
            .running
            .iter()
            .position(|(running, _)| running == image);
        let made_from = position.map(|position| self.running.swap_remove(position).1);
        if successful && made_from.is_some() {
            self.last = made_from;
        }
    }
}

/// What the wildcards of a recipe stand for now; empty if it has none.
///
/// These are components with an `x` in their version, a parent image with one, and a parent in an
/// SSM parameter. What does not exist yet stands for nothing.
pub(super) fn resolved(state: &State, recipe: &Recipe) -> Resolved {
    let components = recipe
        .settings
        .components
        .iter()
        .map(|used| &used.component_arn);
    let floating = components.filter(|arn| arn.version.is_some_and(Version::is_wildcard));
    let newest =
        |arn: &Arn| state::newest(&state.components, arn).map(|(found, _)| found.to_string());
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
        image::resolve(&state.images, &arn)
            .map(|image| image.arn.to_string())
            .unwrap_or_default(),
    )
}

/// Whether there is something that neither the pipeline's last successful build nor one under way
/// is made from.
pub(super) fn updates(state: &State, pipeline: &Arn, recipe: &Recipe) -> bool {
    let resolved = resolved(state, recipe);
    let known = state
        .runs
        .get(pipeline)
        .is_some_and(|memory| memory.knows(&resolved));
    !resolved.is_empty() && !known
}
