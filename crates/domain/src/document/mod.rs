//! From files to [`Desired`]: every problem of every document at once.
//!
//! Entry point: [`parse`]. Each document has a module with its reader, a few declarative lines over
//! the typed layer in `reader`; below that, `json` and `yaml` make one kind of tree of two syntaxes,
//! and `text` tells what is no text at all.
//!
//! Invariant: nothing of any document is used unless every document is without a problem.

mod access;
mod ami_versions;
mod arns;
mod base;
mod component;
mod components;
mod consumers;
mod entries;
mod entry;
mod environment;
mod gates;
mod instances;
mod json;
mod life;
mod locate;
mod oddity;
mod owners;
mod parameters;
mod pointer;
mod reader;
mod reference;
mod region_names;
mod regions;
mod scan;
mod schedule;
#[cfg(any(test, feature = "schema"))]
pub mod schema;
mod spelling;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod values;
mod volumes;
mod waivers;
mod workload_accounts;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

pub use self::access::{Access, access};
use self::ami_versions::AmiVersions;
use self::component::Component;
use self::consumers::{ResolvedConsumers, Workloads};
use self::entries::EntryRules;
use self::environment::EnvironmentDocument;
pub use self::locate::place_in;
use self::reader::fields::{self, Fields};
use self::reader::{Cursor, Source, repeated};
use self::reference::{DocumentKey, Reference};
pub(crate) use self::spelling::Guesses;
pub use self::text::LARGEST;
use self::tree::Node;
pub use self::values::{Json, Member, declared_parameters, members};
pub use self::waivers::{WaiversKey, parse_waivers};
use crate::desired::{ComponentUse, Desired, DocumentSource};
use crate::names::Region;
use crate::problem::{Problem, Problems};

/// The product team's document.
pub const AMI_VERSIONS: &str = "ami-versions.json";
/// The platform team's document.
pub const ENVIRONMENT: &str = "environment.json";

/// One object of the document bucket, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFile {
    /// The object's key.
    pub key: String,
    /// The S3 version that was read.
    pub version_id: String,
    /// How large the object is, in bytes.
    pub size: u64,
    /// The content; of an object larger than [`LARGEST`], any beginning of it.
    pub bytes: Vec<u8>,
}

/// What came of reading the documents.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// All is well.
    Desired(Box<Desired>),
    /// A document that is needed is not there (yet): nothing is wrong, and nothing is done.
    Absent(Vec<String>),
    /// At least one document is wrong; nothing of any of them may be acted upon.
    Rejected(Problems),
}

/// Reads the documents of one environment.
///
/// Files are matched by key, the first of a key counting; keys that no document names are ignored,
/// so a bucket may hold more.
///
/// Guarantees: it answers for any bytes. It returns the first problems, and counts the others.
pub fn parse(files: &[DocumentFile]) -> Parsed {
    parse_with(files, &Guesses::default())
}

/// What [`parse`] returns; its hints cost no more than `guesses` allows.
fn parse_with(files: &[DocumentFile], guesses: &Guesses) -> Parsed {
    let mut reading = Reading::new(files, guesses);
    let mut versions = reading.needed(AMI_VERSIONS, json::tree, ami_versions::read);
    let environment = reading
        .needed(ENVIRONMENT, json::tree, environment::read)
        .unwrap_or_default();
    let components = reading.components(&environment);
    let workloads = reading.workload_accounts(&environment);
    let allowed = environment.allowed();
    let rules = EntryRules {
        environment: &environment,
        components: &components,
        allowed: &allowed,
        guesses,
    };
    reading.problems.extend(rules.problems());
    let consumers = ResolvedConsumers::new(
        &environment.consumers,
        &workloads,
        environment.workload_accounts,
    );
    reading.problems.extend(consumers.problems());
    if let Some(versions) = &mut versions {
        reading
            .problems
            .extend(base::resolve(&mut versions.entries, guesses));
        reading.problems.extend(
            versions
                .entries
                .iter()
                .flat_map(|entry| rules.problems_of(entry)),
        );
        reading
            .problems
            .extend(environment.regions.problems(&versions.entries, guesses));
    }
    let entries = versions
        .as_ref()
        .map(|versions| versions.entries.as_slice());
    let references = environment.references().map(|(_, reference)| reference);
    let names = &environment.regions.names;
    let misplaced = arns::problems(names, references, entries.unwrap_or_default());
    reading.problems.extend(misplaced);
    let desired = versions.and_then(|versions| assemble(versions, rules, &consumers));
    reading.outcome(desired)
}

