//! The files that instances write. `results.json` is the form of our own components, and `inspec.json` what
//! InSpec's JSON reporter writes.

use super::bounds::refuse_large;
use super::{SuiteResults, inspec, own};
use crate::problem::{Place, Problem};

/// What the file of a suite says; none if `file` is not the name of a file with results.
///
/// Errors: one problem if the file is too large, is not what its name says, or has too many controls.
pub fn parse(suite: &str, file: &str, bytes: &[u8]) -> Option<Result<SuiteResults, Box<Problem>>> {
    let read = reader(file)?;
    let start = Place::start_of(format!("{suite}/{file}"));
    Some(refuse_large(&start, bytes).and_then(|()| read(suite, &start, bytes)))
}

/// Whether a file of this name holds results.
pub fn is_results(file: &str) -> bool {
    reader(file).is_some()
}

fn reader(file: &str) -> Option<Reader> {
    match file {
        "results.json" => Some(own::read),
        "inspec.json" => Some(inspec::read),
        _ => None,
    }
}

type Reader = fn(&str, &Place, &[u8]) -> Result<SuiteResults, Box<Problem>>;
