//! Documents, completed by variables.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Json};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::problem::{Place, Problem};

use crate::drafts::{Draft, Drafts};
use crate::merge::{Variable, Variables};
use crate::origin::Layer;
use crate::parameters::{self, Declared};
use crate::place::Placed;
use crate::read::NAME;
use crate::table::{Kind, Row, Target, row};
use crate::tree;
use crate::uses::Use;

/// What is there before the variables.
#[derive(Debug)]
pub struct Written<'a> {
    /// The documents of the folder.
    pub files: &'a [DocumentFile],
    /// The parameters that its component documents declare.
    pub declared: Declared,
    /// The accounts of the workload accounts documents.
    pub workloads: BTreeSet<String>,
}

/// The documents with the variables in them.
#[derive(Debug, Default)]
pub struct Produced {
    /// The documents. One that no variable changed has the bytes that it had.
    pub files: Vec<DocumentFile>,
    /// What each variable became, by its name.
    pub uses: BTreeMap<String, Use>,
    /// Where what is new in the documents comes from.
    pub placed: Placed,
    /// What is wrong with the variables, beyond what is wrong with the documents then.
    pub problems: Vec<Problem>,
}

/// Completes documents by variables. What documents say counts more than the configuration and less than the
/// project's own variables.
pub fn produce(written: &Written<'_>, variables: &Variables) -> Produced {
    let mut work = Work {
        drafts: Drafts::of(written.files),
        entry: None,
        written,
        produced: Produced::default(),
    };
    work.choose_entry(variables);
    for variable in variables.values() {
        let becomes = match row(&variable.name) {
            Some(row) => match nearer(row, variable, variables) {
                Some(other) => Use::Unused(format!("`{other}` says the same")),
                None => work.give(row, variable),
            },
            None => work.give_parameter(variable),
        };
        work.produced.uses.insert(variable.name.clone(), becomes);
    }
    work.finish()
}

/// Another name for the same whose value counts more.
fn nearer(row: &Row, variable: &Variable, variables: &Variables) -> Option<&'static str> {
    let rank = |name: &str| row.names.iter().position(|known| *known == name);
    let own = (
        variable.origin.layer,
        std::cmp::Reverse(rank(&variable.name)),
    );
    let counts_more = |name: &&&str| {
        variables
            .get(**name)
            .is_some_and(|other| (other.origin.layer, std::cmp::Reverse(rank(&other.name))) > own)
    };
    row.names.iter().find(counts_more).copied()
}

/// Documents on their way.
struct Work<'w> {
    drafts: Drafts,
    /// The image's place in `ami-version`.
    entry: Option<usize>,
    written: &'w Written<'w>,
    produced: Produced,
}