/// The keys under which the workload accounts of a Region may stand. None of them has to be there; one that
/// was there and is deleted is no statement that nobody is left.
pub fn workload_accounts_keys(region: &Region) -> [String; 4] {
    workload_accounts::keys(region)
}

/// The Region whose workload accounts have this key; none for the key of another document.
pub fn workload_accounts_region(key: &str) -> Option<Region> {
    workload_accounts::region(key)
}

/// Whether an object with this key can be a document.
pub fn is_document(key: &str) -> bool {
    [AMI_VERSIONS, ENVIRONMENT].contains(&key)
        || key.parse::<DocumentKey>().is_ok()
        || workload_accounts_region(key).is_some()
        || WaiversKey::of(key).is_some()
}

/// The further documents worth reading, given those that were read so far: the component documents
/// that `environment.json` names, and the workload accounts of its Regions, by every key that they may
/// have: those that do not exist are left out by the reader.
///
/// Best effort: what cannot be read names nothing. Keys that are in `files` are left out.
pub fn needed_keys(files: &[DocumentFile]) -> BTreeSet<String> {
    let guesses = Guesses::default();
    let environment =
        Reading::new(files, &guesses).needed(ENVIRONMENT, json::tree, environment::read);
    let environment = environment.unwrap_or_default();
    let documents = environment.documents().map(|document| document.key.clone());
    let workloads = environment
        .regions
        .settings
        .keys()
        .flat_map(workload_accounts::keys);
    let present = |key: &String| files.iter().any(|file| file.key == *key);
    documents
        .chain(workloads)
        .filter(|key| !present(key))
        .collect()
}

/// How the text of a document becomes a tree.
type Syntax = for<'a> fn(&Source<'a>) -> Result<Node<'a>, Box<Problem>>;

/// The files, and what came of those that were read so far.
struct Reading<'f> {
    files: &'f [DocumentFile],
    problems: Problems,
    absent: BTreeSet<String>,
    guesses: &'f Guesses,
}

impl<'f> Reading<'f> {
    fn new(files: &'f [DocumentFile], guesses: &'f Guesses) -> Self {
        Self {
            files,
            problems: Problems::default(),
            absent: BTreeSet::new(),
            guesses,
        }
    }

