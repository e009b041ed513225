//! `components/*.yml`: Image Builder component documents, schema 1.0.
//!
//! Checked is what the service refuses or, worse, does not notice until an instance runs: the
//! shape, the names and the actions. What an action does with its inputs is left to the service,
//! and keys that are unknown here are not refused, since it may know them.

use std::collections::BTreeSet;

use super::components::DocumentKey;
use super::fields::Keys;
use super::parameters::{self, Declared};
use super::reader::{Cursor, Source};
use super::repeated::record_repeated;
use super::spelling::one_of;
use super::tree::Node;
use super::yaml;
use crate::desired::{ComponentDocument, Platform};
use crate::digest;
use crate::problem::Problem;

/// The most characters Image Builder takes as inline data (API reference, `CreateComponent`).
const LONGEST: usize = 16_000;

/// A component document, with the phases that it has and the parameters that it takes.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) document: ComponentDocument,
    pub(super) phases: BTreeSet<Phase>,
    pub(super) parameters: Declared,
}

/// A phase of a build (user guide, "Component document workflow").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Changes the instance.
    Build,
    /// Checks the instance before the snapshot.
    Validate,
    /// Checks an instance of the built image.
    Test,
}

const PHASES: [(&str, Phase); 3] = [
    ("build", Phase::Build),
    ("validate", Phase::Validate),
    ("test", Phase::Test),
];

/// What an action module asks for.
#[derive(Clone, Copy)]
struct Action {
    /// The platform, if it works on one only.
    platform: Option<Platform>,
    /// Whether it is nothing without inputs.
    needs_inputs: bool,
}

const ANYWHERE: Action = Action {
    platform: None,
    needs_inputs: true,
};
const BARE: Action = Action {
    needs_inputs: false,
    ..ANYWHERE
};
const LINUX: Action = Action {
    platform: Some(Platform::Linux),
    ..ANYWHERE
};
const WINDOWS: Action = Action {
    platform: Some(Platform::Windows),
    ..ANYWHERE
};

/// The action modules (user guide, "Action modules supported by AWSTOE").
const ACTIONS: [(&str, Action); 30] = [
    ("AppendFile", ANYWHERE),
    ("Assert", ANYWHERE),
    ("CopyFile", ANYWHERE),
    ("CopyFolder", ANYWHERE),
    ("CreateFile", ANYWHERE),
    ("CreateFolder", ANYWHERE),
    ("CreateSymlink", ANYWHERE),
    ("DeleteFile", ANYWHERE),
    ("DeleteFolder", ANYWHERE),
    ("ExecuteBash", LINUX),
    ("ExecuteBinary", ANYWHERE),
    ("ExecuteDocument", ANYWHERE),
    ("ExecutePowerShell", WINDOWS),
    ("InstallMSI", WINDOWS),
    ("ListFiles", ANYWHERE),
    ("MoveFile", ANYWHERE),
    ("MoveFolder", ANYWHERE),
    ("ReadFile", ANYWHERE),
    ("Reboot", BARE),
    ("S3Download", ANYWHERE),
    ("S3Upload", ANYWHERE),
    ("SetFileEncoding", ANYWHERE),
    ("SetFileOwner", ANYWHERE),
    ("SetFilePermissions", ANYWHERE),
    ("SetFolderOwner", ANYWHERE),
    ("SetFolderPermissions", ANYWHERE),
    ("SetRegistry", WINDOWS),
    ("UninstallMSI", WINDOWS),
    ("UpdateOS", BARE),
    ("WebDownload", ANYWHERE),
];

/// The tree of a component document; a longer text than the service takes is not parsed.
pub(super) fn tree<'a>(source: &Source<'a>) -> Result<Node<'a>, Box<Problem>> {
    let characters = source.text().chars().count();
    if characters > LONGEST {
        let expected = format!("at most {LONGEST} characters, Image Builder's limit");
        return Err(source
            .place(0)
            .problem(format!("{characters} characters"), expected)
            .into());
    }
    yaml::tree(source)
}

/// What one phase says, and where.
struct PhaseEntry<'a> {
    phase: Phase,
    name: Cursor<'a>,
    steps: Vec<Step<'a>>,
}

/// What one step says, and where.
struct Step<'a> {
    name: &'a str,
    name_at: Cursor<'a>,
    action_at: Cursor<'a>,
    platform: Option<Platform>,
}

/// The component, unless the document has a problem.
pub(super) fn read(at: Cursor<'_>, key: &DocumentKey) -> Option<Component> {
    let fields = at.object(Keys::AmongOthers)?;
    fields.required("schemaVersion", schema_version);
    let parameters = parameters::declared(&fields);
    let phases = fields.required("phases", |at| at.some("phase", phase))?;
    record_repeated(
        &phases,
        |entry| entry.phase,
        |entry| entry.name,
        "each phase once",
    );
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
    };
    Some(Component {
        document,
        phases: phases.iter().map(|entry| entry.phase).collect(),
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

fn phase(at: Cursor<'_>) -> Option<PhaseEntry<'_>> {
    let fields = at.object(Keys::AmongOthers)?;
    let expected = one_of(PHASES.map(|(name, _)| name));
    let name = fields.required("name", |at| Some((at.choice(&expected, &PHASES)?, at)));
    let steps = fields
        .required("steps", |at| at.some("step", step))
        .unwrap_or_default();
    record_repeated(
        &steps,
        |step| step.name,
        |step| step.name_at,
        "each step name once in a phase",
    );
    let (phase, name) = name?;
    Some(PhaseEntry { phase, name, steps })
}

fn step(at: Cursor<'_>) -> Option<Step<'_>> {
    let fields = at.object(Keys::AmongOthers)?;
    let name = fields.required("name", |at| Some((at.text()?, at)));
    let action = fields.required("action", |at| Some((action(at)?, at)));
    if action.is_none_or(|(action, _)| action.needs_inputs) {
        fields.required("inputs", Some);
    }
    let ((name, name_at), (action, action_at)) = (name?, action?);
    Some(Step {
        name,
        name_at,
        action_at,
        platform: action.platform,
    })
}

fn action(at: Cursor<'_>) -> Option<Action> {
    at.choice(
        "an action of the component framework, such as `ExecuteBash`",
        &ACTIONS,
    )
}

/// The platform that the actions ask for, Linux if they run on both; two at once are a problem.
fn platform(phases: &[PhaseEntry<'_>]) -> Platform {
    let steps = || phases.iter().flat_map(|entry| &entry.steps);
    let first = steps().find_map(|step| Some((step.platform?, step.action_at)));
    let Some((platform, first)) = first else {
        return Platform::Linux;
    };
    let other = |step: &&Step<'_>| step.platform.is_some_and(|other| other != platform);
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
