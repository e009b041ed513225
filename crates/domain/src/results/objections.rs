//! Whether the results of an image let it pass.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{ResultsKey, SuiteResults, Thresholds, concerns, parse, waive};
use crate::names::{RecipeName, Region};
use crate::waivers::Waiver;

/// What an image's results are held against.
#[derive(Debug, Clone)]
pub struct Standard<'a> {
    /// How many controls of each severity may fail.
    pub limits: &'a Thresholds,
    /// The suites that the documents ask for.
    pub suites: &'a BTreeSet<String>,
    /// The reviewed waivers.
    pub waivers: &'a [Waiver],
    /// The recipe, and where it is built: what a waiver is for.
    pub place: (&'a RecipeName, &'a Region),
    /// The day in UTC, on which a waiver is in force or not.
    pub today: Date,
}

/// Why the files of results that were stored of an image do not let it pass, as sentences; none if they do.
/// `is_whole` says whether they are all files.
pub fn objections(
    files: &[(ResultsKey, Vec<u8>)],
    is_whole: bool,
    standard: &Standard<'_>,
) -> Vec<String> {
    let (mut suites, mut objections) = (Vec::<SuiteResults>::new(), Vec::new());
    for (key, bytes) in files {
        match parse(&key.suite, &key.file, bytes) {
            Some(Ok(suite)) => suites.push(suite),
            Some(Err(problem)) => objections.push(problem.to_string()),
            None => {}
        }
    }
    if !is_whole {
        objections.push("there are more files of results than are read".to_owned());
    }
    waive(
        &mut suites,
        standard.waivers,
        standard.place,
        standard.today,
    );
    let concerns = concerns(&suites, standard.limits, standard.suites);
    objections.extend(concerns.iter().map(ToString::to_string));
    objections
}
