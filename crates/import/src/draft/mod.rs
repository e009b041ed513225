//! What an import knows of an environment, before it becomes documents.
//!
//! A source says things of each image that an environment says once, such as the subnet. [`Draft::agree`] takes
//! the first value, and reports those that differ.

mod consumers;
mod documents;
mod environment;
mod finish;
mod lists;
pub(crate) mod tags;
pub(crate) mod volumes;

use std::collections::BTreeMap;

use crate::component::Document;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::source::SourceFile;

pub(crate) use finish::finish;
use tags::Tags;

/// An environment in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The building Region is the first.
    pub(crate) regions: Vec<(String, Region)>,
    pub(crate) shared: Shared,
    pub(crate) tags: Tags,
    pub(crate) base_owners: Vec<String>,
    pub(crate) component_owners: Vec<String>,
    pub(crate) entries: Vec<Entry>,
    /// What runs in every image, if there is no entry to say so.
    pub(crate) common: Vec<Use>,
    /// Component documents and other files, by their paths.
    pub(crate) files: BTreeMap<String, String>,
    /// Whether `compliance` was switched off.
    pub(crate) no_compliance: bool,
}

/// What an environment says once.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) schedule: Option<String>,
    pub(crate) instance_types: Option<Vec<String>>,
    pub(crate) profile: Option<String>,
    pub(crate) key_pair: Option<String>,
    pub(crate) network: Option<Network>,
    pub(crate) public_ip: Option<bool>,
    pub(crate) tokens: Option<String>,
    pub(crate) hop_limit: Option<u64>,
    pub(crate) log_bucket: Option<(String, String)>,
    pub(crate) keep_on_failure: Option<bool>,
    pub(crate) volumes: Option<Vec<Volume>>,
    pub(crate) ami_name: Option<String>,
    pub(crate) on_failure: Option<String>,
}

/// Where instances run.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Network {
    pub(crate) subnet: Option<String>,
    pub(crate) groups: Vec<String>,
}

/// The settings of a Region.
#[derive(Debug, Default)]
pub(crate) struct Region {
    pub(crate) key: Option<String>,
    pub(crate) parameters: Vec<String>,
    /// Launch templates by recipe.
    pub(crate) templates: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Volume {
    pub(crate) size: u64,
    pub(crate) kind: String,
    pub(crate) iops: Option<u64>,
    pub(crate) throughput: Option<u64>,
}

/// Who may launch the images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Consumer {
    /// An account, and whether it gets copies.
    Account { id: String, copy: bool },
    /// The ARN of an organization.
    Organization(String),
}

/// A consumer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) consumer: Consumer,
    /// The Region where it gets the image; none for all.
    pub(crate) region: Option<String>,
}

/// An image that must exist.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) place: Place,
    /// None if the source does not say it.
    pub(crate) base: Option<String>,
    pub(crate) is_windows: bool,
    pub(crate) description: Option<String>,
    pub(crate) components: Vec<Use>,
    pub(crate) is_scheduled: bool,
    pub(crate) grants: Vec<Grant>,
    pub(crate) tags: Tags,
    /// Regions that its images go to, if it says so by itself.
    pub(crate) regions: Vec<String>,
}

/// A component with the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    /// An ARN, or a path such as `components/harden.yml`.
    pub(crate) target: String,
    pub(crate) parameters: BTreeMap<String, String>,
    /// Whether all that it does is to test a built image.
    pub(crate) is_test: bool,
}

impl Use {
    /// A document of ours that runs during the build.
    pub(crate) fn of_document(path: &str) -> Self {
        Self {
            target: path.to_owned(),
            parameters: BTreeMap::new(),
            is_test: false,
        }
    }
}

impl Draft {
    /// The settings of a Region, which is added if it is new.
    pub(crate) fn region(&mut self, name: &str) -> &mut Region {
        let known = self.regions.iter().position(|(known, _)| known == name);
        let index = known.unwrap_or_else(|| {
            self.regions.push((name.to_owned(), Region::default()));
            self.regions.len() - 1
        });
        &mut self.regions[index].1
    }

    /// Whether there is a Region of this name.
    pub(crate) fn has_region(&self, name: &str) -> bool {
        self.regions.iter().any(|(known, _)| known == name)
    }

    /// Adds a component document under a path that no other file has, and returns that path.
    pub(crate) fn document(&mut self, mut document: Document) -> String {
        let stem = document.stem.clone();
        let numbered = |number: usize| match number {
            1 => stem.clone(),
            number => format!("{stem}-{number}"),
        };
        let path = |stem: &str| format!("components/{stem}.yml");
        let mut stems = (1..).map(numbered);
        let free = stems.find(|stem| !self.files.contains_key(&path(stem)));
        document.stem = free.unwrap_or_default();
        let path = path(&document.stem);
        self.files.insert(path.clone(), document.render());
        path
    }

    /// All files.
    fn into_files(self) -> Vec<SourceFile> {
        let file = |(path, text)| SourceFile { path, text };
        self.files.into_iter().map(file).collect()
    }
}

/// Sets what an environment says once. The first value counts, and another one is reported.
pub(crate) fn agree<T: PartialEq>(
    slot: &mut Option<T>,
    value: Option<T>,
    place: &Place,
    show: impl Fn(&T) -> String,
    ledger: &mut Ledger,
) {
    match (slot.as_ref(), value) {
        (None, Some(value)) => *slot = Some(value),
        (Some(known), Some(value)) if *known != value => {
            differs(place, &show(&value), &show(known), ledger);
        }
        (_, None) | (Some(_), Some(_)) => {}
    }
}

fn differs(place: &Place, value: &str, known: &str, ledger: &mut Ledger) {
    ledger.hinted(
        LeftKind::Unsupported,
        place,
        value,
        &format!("an environment has one value for all recipes, and `{known}` comes first"),
        "import this image into a folder of its own, which is another environment",
    );
}
