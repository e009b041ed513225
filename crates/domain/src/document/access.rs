//! Who may launch the images, whatever is wrong with the documents that do not say so.

use std::collections::{BTreeMap, BTreeSet};

use super::consumers::ResolvedConsumers;
use super::{DocumentFile, ENVIRONMENT, Guesses, Reading, environment, json};
use crate::consumers::Consumers;
use crate::desired::{Desired, RegionSettings};
use crate::names::Region;

/// What the documents say of access alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// Who may launch the images.
    pub consumers: Consumers,
    /// Where they get them, and under which keys; without the launch templates, which name recipes.
    pub regions: BTreeMap<Region, RegionSettings>,
}

impl Access {
    /// What `desired` asks for, with this access.
    #[must_use]
    pub fn of(self, desired: Desired) -> Desired {
        let Self { consumers, regions } = self;
        Desired {
            regions,
            consumers,
            ..desired
        }
    }
}

/// Who may launch the images, from the documents that say so: `environment.json` and the workload accounts of its
/// Regions. Nothing else is read: a mistake in an entry or in a component is no reason to keep an account's access.
///
/// Errors: the keys of those documents that have a problem, or that are needed and not there.
pub fn access(files: &[DocumentFile]) -> Result<Access, BTreeSet<String>> {
    let guesses = Guesses::default();
    let mut reading = Reading::new(files, &guesses);
    let environment = reading
        .needed(ENVIRONMENT, json::tree, environment::read)
        .unwrap_or_default();
    let workloads = reading.workload_accounts(&environment);
    let consumers = ResolvedConsumers::new(
        &environment.consumers,
        &workloads,
        environment.workload_accounts,
    );
    reading.problems.extend(consumers.problems());
    let problems = reading.problems.first().iter();
    let mut wrong: BTreeSet<String> = problems.map(|problem| problem.file.clone()).collect();
    wrong.extend(reading.absent);
    match consumers.resolve() {
        Some(consumers) if wrong.is_empty() => Ok(Access {
            consumers,
            regions: environment.regions.resolve(&[]),
        }),
        Some(_) | None => Err(wrong),
    }
}
