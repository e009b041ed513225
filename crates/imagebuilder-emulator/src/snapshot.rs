//! Snapshots: everything the emulator knows, as JSON that can be put back.
//!
//! A snapshot holds the state and the virtual time, with the faults of builds and events. It holds
//! neither the faults of calls nor the log of calls: these belong to the test, not to the world.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::arn::Arn,
    records::{
        distribution::DistributionConfiguration, infrastructure::InfrastructureConfiguration,
        recipe::Recipe, workflow_list::WorkflowConfiguration,
    },
    state::State,
};

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// A snapshot as it is written.
#[derive(Serialize)]
pub(crate) struct SnapshotRef<'s> {
    format: u32,
    time: Timestamp,
    state: &'s State,
}

/// A snapshot as it is read.
#[derive(Deserialize)]
pub(crate) struct Snapshot {
    /// The virtual time at which the snapshot was taken.
    pub time: Timestamp,
    /// Everything else.
    pub state: State,
}

/// Why a text is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It is not the JSON that a snapshot is made of.
    #[error("this is not a snapshot of the emulator")]
    Malformed(#[from] serde_json::Error),
    /// Another version of the emulator has written it.
    #[error("the snapshot has format {found}, expected {FORMAT}: it is another version's")]
    Format {
        /// The format it says it has.
        found: u32,
    },
}

/// The snapshot of a state.
pub(crate) fn written(state: &State, time: Timestamp) -> serde_json::Result<String> {
    serde_json::to_string(&SnapshotRef {
        format: FORMAT,
        time,
        state,
    })
}

/// The snapshot in a text.
pub(crate) fn read(text: &[u8]) -> Result<Snapshot, SnapshotError> {
    let Head { format } = serde_json::from_slice(text)?;
    if format != FORMAT {
        return Err(SnapshotError::Format { found: format });
    }
    let mut snapshot: Snapshot = serde_json::from_slice(text)?;
    share(&mut snapshot.state);
    Ok(snapshot)
}

/// The part of a snapshot that has the same form in each version.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// Images hold the configurations they started with: in JSON each has its own copy, in memory
/// those that are equal are one.
fn share(state: &mut State) {
    let mut recipes = Pool::of(state.recipes.values());
    let mut infrastructures = Pool::of(state.infrastructures.values());
    let mut distributions = Pool::of(state.distributions.values());
    let of_pipelines = state
        .pipelines
        .values()
        .filter_map(|pipeline| pipeline.settings.workflows.as_ref());
    let mut workflows = Pool::of(of_pipelines);
    for image in state.images.values_mut() {
        workflows.share(&mut image.workflows);
        recipes.share(&mut image.recipe);
        infrastructures.share(&mut image.infrastructure);
        image
            .distribution
            .iter_mut()
            .for_each(|used| distributions.share(used));
    }
}

/// Something that is stored under its ARN.
trait Stored: PartialEq {
    /// Absent from an empty list.
    fn arn(&self) -> Option<&Arn>;
}

impl Stored for Vec<WorkflowConfiguration> {
    fn arn(&self) -> Option<&Arn> {
        self.first().map(|first| &first.workflow_arn)
    }
}

impl Stored for Recipe {
    fn arn(&self) -> Option<&Arn> {
        Some(&self.arn)
    }
}

impl Stored for InfrastructureConfiguration {
    fn arn(&self) -> Option<&Arn> {
        Some(&self.arn)
    }
}

impl Stored for DistributionConfiguration {
    fn arn(&self) -> Option<&Arn> {
        Some(&self.arn)
    }
}

/// The different contents that were seen under each ARN.
struct Pool<T>(BTreeMap<Option<Arn>, Vec<Arc<T>>>);

impl<T: Stored> Pool<T> {
    fn of<'t>(known: impl Iterator<Item = &'t Arc<T>>) -> Self
    where
        T: 't,
    {
        Self(
            known
                .map(|one| (one.arn().cloned(), vec![Arc::clone(one)]))
                .collect(),
        )
    }

    fn share(&mut self, one: &mut Arc<T>) {
        let seen = self.0.entry(one.arn().cloned()).or_default();
        match seen.iter().find(|known| ***known == **one) {
            Some(known) => *one = Arc::clone(known),
            None => seen.push(Arc::clone(one)),
        }
    }
}
