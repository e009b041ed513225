//! What Amazon manages in each Region: components, workflows and images.

pub(crate) mod components;
pub(crate) mod images;
pub(crate) mod workflows;

use crate::state::State;

/// Puts what Amazon manages into a Region, the first time it is used.
pub(crate) fn open_region(state: &mut State, region: &str) {
    if state.regions.insert(region.to_owned()) {
        let components = components::components(region);
        state
            .components
            .extend(components.map(|component| (component.arn.clone(), component)));
        workflows::workflows(region).for_each(|workflow| state.workflows.add(workflow));
        images::insert(state, region);
    }
}
