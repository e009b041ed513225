//! The entries of `ami-version`, checked against `environment.json`: what the product team may not choose,
//! and what exceeds a limit of one recipe.

use std::collections::BTreeMap;

use super::component::Component;
use super::entry::Entry;
use super::environment::EnvironmentDocument;
use super::parameters::Given;
use super::reference::Reference;
use super::repeated::repeated;
use super::spelling::{Guesses, with_guess};
use super::tags::MOST_TOGETHER;
use crate::desired::{Platform, RecipeEntry};
use crate::problem::Problem;
use crate::promotion::Promotion;

/// The most components of a recipe (Image Builder's quotas).
const MOST_COMPONENTS: usize = 20;

/// The components that entries may choose, by their text; none if the list has a problem.
pub(super) type Allowed<'a> = Option<BTreeMap<&'a str, &'a Reference>>;

/// What an entry has to agree with: the environment and its component documents.
#[derive(Clone, Copy)]
pub(super) struct EntryRules<'a> {
    pub(super) environment: &'a EnvironmentDocument,
    pub(super) components: &'a BTreeMap<String, Component>,
    pub(super) allowed: &'a Allowed<'a>,
    pub(super) guesses: &'a Guesses,
}

impl<'a> EntryRules<'a> {
    /// What is wrong between the environment's components and compliance.
    pub(super) fn problems(self) -> Vec<Problem> {
        let all = || {
            self.environment
                .references()
                .map(|(_, reference)| reference)
        };
        let own = all().filter(|reference| self.is_compliance(reference));
        let mut problems: Vec<Problem> = own.map(compliance_twice).collect();
        problems.extend(
            self.everywhere()
                .nth(self.most())
                .map(|beyond| too_many(beyond, self.most())),
        );
        problems.extend(all().flat_map(|reference| self.parameters(reference)));
        let missing = |reference: &'a Reference| {
            self.document(reference)
                .map(|document| reference.missing(document, &BTreeMap::new()))
        };
        problems.extend(self.everywhere().filter_map(missing).flatten());
        problems
    }

    /// What is wrong between an entry and the environment.
    pub(super) fn problems_of(self, entry: &Entry) -> Vec<Problem> {
        let mut problems = self.tags(entry);
        if let Some(allowed) = self.allowed {
            problems.extend(
                entry
                    .components
                    .iter()
                    .filter_map(|component| self.not_allowed(component, allowed)),
            );
            problems.extend(
                entry
                    .components
                    .iter()
                    .flat_map(|component| self.values(component, allowed)),
            );
        }
        problems.extend(repeats(&entry.components));
        let left = self.most().saturating_sub(self.everywhere().count());
        problems.extend(
            entry
                .components
                .get(left)
                .map(|beyond| too_many(beyond, self.most())),
        );
        problems.extend(self.platform(entry));
        problems
    }

    /// The entry with everything that its recipe needs; none if a problem has taken something away.
    pub(super) fn complete(self, entry: Entry) -> Option<RecipeEntry> {
        let components = entry
            .components
            .iter()
            .map(|reference| self.fixed(reference));
        let components = components.map(|reference| reference.resolve(self.components));
        Some(RecipeEntry {
            components: components.collect::<Option<_>>()?,
            name: entry.name,
            base: entry.base?.image,
            platform: entry.platform.map(|(platform, _)| platform),
            description: entry.description,
            tags: entry
                .tags
                .into_iter()
                .map(|tag| (tag.key, tag.value))
                .collect(),
            promotion: Promotion {
                approval: entry.approval.unwrap_or(self.environment.approval),
                approved: entry.approved,
                ..self.environment.promotion()
            },
            life: entry.life.within(&self.environment.life),
            place: entry.place,
        })
    }

    /// The components of every recipe; of too many, one more than there may be: each entry looks at them.
    fn everywhere(self) -> impl Iterator<Item = &'a Reference> {
        self.environment
            .build_components
            .iter()
            .chain(self.environment.tests())
            .take(MOST_COMPONENTS + 1)
    }

    /// The most components that a recipe may list, beside that of compliance.
    fn most(self) -> usize {
        MOST_COMPONENTS - usize::from(self.environment.compliance.stig.is_some())
    }

    /// Components run as root: which may is the platform team's to say.
    fn not_allowed(
        self,
        reference: &Reference,
        allowed: &BTreeMap<&str, &Reference>,
    ) -> Option<Problem> {
        if allowed.contains_key(reference.as_str()) {
            return None;
        }
        let expected = "a component in `allowed-components` of environment.json, a list that the platform team maintains";
        let near = self
            .guesses
            .nearest(reference.as_str(), allowed.keys().copied());
        let problem = reference.place.problem(reference.as_str(), expected);
        Some(with_guess(problem, near))
    }

    fn document(self, reference: &Reference) -> Option<&'a Component> {
        self.components.get(&reference.document()?.key)
    }

    /// Whether `reference` is a component that compliance adds.
    fn is_compliance(self, reference: &Reference) -> bool {
        let stig = [
            ":component/stig-build-linux",
            ":component/stig-build-windows",
        ];
        let identity = reference.identity();
        self.environment.compliance.stig.is_some()
            && stig.iter().any(|name| identity.ends_with(name))
    }

    fn parameters(self, reference: &Reference) -> Vec<Problem> {
        self.document(reference)
            .map(|document| reference.unfitting(document, self.guesses))
            .unwrap_or_default()
    }

    /// What is wrong with the values that an entry gives: the platform team's own are not replaced.
    fn values(self, reference: &Reference, allowed: &BTreeMap<&str, &Reference>) -> Vec<Problem> {
        let Some(fixed) = allowed.get(reference.as_str()) else {
            return Vec::new();
        };
        let taken = reference
            .parameters
            .iter()
            .filter(|(name, _)| fixed.parameters.contains_key(*name));
        let replaces = |(name, given): (&String, &Given)| {
            let expected =
                "a parameter that `allowed-components` in environment.json gives no value";
            given.name_place.problem(name, expected)
        };
        let mut problems: Vec<Problem> = taken.map(replaces).collect();
        problems.extend(self.parameters(reference));
        if let Some(document) = self.document(reference) {
            problems.extend(reference.missing(document, &fixed.parameters));
        }
        problems
    }

    /// A component of an entry with the values that the platform team has fixed.
    fn fixed(self, reference: &Reference) -> Reference {
        let mut reference = reference.clone();
        let allowed = self.allowed.as_ref();
        if let Some(fixed) = allowed.and_then(|allowed| allowed.get(reference.as_str())) {
            reference.parameters.extend(fixed.parameters.clone());
        }
        reference
    }

    fn tags(self, entry: &Entry) -> Vec<Problem> {
        let tags = &self.environment.tags;
        let taken = entry.tags.iter().filter(|tag| tags.contains_key(&tag.key));
        let expected =
            "a tag that environment.json does not set: an entry cannot replace those tags";
        let mut problems: Vec<Problem> = taken
            .map(|tag| tag.place.problem(&tag.key, expected))
            .collect();
        let left = MOST_TOGETHER.saturating_sub(tags.len());
        if let Some(beyond) = entry.tags.get(left) {
            let found = format!(
                "{} tags, and {} of environment.json",
                entry.tags.len(),
                tags.len()
            );
            problems.push(
                beyond
                    .place
                    .problem(found, format!("at most {MOST_TOGETHER} tags together")),
            );
        }
        problems
    }

    /// The problem with a platform that a component document does not run on.
    fn platform(self, entry: &Entry) -> Option<Problem> {
        let (platform, place) = entry.platform.as_ref()?;
        let used = self.everywhere().chain(&entry.components);
        let documents = used.filter_map(|reference| self.document(reference));
        let other = documents
            .map(|component| &component.document)
            .find(|one| one.platform != *platform)?;
        let expected = format!(
            "`{}`, the platform of {}",
            other.platform.as_str(),
            other.key
        );
        Some(place.problem(Platform::as_str(*platform), expected))
    }
}

impl EnvironmentDocument {
    /// The allowed components by their text, the first of those that are listed twice.
    pub(super) fn allowed(&self) -> Allowed<'_> {
        let listed = self.allowed_components.as_ref()?;
        let by_name = listed.iter().rev();
        Some(
            by_name
                .map(|reference| (reference.as_str(), reference))
                .collect(),
        )
    }
}

fn compliance_twice(reference: &Reference) -> Problem {
    let expected = "each component once: `compliance` adds this one";
    reference.place.problem(reference.as_str(), expected)
}

fn too_many(beyond: &Reference, most: usize) -> Problem {
    let problem = beyond.place.problem(
        beyond.as_str(),
        format!("at most {most} components in a recipe"),
    );
    match most {
        MOST_COMPONENTS => problem,
        _ => problem.hint(format!(
            "Image Builder's limit is {MOST_COMPONENTS}, and `compliance` adds one"
        )),
    }
}

/// The components that one entry has twice.
fn repeats(components: &[Reference]) -> Vec<Problem> {
    let pairs = repeated(components, Reference::identity);
    pairs
        .into_iter()
        .map(|(first, again)| again.repeats(first))
        .collect()
}
