//! The components that an environment names: somebody else's by ARN, or documents of ours.

use std::str::FromStr;

use super::component::{Component, Phase};
use super::reader::{At, repeated};
use crate::names::{ComponentArn, NameError, fold};
use crate::problem::{Place, Problem};

/// A component as `environment.json` names it.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) target: Target,
    pub(super) place: Place,
}

/// What a reference points at.
#[derive(Debug)]
pub(super) enum Target {
    Arn(ComponentArn),
    Document(DocumentKey),
}

/// The key of a component document, such as `components/harden.yml`.
#[derive(Debug, Clone)]
pub(super) struct DocumentKey {
    pub(super) key: String,
    /// The last part without its ending: it becomes the last part of the component's name.
    pub(super) stem: String,
}

impl FromStr for DocumentKey {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        const EXPECTED: &str = "a component ARN, or a document such as `components/harden.yml`, its \
            name 1 to 64 letters, digits, `-` or `_`";
        let name = text.strip_prefix("components/");
        let stem = name.and_then(|n| n.strip_suffix(".yml").or_else(|| n.strip_suffix(".yaml")));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        match stem {
            Some(stem) if (1..=64).contains(&stem.len()) && stem.bytes().all(allowed) => {
                Ok(Self { key: text.to_owned(), stem: stem.to_owned() })
            }
            _ => Err(NameError { found: text.to_owned(), expected: EXPECTED }),
        }
    }
}

impl Reference {
    /// The document, if it is one of ours.
    pub(super) fn document(&self) -> Option<&DocumentKey> {
        match &self.target {
            Target::Arn(_) => None,
            Target::Document(document) => Some(document),
        }
    }

    /// The text of the reference.
    fn as_str(&self) -> &str {
        match &self.target {
            Target::Arn(arn) => arn.as_str(),
            Target::Document(document) => &document.key,
        }
    }

    /// What must not be there twice: an ARN up to its version, or a document's folded name.
    fn identity(&self) -> String {
        match &self.target {
            Target::Arn(arn) => arn.as_str().split('/').take(2).collect::<Vec<_>>().join("/"),
            Target::Document(document) => fold(&document.stem),
        }
    }
}

pub(super) fn reference(at: At<'_>) -> Option<Reference> {
    let target = if at.text()?.starts_with("arn:") {
        Target::Arn(at.parsed()?)
    } else {
        Target::Document(at.parsed()?)
    };
    Some(Reference { target, place: at.place() })
}

/// Records components that are listed twice: Image Builder takes each once, with all its phases.
pub(super) fn record_repeated(at: At<'_>, build: &[Reference], test: &[Reference]) {
    let all: Vec<&Reference> = build.iter().chain(test).collect();
    for (first, again) in repeated(&all, |reference| reference.identity()) {
        at.record(repeated_reference(first, again));
    }
}

fn repeated_reference(first: &Reference, again: &Reference) -> Problem {
    let problem = again.place.problem(again.as_str(), "each component once");
    let line = first.place.line;
    problem.hint(if first.as_str() == again.as_str() {
        format!("it is in line {line} too, and runs all of its phases once it is listed")
    } else {
        format!("Image Builder takes it for `{}` in line {line}", first.as_str())
    })
}

/// What a component must bring to be of use in a list of the environment.
pub(super) struct Role {
    phases: &'static [Phase],
    expected: &'static str,
}

/// The build runs these phases before it takes the snapshot.
pub(super) const BUILD: Role = Role {
    phases: &[Phase::Build, Phase::Validate],
    expected: "a document with a `build` or `validate` phase",
};

/// The test runs this phase on an instance of the built image.
pub(super) const TEST: Role = Role { phases: &[Phase::Test], expected: "a document with a `test` phase" };

impl Role {
    /// A problem where `component` is listed, if none of its phases would ever run there.
    pub(super) fn problem(&self, reference: &Reference, component: &Component) -> Option<Problem> {
        let useless = self.phases.iter().all(|phase| !component.phases.contains(phase));
        useless.then(|| reference.place.problem(reference.as_str(), self.expected))
    }
}