impl Work<'_> {
    /// Finds the entry of the image, or makes the document if the folder has none.
    fn choose_entry(&mut self, variables: &Variables) {
        let name = variables.get(NAME);
        let text = name.and_then(|name| tree::text_of(&name.value));
        let is_absent = !self
            .written
            .files
            .iter()
            .any(|file| file.key == AMI_VERSIONS);
        if let (Some(name), Some(text)) = (name, &text)
            && is_absent
            && variables.contains_key("source_ami")
        {
            self.drafts.versions = Some(Draft::with_one_image(text));
            let placed = &mut self.produced.placed;
            placed.add(
                AMI_VERSIONS,
                "/ami-version/0/recipename",
                NAME,
                &name.origin,
            );
        }
        let Some(versions) = &self.drafts.versions else {
            return;
        };
        self.entry = versions.entry_of(text.as_deref());
    }

    fn give(&mut self, row: &Row, variable: &Variable) -> Use {
        match row.target {
            Target::Name => self.give_name(variable),
            Target::Base => self.give_to_entry(&["aminame"], variable),
            Target::Version => self.give_to_entry(&["version"], variable),
            Target::Environment(path, kind) => self.give_member(path, kind, variable),
            Target::Region => self.give_region(variable),
            Target::Consumers => self.give_consumers(variable),
            Target::Upload => Use::Elsewhere("`build-url` in the metadata of each upload"),
            Target::Nothing(reason) => Use::Unused(reason.to_owned()),
        }
    }

    fn give_parameter(&mut self, variable: &Variable) -> Use {
        let (drafts, placed) = (&mut self.drafts, &mut self.produced.placed);
        parameters::give(variable, self.entry, &self.written.declared, drafts, placed)
    }

    /// The name chooses; only an entry that has none gets it.
    fn give_name(&mut self, variable: &Variable) -> Use {
        let entry = self.entry.map(|entry| entry.to_string());
        let path = |entry| ["ami-version", entry, "recipename"];
        let has_one = entry.as_deref().is_some_and(|entry| {
            let versions = self.drafts.versions.as_ref();
            versions.is_some_and(|versions| versions.find(&path(entry)).is_some())
        });
        let is_made = self.produced.placed.is_in(AMI_VERSIONS);
        if has_one && !is_made {
            return Use::Elsewhere("the choice of the entry and of the layers");
        }
        self.give_to_entry(&["recipename"], variable)
    }

    /// Gives a text to a member of the image's entry.
    fn give_to_entry(&mut self, path: &[&str], variable: &Variable) -> Use {
        let Some(value) = self.of_kind(Kind::Text, variable) else {
            return Use::Unused("it is of another kind".to_owned());
        };
        let Some(versions) = &mut self.drafts.versions else {
            return Use::Unused(format!(
                "{AMI_VERSIONS} is not in this folder, or cannot be read"
            ));
        };
        let Some(entry) = self.entry else {
            let expected = "`name` to be a `recipename` of ami-versions.json, which has several entries or none";
            let wrong = problem(variable, &variable.name, expected);
            self.produced.problems.push(wrong);
            return Use::Unused("it is not clear which entry is meant".to_owned());
        };
        let entry = entry.to_string();
        let path = [&["ami-version", entry.as_str()], path].concat();
        versions.give(&path, value, variable, &mut self.produced.placed)
    }

    /// An entry cannot replace a tag of the environment, so one that is there gets the version.
    fn give_member(&mut self, path: &[&str], kind: Kind, variable: &Variable) -> Use {
        let Some(value) = self.of_kind(kind, variable) else {
            return Use::Unused("it is of another kind".to_owned());
        };
        let Some(environment) = &mut self.drafts.environment else {
            return no_environment();
        };
        environment.give(path, value, variable, &mut self.produced.placed)
    }

    /// The Region builds if no other one is named. It never changes the Regions that the document has.
    fn give_region(&mut self, variable: &Variable) -> Use {
        let Some(region) = tree::text_of(&variable.value) else {
            self.of_kind(Kind::Text, variable);
            return Use::Unused("it is of another kind".to_owned());
        };
        let Some(environment) = &mut self.drafts.environment else {
            return no_environment();
        };
        let regions = environment
            .find(&["regions"])
            .map(tree::keys)
            .unwrap_or_default();
        if regions.is_empty() {
            let none = Json::Object(Vec::new());
            let placed = &mut self.produced.placed;
            return environment.give(&["regions", &region], none, variable, placed);
        }
        if !regions.contains(&region.as_str()) {
            let expected = format!("a Region of {ENVIRONMENT}: {}", regions.join(", "));
            let wrong = problem(variable, &region, expected);
            self.produced.problems.push(wrong);
        }
        Use::Elsewhere("the choice of the files `aws.<region>.vars.json`")
    }

    /// Each account becomes a consumer, unless it is one already.
    fn give_consumers(&mut self, variable: &Variable) -> Use {
        let Some(accounts) = tree::texts_of(&variable.value) else {
            self.of_kind(Kind::Texts, variable);
            return Use::Unused("it is of another kind".to_owned());
        };
        let is_account = |id: &String| id.parse::<AccountId>().is_ok();
        let (accounts, wrong): (Vec<_>, Vec<_>) = accounts.into_iter().partition(is_account);
        let wrong = wrong.iter();
        let wrong = wrong.map(|id| problem(variable, id, AccountId::EXPECTED));
        self.produced.problems.extend(wrong);
        let Some(environment) = &mut self.drafts.environment else {
            return no_environment();
        };
        match environment.find(&["consumers"]) {
            None if !accounts.is_empty() => {
                environment.make(&["consumers"], Json::List(Vec::new()));
            }
            None | Some(Json::List(_)) => {}
            Some(_) => return Use::Unused("`consumers` is no list".to_owned()),
        }
        let known = tree::items(environment.find(&["consumers"])).iter();
        let known = known.filter_map(|consumer| tree::find(consumer, &["account-id".to_owned()]));
        let mut seen: BTreeSet<String> = known.filter_map(tree::text_of).collect();
        seen.extend(self.written.workloads.iter().cloned());
        let mut all = Use::Elsewhere("nothing more: each account is a consumer already");
        let new = accounts.into_iter().filter(|id| seen.insert(id.clone()));
        let count = tree::items(environment.find(&["consumers"])).len();
        for (index, id) in (count..).zip(new) {
            let path = ["consumers", &index.to_string()];
            let placed = &mut self.produced.placed;
            let given = environment.give(&path, consumer(&id), variable, placed);
            all = if matches!(all, Use::Members(_)) {
                all.and(given)
            } else {
                given
            };
        }
        all
    }

    /// The value as documents have it; a value of another kind is a problem.
    fn of_kind(&mut self, kind: Kind, variable: &Variable) -> Option<Json> {
        let value = kind.of(&variable.value);
        if value.is_none() {
            let wrong = problem(variable, &variable.name, kind.expected());
            self.produced.problems.push(wrong);
        }
        value
    }

    fn finish(self) -> Produced {
        let Self {
            drafts,
            written,
            mut produced,
            ..
        } = self;
        produced.files = written.files.to_vec();
        for draft in [drafts.versions, drafts.environment].into_iter().flatten() {
            let document = draft.write();
            if !produced.placed.is_in(&document.key) {
                continue;
            }
            match produced
                .files
                .iter_mut()
                .find(|file| file.key == document.key)
            {
                Some(file) => *file = document,
                None => produced.files.push(document),
            }
        }
        produced
    }
}

/// An account as `consumers` lists it. A launch permission is for the whole account, so any role may launch.
fn consumer(id: &str) -> Json {
    let members = [("account-id", id), ("roles", "any")];
    let members = members.map(|(key, text)| (key.to_owned(), Json::Text(text.to_owned())));
    Json::Object(members.to_vec())
}

fn no_environment() -> Use {
    Use::Unused(format!(
        "{ENVIRONMENT} is not in this folder, or cannot be read"
    ))
}

/// A problem with a variable, where it has its value. What no file holds is a hint.
fn problem(variable: &Variable, found: &str, expected: impl Into<String>) -> Problem {
    let origin = &variable.origin;
    if let Some(place) = origin.place() {
        return place.problem(found, expected);
    }
    let problem = Place::start_of(ENVIRONMENT).problem(found, expected);
    problem.hint(format!(
        "the value is that of `{}`, from {origin}",
        variable.name
    ))
}

/// Whether a variable is of the project, rather than of a configuration that many projects share.
pub fn is_own(variable: &Variable) -> bool {
    variable.origin.layer > Layer::Documents
}
