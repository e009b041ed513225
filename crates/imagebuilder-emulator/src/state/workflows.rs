//! All workflow builds.
//!
//! A deleted build stays known to the executions that ran it. So executions need not carry a
//! document each.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    common::{
        arn::{Arn, Kind},
        lookup,
        tags::Tags,
        version::Version,
    },
    records::{
        workflow::{Workflow, WorkflowId},
        workflow_list::{WorkflowConfiguration, WorkflowList},
    },
};

/// All workflow builds of the emulator.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Workflows {
    known: Vec<Workflow>,
    existing: BTreeMap<Arn, WorkflowId>,
    /// Kept, so that images share them.
    defaults: BTreeMap<String, WorkflowList>,
}

impl Workflows {
    /// Adds a build.
    pub fn add(&mut self, workflow: Workflow) {
        let id = WorkflowId(u32::try_from(self.known.len()).unwrap_or(u32::MAX));
        self.existing.insert(workflow.arn.clone(), id);
        self.known.push(workflow);
    }

    /// A build that was there once.
    pub fn get(&self, id: WorkflowId) -> Option<&Workflow> {
        self.known.get(id.0 as usize)
    }

    /// The newest existing build that a reference matches.
    pub fn newest(&self, reference: &Arn) -> Option<(WorkflowId, &Workflow)> {
        let (_, id) = lookup::newest(&self.existing, reference)?;
        Some((*id, self.get(*id)?))
    }

    /// The existing builds of the kind, account and Region of `first`, in order.
    pub fn all(&self, first: &Arn) -> impl Iterator<Item = &Workflow> {
        let ids: Vec<_> = lookup::all(&self.existing, first)
            .map(|(_, id)| *id)
            .collect();
        ids.into_iter().filter_map(|id| self.get(id))
    }

    /// The workflows of Amazon's that run in a Region where none are named, at their newest builds.
    pub fn defaults(&mut self, region: &str) -> WorkflowList {
        if let Some(known) = self.defaults.get(region) {
            return Arc::clone(known);
        }
        let newest = |name: &(Kind, &str)| {
            let series = Arn::new(region, "aws", name.0, name.1).at(Version::ANY);
            self.newest(&series)
                .map(|(_, workflow)| WorkflowConfiguration::of(workflow.arn.clone()))
        };
        let list: WorkflowList = Arc::new(DEFAULTS.iter().filter_map(newest).collect());
        self.defaults.insert(region.to_owned(), Arc::clone(&list));
        list
    }

    /// Forgets that a build exists.
    pub fn remove(&mut self, arn: &Arn) {
        self.existing.remove(arn);
    }

    /// The tags of an existing build.
    pub fn tags(&mut self, arn: &Arn) -> Option<&mut Tags> {
        let id = self.existing.get(arn)?;
        self.known
            .get_mut(id.0 as usize)
            .map(|workflow| &mut workflow.tags)
    }
}

/// What runs if no workflows are named. Image Builder distributes by itself then: no execution of a
/// distribution workflow shows in the API Reference's example of such an image.
const DEFAULTS: [(Kind, &str); 2] = [
    (Kind::BuildWorkflow, "build-image"),
    (Kind::TestWorkflow, "test-image"),
];
