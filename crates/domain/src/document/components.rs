//! The components that an environment names: somebody else's by ARN, or documents of ours.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::component::{Component, Phase};
use super::environment::EnvironmentDocument;
use super::fields::Keys;
use super::parameters::{self, Given};
use super::reader::Cursor;
use super::repeated::repeated;
use crate::desired::{ComponentRef, ComponentUse};
use crate::names::{ComponentArn, NameError, fold};
use crate::problem::{Place, Problem};

/// The keys of a component that is an object.
pub(super) const KEYS: &[&str] = &["component", "parameters"];

/// A component as a document names it.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) target: Target,
    pub(super) parameters: BTreeMap<String, Given>,
    pub(super) place: Place,
}

/// What a reference points at.
#[derive(Debug, Clone)]
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
            Some(stem) if (1..=64).contains(&stem.len()) && stem.bytes().all(allowed) => Ok(Self {
                key: text.to_owned(),
                stem: stem.to_owned(),
            }),
            _ => Err(NameError {
                found: text.to_owned(),
                expected: EXPECTED,
            }),
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
    pub(super) fn as_str(&self) -> &str {
        match &self.target {
            Target::Arn(arn) => arn.as_str(),
            Target::Document(document) => &document.key,
        }
    }

    /// What must not be there twice: an ARN up to its version, or a document's folded name.
    pub(super) fn identity(&self) -> String {
        match &self.target {
            Target::Arn(arn) => arn
                .as_str()
                .split('/')
                .take(2)
                .collect::<Vec<_>>()
                .join("/"),
            Target::Document(document) => fold(&document.stem),
        }
    }

    /// The problem that `first` is this component, too.
    pub(super) fn repeats(&self, first: &Self) -> Problem {
        let problem = self.place.problem(self.as_str(), "each component once");
        let (line, file) = (first.place.line, &first.place.file);
        let elsewhere = if self.place.file == *file {
            String::new()
        } else {
            format!(" of {file}")
        };
        problem.hint(if first.as_str() == self.as_str() {
            format!("line {line}{elsewhere} lists it already; a component runs all of its phases")
        } else {
            format!(
                "Image Builder takes it for `{}` in line {line}{elsewhere}",
                first.as_str()
            )
        })
    }

    /// What is wrong with the values that it gives to the parameters of a document of ours.
    pub(super) fn unfitting(&self, component: &Component) -> Vec<Problem> {
        parameters::unfitting(
            &component.document.key,
            &component.parameters,
            &self.parameters,
        )
    }

    /// The parameters of a document of ours that have a value neither here nor in `further`.
    pub(super) fn missing(
        &self,
        component: &Component,
        further: &BTreeMap<String, Given>,
    ) -> Vec<Problem> {
        let is_given =
            |name: &str| self.parameters.contains_key(name) || further.contains_key(name);
        parameters::missing(
            &component.document.key,
            &component.parameters,
            is_given,
            &self.place,
        )
    }

    /// The component as a recipe runs it; none if its document has a problem.
    pub(super) fn resolve(&self, components: &BTreeMap<String, Component>) -> Option<ComponentUse> {
        let component = match &self.target {
            Target::Arn(arn) => ComponentRef::Arn(arn.clone()),
            Target::Document(key) => {
                ComponentRef::Document(components.get(&key.key)?.document.clone())
            }
        };
        let value = |(name, given): (&String, &Given)| (name.clone(), given.value.clone());
        Some(ComponentUse {
            component,
            parameters: self.parameters.iter().map(value).collect(),
        })
    }
}

/// A component: an ARN or a document's key, or an object of it and the values of its parameters.
pub(super) fn reference(at: Cursor<'_>) -> Option<Reference> {
    if !at.is_object() {
        return Some(Reference {
            target: target(at)?,
            parameters: BTreeMap::new(),
            place: at.place(),
        });
    }
    let fields = at.object(Keys::Only(KEYS))?;
    let target = fields.required("component", |at| Some((target(at)?, at.place())));
    let parameters = fields
        .optional("parameters", parameters::given)
        .unwrap_or_default();
    let (target, place) = target?;
    Some(Reference {
        target,
        parameters,
        place,
    })
}

fn target(at: Cursor<'_>) -> Option<Target> {
    if at.text()?.starts_with("arn:") {
        at.parsed().map(Target::Arn)
    } else {
        at.parsed().map(Target::Document)
    }
}

/// Records components that are listed twice: Image Builder takes each once, with all its phases. An
/// allowed component that runs on every recipe anyway would be there twice in the entry that has it.
pub(super) fn record_repeated(at: Cursor<'_>, environment: &EnvironmentDocument) {
    let all: Vec<&Reference> = environment
        .references()
        .map(|(_, reference)| reference)
        .collect();
    for (first, again) in repeated(&all, |reference| reference.identity()) {
        at.record(again.repeats(first));
    }
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

/// An entry runs any of its phases.
pub(super) const ALLOWED: Role = Role {
    phases: &[Phase::Build, Phase::Validate, Phase::Test],
    expected: "a document with a `build`, `validate` or `test` phase",
};

/// The test runs this phase on an instance of the built image.
pub(super) const TEST: Role = Role {
    phases: &[Phase::Test],
    expected: "a document with a `test` phase",
};

impl Role {
    /// A problem where `component` is listed, if none of its phases would ever run there.
    pub(super) fn problem(&self, reference: &Reference, component: &Component) -> Option<Problem> {
        let useless = self
            .phases
            .iter()
            .all(|phase| !component.phases.contains(phase));
        useless.then(|| reference.place.problem(reference.as_str(), self.expected))
    }
}