    /// What `read` makes of a document that has to be there.
    fn needed<T>(
        &mut self,
        key: &str,
        syntax: Syntax,
        read: impl FnOnce(Cursor<'_>) -> T,
    ) -> Option<T> {
        if self.file(key).is_none() {
            self.absent.insert(key.to_owned());
        }
        self.optional(key, syntax, read)
    }

    /// What `read` makes of a document, if it is there and follows its syntax.
    fn optional<T>(
        &mut self,
        key: &str,
        syntax: Syntax,
        read: impl FnOnce(Cursor<'_>) -> T,
    ) -> Option<T> {
        let (value, problems) = match open(self.file(key)?, self.guesses, syntax, read) {
            Ok((value, problems)) => (Some(value), problems),
            Err(problem) => (None, (*problem).into()),
        };
        self.problems.merge(problems);
        value
    }

    fn file(&self, key: &str) -> Option<&'f DocumentFile> {
        self.files.iter().find(|file| file.key == key)
    }

    /// The component documents that the environment names, by key.
    fn components(&mut self, environment: &EnvironmentDocument) -> BTreeMap<String, Component> {
        let mut components = BTreeMap::new();
        let mut read_before = BTreeSet::new();
        for (role, reference) in environment.references() {
            let Some(document) = reference.document() else {
                continue;
            };
            if !read_before.insert(&document.key) {
                continue;
            }
            let read = |at: Cursor<'_>| component::read(at, document);
            if let Some(component) = self.needed(&document.key, component::tree, read).flatten() {
                self.problems.extend(role.problem(reference, &component));
                components.insert(document.key.clone(), component);
            }
        }
        components
    }

    /// The workload accounts of the Regions that the environment names.
    fn workload_accounts(&mut self, environment: &EnvironmentDocument) -> Workloads {
        let before = self.problems.count();
        let mut by_region = BTreeMap::new();
        for region in environment.regions.settings.keys() {
            let keys = workload_accounts::keys(region);
            let present: Vec<&String> =
                keys.iter().filter(|key| self.file(key).is_some()).collect();
            let [first, others @ ..] = present.as_slice() else {
                continue;
            };
            self.problems.extend(
                others
                    .iter()
                    .map(|other| workload_accounts::beside(first, other)),
            );
            let read = self.optional(first, workload_accounts::tree, workload_accounts::read);
            if let Some(accounts) = read {
                by_region.insert(region.clone(), accounts);
            }
        }
        let are_whole = environment.regions.are_whole() && self.problems.count() == before;
        Workloads {
            by_region,
            are_whole,
        }
    }

    fn outcome(self, desired: Option<Desired>) -> Parsed {
        match desired {
            _ if !self.problems.is_empty() => Parsed::Rejected(self.problems),
            Some(desired) if self.absent.is_empty() => Parsed::Desired(Box::new(desired)),
            _ => Parsed::Absent(self.absent.into_iter().collect()),
        }
    }
}

/// What `read` makes of a file and the problems it had with it; or the one problem that kept the
/// file from being read.
fn open<T>(
    file: &DocumentFile,
    guesses: &Guesses,
    syntax: Syntax,
    read: impl FnOnce(Cursor<'_>) -> T,
) -> Result<(T, Problems), Box<Problem>> {
    let source = Source::new(&file.key, text::decode(file)?, guesses);
    let root = syntax(&source)?;
    let at = Cursor::new(&root, &source);
    at.record_repeated_keys();
    let value = read(at);
    drop(root);
    Ok((value, source.into_problems()))
}

/// Reads `$schema`, with which editors find the document's schema; it has no other effect.
fn schema_reference(fields: &Fields<'_>) {
    fields.optional(SCHEMA, Cursor::text);
}

/// Whether a field is `$schema`, where every other name is the author's own.
fn schema_reference_of(name: Cursor<'_>, content: Cursor<'_>) -> bool {
    let is_schema = name.as_text() == Some(SCHEMA);
    if is_schema {
        content.text();
    }
    is_schema
}

const SCHEMA: &str = "$schema";

/// The documents as one; `None` if one of them lacks what only a problem can have taken away.
fn assemble(
    versions: AmiVersions,
    rules: EntryRules<'_>,
    consumers: &ResolvedConsumers<'_>,
) -> Option<Desired> {
    let environment = rules.environment;
    let resolve = |references: &[Reference]| -> Option<Vec<ComponentUse>> {
        references
            .iter()
            .map(|reference| reference.resolve(rules.components))
            .collect()
    };
    let compliance_scan = match &environment.compliance.scan {
        Some(reference) => Some(reference.resolve(rules.components)?),
        None => None,
    };
    Some(Desired {
        environment: environment.environment.clone()?,
        family: environment.family.clone()?,
        regions: environment.regions.resolve(&versions.entries),
        schedule: environment.schedule.clone(),
        instances: environment.instances.clone(),
        volumes: environment.volumes.clone(),
        build_components: resolve(&environment.build_components)?,
        test_components: resolve(&environment.test_components)?,
        base_owners: environment.base_owners.clone(),
        component_owners: environment.component_owners.clone(),
        ami_name: environment.ami_name.clone(),
        compliance: environment.compliance.stig,
        compliance_scan,
        image_scan: environment.image_scan,
        gates: environment.gates.clone(),
        promotion: environment.promotion(),
        require: environment.require,
        quotas: environment.quotas.clone(),
        drift: environment.drift,
        life: environment.life.clone(),
        notification: environment.notification.clone(),
        rebuild_on_new_base: environment.rebuild_on_new_base,
        source: DocumentSource::default(),
        unknown_blocks: environment.unknown_blocks,
        pause: environment.pause,
        consumers: consumers.resolve()?,
        sysprep: environment.sysprep,
        tags: environment.tags.clone(),
        recipes: versions
            .entries
            .into_iter()
            .map(|entry| rules.complete(entry))
            .collect::<Option<_>>()?,
        scheduled: versions.scheduled,
        notes: environment.notes.clone(),
    })
}
