//! `components/*.yml`: Image Builder component documents, schema 1.0.
//!
//! Checked is what the service refuses or, worse, does not notice until an instance runs: the
//! shape, the names, the actions with their inputs, and the references. It is refused here whatever
//! `CreateComponent` would refuse; a test compares both over the same documents. Outside of steps, keys
//! that are unknown here are not refused, since the service may know them.

mod actions;
mod references;
mod step;
mod values;

use std::collections::BTreeSet;

use self::step::{Step, step};
use super::fields::{Fields, Keys};
use super::parameters::{self, Declared};
use super::reader::{Cursor, Source};
use super::reference::DocumentKey;
use super::repeated::record_repeated;
use super::spelling::{one_of, with_guess};
use super::tree::Node;
use super::yaml;
use crate::desired::{ComponentDocument, Platform, RESULTS_BUCKET, SUITE};
use crate::digest;
use crate::problem::Problem;

/// The most bytes of a component, the quota "component size" of the AWS General Reference. What is longer
/// than the service takes inline is given to it by its place in S3.
const MOST_BYTES: usize = 65_536;

/// A component document, with the phases that it has and the parameters that it takes.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) document: ComponentDocument,
    pub(super) phases: BTreeSet<Phase>,
    pub(super) parameters: Declared,
}

/// A phase that a build of an AMI runs (user guide, "Component document workflow").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Changes the instance.
    Build,
    /// Checks the instance before the snapshot.
    Validate,
    /// Checks an instance of the built image.
    Test,
}

/// One of them must be there. Others may stand beside: `container-host-test`, and phases of one's own,
/// which only `awstoe` runs.
const PHASES: [(&str, Phase); 3] = [
    ("build", Phase::Build),
    ("validate", Phase::Validate),
    ("test", Phase::Test),
];

/// The tree of a component document; a longer text than the service takes is not parsed.
pub(super) fn tree<'a>(source: &Source<'a>) -> Result<Node<'a>, Box<Problem>> {
    let bytes = source.text().len();
    if bytes > MOST_BYTES {
        let expected = format!("at most {MOST_BYTES} bytes, Image Builder's limit");
        return Err(source
            .place(0)
            .problem(format!("{bytes} bytes"), expected)
            .into());
    }
    yaml::tree(source)
}

/// What one phase says, and where.
struct PhaseEntry<'a> {
    name: &'a str,
    name_at: Cursor<'a>,
    steps: Vec<Step<'a>>,
}

/// The component, unless the document has a problem.
pub(super) fn read(at: Cursor<'_>, key: &DocumentKey) -> Option<Component> {
    let fields = at.object(Keys::AmongOthers)?;
    for key in ["name", "description"] {
        values::optional_text(&fields, key);
    }
    fields.required("schemaVersion", schema_version);
    let parameters = parameters::declared(&fields);
    let constants = parameters::constants(&fields, &parameters);
    let phases = phases(&fields)?;
    references::record_lost(&phases, &parameters, &constants);
    let platform = platform(&phases);
    if !at.is_flawless() {
        return None;
    }
    let data = at.document_text().to_owned();
    let digest = digest::of_bytes(data.as_bytes());
    let DocumentKey { key, stem } = key.clone();
    let document = ComponentDocument {
        key,
        stem,
        platform,
        data,
        digest,
        takes_results_bucket: parameters.contains_key(RESULTS_BUCKET),
        suite: parameters::default_of(&parameters, SUITE),
    };
    Some(Component {
        document,
        phases: phases.iter().filter_map(PhaseEntry::phase).collect(),
        parameters,
    })
}

/// The version, written as a number or as a string; `1` is how AWS's own examples have it at times.
fn schema_version(at: Cursor<'_>) -> Option<()> {
    match at.scalar() {
        Some("1.0" | "1") => Some(()),
        _ => at.expected("1.0, the only schema version"),
    }
}

impl PhaseEntry<'_> {
    /// The phase that it is, unless it is one that no build of an AMI runs.
    fn phase(&self) -> Option<Phase> {
        let known = PHASES.iter().find(|(name, _)| *name == self.name);
        known.map(|(_, phase)| *phase)
    }
}

/// The phases, of which one must be of use.
fn phases<'a>(fields: &Fields<'a>) -> Option<Vec<PhaseEntry<'a>>> {
    let (phases, at) = fields.required("phases", |at| Some((at.some("phase", phase)?, at)))?;
    record_repeated(
        &phases,
        |entry| entry.name,
        |entry| entry.name_at,
        "each phase once",
    );
    let is_of_use = phases.iter().any(|entry| entry.phase().is_some());
    let are_all = at.list(Some).is_some_and(|all| all.len() == phases.len());
    if are_all && !is_of_use {
        record_useless(&phases);
    }
    Some(phases)
}

/// Records at the first phase that there is none which runs.
fn record_useless(phases: &[PhaseEntry<'_>]) {
    let Some(PhaseEntry { name, name_at, .. }) = phases.first() else {
        return;
    };
    let known = PHASES.map(|(name, _)| name);
    let expected = format!("at least one phase that is {}", one_of(known));
    let problem = name_at.problem(expected);
    let near = name_at.nearest(name, known);
    name_at.record(with_guess(problem, near));
}

fn phase(at: Cursor<'_>) -> Option<PhaseEntry<'_>> {
    let fields = at.object(Keys::AmongOthers)?;
    let name = fields.required("name", |at| Some((step::word(at, "a phase")?, at)));
    let steps = fields
        .required("steps", |at| at.some("step", step))
        .unwrap_or_default();
    record_repeated(
        &steps,
        |step| step.name,
        |step| step.name_at,
        "each step name once in a phase",
    );
    let loops: Vec<_> = steps.iter().filter_map(|step| step.name_of_loop).collect();
    record_repeated(
        &loops,
        |name| name.written(),
        |name| *name,
        "each loop name once in a phase",
    );
    let (name, name_at) = name?;
    Some(PhaseEntry {
        name,
        name_at,
        steps,
    })
}

/// The platform that the actions ask for, Linux if they run on both; two at once are a problem.
fn platform(phases: &[PhaseEntry<'_>]) -> Platform {
    let steps = || phases.iter().flat_map(|entry| &entry.steps);
    let first = steps().find_map(|step| Some((step.action.platform?, step.action_at)));
    let Some((platform, first)) = first else {
        return Platform::Linux;
    };
    let other = |step: &&Step<'_>| step.action.platform.is_some_and(|other| other != platform);
    for step in steps().filter(other) {
        let hint = format!(
            "the action in line {} needs {}",
            first.place().line,
            platform.as_str()
        );
        let problem = step
            .action_at
            .problem(format!("an action for {}", platform.as_str()));
        step.action_at.record(problem.hint(hint));
    }
    platform
}
