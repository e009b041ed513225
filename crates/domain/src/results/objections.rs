//! Whether the results of an image let it pass.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{
    FindingLimits, ResultsKey, Scan, SuiteResults, Thresholds, concerns, parse, scan_concerns,
    waive,
};
use crate::names::{RecipeName, Region};
use crate::waivers::Waiver;

/// What an image's results are held against.
#[derive(Debug, Clone)]
pub struct Standard<'a> {
    /// How many controls of each severity may fail.
    pub limits: &'a Thresholds,
    /// The suites that the documents ask for.
    pub suites: &'a BTreeSet<String>,
    /// How many findings of each severity the scan of the image may have.
    pub findings: &'a FindingLimits,
    /// The reviewed waivers.
    pub waivers: &'a [Waiver],
    /// The recipe, and where it is built: what a waiver is for.
    pub place: (&'a RecipeName, &'a Region),
    /// The day in UTC, on which a waiver is in force or not.
    pub today: Date,
}

/// Why what was found on an image does not let it pass, as sentences; none if it does.
///
/// `files` are the files of results that were stored of it, and `is_whole` says whether they are all. `scan` is there if
/// the documents limit findings.
pub fn objections(
    files: &[(ResultsKey, Vec<u8>)],
    is_whole: bool,
    scan: Option<&Scan>,
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
    suites.extend(scan.and_then(|scan| scan.suite(standard.findings.only_with_fix)));
    waive(
        &mut suites,
        standard.waivers,
        standard.place,
        standard.today,
    );
    let concerns = concerns(&suites, standard.limits, standard.suites);
    let of_scan = scan.map(|scan| scan_concerns(scan, &suites, &standard.findings.thresholds));
    let all = concerns.iter().chain(of_scan.iter().flatten());
    objections.extend(all.map(ToString::to_string));
    objections
}
