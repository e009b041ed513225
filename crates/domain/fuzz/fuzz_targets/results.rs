//! Any bytes as a file of results: read or refused, never a panic, and what is kept is short and printable.
//!
//! The first byte says which file it is.
#![no_main]

use goldsmith_domain::results::{Status, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, bytes)) = input.split_first() else {
        return;
    };
    let file = if first % 2 == 0 { "results.json" } else { "inspec.json" };
    let is_kept = |text: &str| text.chars().count() <= 500 && !text.contains(char::is_control);
    match parse("suite", file, bytes).expect("a file of results") {
        Err(problem) => assert!(is_kept(&problem.found) && problem.line > 0),
        Ok(suite) => {
            for control in suite.controls() {
                assert!(is_kept(&control.id) && is_kept(&control.title) && is_kept(&control.message));
                assert!(control.status != Status::Waived);
            }
        }
    }
});
