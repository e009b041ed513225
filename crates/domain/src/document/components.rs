//! The components that an environment names: somebody else's by ARN, or documents of ours.

use std::collections::BTreeMap;

use super::component::{Component, Phase};
use super::fields::Keys;
use super::parameters::{self, Given};
use super::reader::Cursor;
use super::reference::{Reference, Target};
use super::repeated::repeated;
use super::spelling::Guesses;
use crate::desired::{ComponentRef, ComponentUse};
use crate::problem::Problem;

/// The keys of a component that is an object.
pub(super) const KEYS: &[&str] = &["component", "parameters"];

impl Reference {
    /// What is wrong with the values that it gives to the parameters of a document of ours.
    pub(super) fn unfitting(&self, component: &Component, guesses: &Guesses) -> Vec<Problem> {
        parameters::unfitting(
            &component.document.key,
            &component.parameters,
            &self.parameters,
            guesses,
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
pub(super) fn record_repeated(at: Cursor<'_>, all: &[&Reference]) {
    for (first, again) in repeated(all, |reference| reference.identity()) {
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
