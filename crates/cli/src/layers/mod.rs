//! The documents of a folder with the variables of its layers in them.
//!
//! [`read`] is what every command reads documents by. Without variables it reads the documents as they are.
//! [`gather`] reads the layers, [`accounts`] the workload accounts; what a variable becomes is decided in
//! `goldsmith_layers`.

mod accounts;
mod error;
mod gather;
pub mod inputs;
mod remarks;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use goldsmith_domain::document::{
    DocumentFile, Parsed, declared_parameters, needed_keys, parse, parse_waivers, place_in,
};
use goldsmith_domain::problem::{Problem, Problems};
use goldsmith_layers::{Placed, Produced, Use, Variables, Written, produce, regions};

use crate::arguments::Variables as Arguments;
use crate::configuration::Pulled;
use crate::documents;
use crate::documents::accepted::accept;
use crate::documents::check_report::empty_folder_hint;
use crate::printer::Printer;

pub use error::{AcceptError, LayersError};

/// The documents of a folder, complete.
#[derive(Debug, Default)]
pub struct Layered {
    /// The documents with the variables in them.
    pub files: Vec<DocumentFile>,
    /// The variables; none if they do not count for the folder.
    pub variables: Variables,
    /// What each became.
    pub uses: BTreeMap<String, Use>,
    /// What is wrong with variables and their files.
    pub problems: Vec<Problem>,
    /// Which configuration was pulled.
    pub pulled: Option<Pulled>,
    /// The accounts of workload accounts documents.
    pub workloads: BTreeSet<String>,
    /// The documents as they are written.
    written: Vec<DocumentFile>,
    /// Where the new parts of documents come from.
    placed: Placed,
    /// Where whole documents come from, by their key.
    paths: BTreeMap<String, String>,
}

/// Reads the documents of a folder, and completes them by its variables if these count for it.
pub fn read(dir: &Path, arguments: &Arguments) -> Result<Layered, LayersError> {
    let written = documents::read(dir)?;
    if !gather::are_used(dir, arguments) && !accounts::are_used(dir) {
        return Ok(Layered {
            files: written,
            ..Layered::default()
        });
    }
    let layers = gather::layers(dir, arguments, &written)?;
    let builds = layers.region.as_deref();
    let regions = regions(&written, builds);
    let found = accounts::find(dir, &layers.folders, &regions, builds)?;
    let workloads = found.ids();
    let declared = written
        .iter()
        .filter(|file| file.key.starts_with("components/"));
    let before = Written {
        files: &written,
        declared: declared
            .map(|file| (file.key.clone(), declared_parameters(file)))
            .collect(),
        workloads: workloads.clone(),
    };
    let Produced {
        mut files,
        uses,
        placed,
        problems,
    } = produce(&before, &layers.variables);
    files.retain(|file| found.files.iter().all(|one| one.key != file.key));
    files.extend(found.files);
    for key in needed_keys(&files) {
        files.extend(documents::one(dir, &key)?);
    }
    Ok(Layered {
        files,
        variables: layers.variables,
        uses,
        problems: [layers.problems, found.problems, problems].concat(),
        pulled: layers.pulled,
        workloads,
        written,
        placed,
        paths: found.paths,
    })
}

/// Reads the same, if there are any documents and they have no problem. They need not be complete: the bucket may
/// hold the others.
pub fn read_accepted(
    dir: &Path,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Layered, AcceptError> {
    let layered = read(dir, arguments)?;
    if let Some(pulled) = &layered.pulled {
        let Pulled { url, commit, .. } = pulled;
        printer.stderr(&format!("with the configuration of {url} at {commit}"));
    }
    if let Err(problems) = parse_waivers(&layered.files) {
        accept(dir, &Parsed::Rejected(problems), printer)?;
    }
    let parsed = layered.usable(parse(&layered.files));
    if matches!(parsed, Parsed::Absent(_)) && !layered.files.is_empty() {
        return Ok(layered);
    }
    let accepted = accept(dir, &parsed, printer);
    if let (Err(_), Some(hint)) = (&accepted, empty_folder_hint(dir, &layered.files)) {
        printer.hint(&hint);
    }
    accepted?;
    Ok(layered)
}

impl Layered {
    /// The same, or what is wrong with the variables; each problem where somebody wrote what is wrong.
    pub fn usable(&self, parsed: Parsed) -> Parsed {
        let parsed = self.relocated(parsed);
        if self.problems.is_empty() {
            return parsed;
        }
        let mut problems = Problems::from(self.problems.clone());
        if let Parsed::Rejected(others) = parsed {
            problems.merge(others);
        }
        Parsed::Rejected(problems)
    }

    /// The same with each problem where somebody wrote what is wrong.
    pub fn relocated(&self, parsed: Parsed) -> Parsed {
        let Parsed::Rejected(problems) = parsed else {
            return parsed;
        };
        let (problems, more) = problems.into_parts();
        let problems = problems
            .into_iter()
            .map(|problem| self.relocated_problem(problem));
        let problems: Vec<Problem> = problems.collect();
        Parsed::Rejected(Problems::from(problems).and_more(more))
    }

    /// A problem where somebody wrote what is wrong.
    pub fn relocated_problem(&self, problem: Problem) -> Problem {
        if let Some(path) = self.paths.get(&problem.file) {
            let file = path.clone();
            return Problem { file, ..problem };
        }
        self.placed.relocated(problem, |key, pointer| {
            let file = self.written.iter().find(|file| file.key == key)?;
            Some(place_in(file, pointer))
        })
    }

    /// The keys of the documents in which the two differ.
    pub fn differences(&self, other: &Self) -> BTreeSet<String> {
        let missing = |of: &Self, from: &Self| -> Vec<String> {
            let new = of.files.iter().filter(|file| !from.files.contains(file));
            new.map(|file| file.key.clone()).collect()
        };
        [missing(self, other), missing(other, self)]
            .concat()
            .into_iter()
            .collect()
    }
}
