//! The workload accounts of the layers, under the names that the framework has for them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use goldsmith_domain::document::{DocumentFile, Json, members, workload_accounts_keys};
use goldsmith_domain::names::Region;
use goldsmith_domain::problem::{Place, Problem};
use goldsmith_layers::{lookup, text_of};

use super::error::LayersError;
use super::gather::below_dir;
use crate::configuration::FOLDER;
use crate::documents::{self, DocumentsError};

/// Documents of workload accounts, and where they were found.
#[derive(Debug, Default)]
pub struct Accounts {
    /// The documents, under the keys that goldsmith has for them.
    pub files: Vec<DocumentFile>,
    /// The paths of those that have another key now, by the key.
    pub paths: BTreeMap<String, String>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Whether a folder has workload accounts under a name that only the framework has.
pub fn are_used(dir: &Path) -> bool {
    let folders = [dir.to_owned(), dir.join("amis")];
    let names = folders.iter().filter_map(|folder| folder.read_dir().ok());
    let mut names = names
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    names.any(|name| {
        let stem = name.strip_suffix(".json").unwrap_or_default();
        let (name, region) = stem.split_once('.').unwrap_or((stem, ""));
        match name {
            "workload_account" | "workload-account" => true,
            "workload_accounts" | "workload-accounts" => region.is_empty(),
            _ => false,
        }
    })
}

/// The workload accounts of Regions; `builds` is the one that builds. The folder of the project comes first, then
/// the folders of the configuration, the most specific one first, and at last its root.
pub fn find(
    dir: &Path,
    folders: &[String],
    regions: &BTreeSet<String>,
    builds: Option<&str>,
) -> Result<Accounts, LayersError> {
    let mut found = Accounts::default();
    for region in regions {
        let is_builder = builds.map_or(regions.len() == 1, |builds| builds == region);
        let own = ["", "amis/"].map(|folder| (false, folder.to_owned()));
        let pulled = folders.iter().rev().map(|folder| (true, folder.clone()));
        let root = (!folders.is_empty()).then(|| (true, String::new()));
        for (is_pulled, folder) in own.into_iter().chain(pulled).chain(root) {
            let groups = lookup::account_files(&folder, region, is_builder);
            let at = |key: &str| read(dir, is_pulled, key);
            if found.take(region, &groups, at)? {
                break;
            }
        }
    }
    Ok(found)
}

fn read(dir: &Path, is_pulled: bool, key: &str) -> Result<Option<DocumentFile>, DocumentsError> {
    if is_pulled {
        let file = documents::one_inside(&dir.join(FOLDER), key)?;
        return Ok(file.map(below_dir));
    }
    documents::one(dir, key)
}

impl Accounts {
    /// Takes the first file of the groups; false if there is none.
    fn take(
        &mut self,
        region: &str,
        groups: &[Vec<String>],
        at: impl Fn(&str) -> Result<Option<DocumentFile>, DocumentsError>,
    ) -> Result<bool, LayersError> {
        for group in groups {
            let read = group.iter().map(|key| at(key));
            let read = read.collect::<Result<Vec<_>, _>>()?;
            let mut files = read.into_iter().flatten();
            let Some(first) = files.next() else {
                continue;
            };
            for other in files {
                let expected = "one file of workload accounts for a Region in a folder";
                let problem = Place::start_of(&other.key).problem(&other.key, expected);
                let hint = format!("`{}` exists too; keep one of them", first.key);
                self.problems.push(problem.hint(hint));
            }
            self.add(region, first);
            return Ok(true);
        }
        Ok(false)
    }

    /// Adds a file under the key that goldsmith has for it.
    fn add(&mut self, region: &str, file: DocumentFile) {
        let region: Option<Region> = region.parse().ok();
        let known = region.as_ref().map(workload_accounts_keys);
        if known.is_some_and(|known| known.contains(&file.key)) {
            self.files.push(file);
            return;
        }
        let key = region.map_or_else(
            || file.key.clone(),
            |region| lookup::accounts_document(region.as_str()),
        );
        self.paths.insert(key.clone(), file.key);
        self.files.push(DocumentFile { key, ..file });
    }

    /// The ids of the accounts, as far as the documents can be read.
    pub fn ids(&self) -> BTreeSet<String> {
        let all = self.files.iter().filter_map(|file| members(file).ok());
        let ids = all.flatten().filter_map(|member| id(&member.value));
        ids.collect()
    }
}

fn id(account: &Json) -> Option<String> {
    let Json::Object(fields) = account else {
        return None;
    };
    let field = fields.iter().find(|(name, _)| name == "account_id");
    field.and_then(|(_, value)| text_of(value))
}
