//! What the wildcards of a recipe stood for when its pipeline last built.

use serde::{Deserialize, Serialize};

use crate::common::arn::Arn;

/// What a recipe's wildcards stood for, in the order of the recipe.
pub(crate) type ResolvedVersions = Vec<String>;

/// What the builds of a pipeline were made from. Pipelines whose recipes have no wildcards have
/// none.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct DependencyHistory {
    /// The last build that became AVAILABLE.
    last: Option<ResolvedVersions>,
    /// Builds under way, few at a time.
    running: Vec<(Arn, ResolvedVersions)>,
}

impl DependencyHistory {
    /// A build starts.
    pub fn started(&mut self, image: &Arn, resolved: ResolvedVersions) {
        self.running.push((image.clone(), resolved));
    }

    pub fn knows(&self, resolved: &ResolvedVersions) -> bool {
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
