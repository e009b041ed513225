//! Any bytes as the documents of an environment: read, absent or rejected, never a panic, never without
//! end; and what is read leads to the same resources each time.
//!
//! The input has the documents one after the other, each behind a line with `%` and its key.
#![no_main]

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{DocumentFile, Parsed, needed_keys, parse, parse_waivers};
use goldsmith_domain::problem::MOST_PROBLEMS;
use goldsmith_domain::resources;
use goldsmith_domain::stack::StackContext;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let files = documents(input);
    needed_keys(&files);
    if let Err(problems) = parse_waivers(&files) {
        assert!(!problems.is_empty());
    }
    match parse(&files) {
        Parsed::Desired(desired) => resolve(&desired),
        Parsed::Absent(keys) => assert!(!keys.is_empty()),
        Parsed::Rejected(problems) => {
            assert!((1..=MOST_PROBLEMS).contains(&problems.first().len()));
            for problem in problems.first() {
                assert!(problem.line > 0 && problem.column > 0 && !problem.expected.is_empty());
                assert!(problem.pointer.is_empty() || problem.pointer.starts_with('/'));
            }
        }
    }
});

/// The documents of an input.
fn documents(input: &[u8]) -> Vec<DocumentFile> {
    let mut files: Vec<DocumentFile> = Vec::new();
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        if let Some(key) = line.strip_prefix(b"%") {
            let key = String::from_utf8_lossy(key).trim().to_owned();
            files.push(DocumentFile { key, version_id: String::new(), size: 0, bytes: Vec::new() });
        } else if let Some(file) = files.last_mut() {
            file.bytes.extend_from_slice(line);
        }
    }
    files
}

/// Looks at everything that the documents ask for; only some of the recipes, of which there may be
/// thousands.
fn resolve(desired: &Desired) {
    let stack = StackContext {
        environment: desired.environment.clone(),
        account: "111122223333".parse().expect("an account"),
        region: "us-east-1".parse().expect("a Region"),
        key: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000000001".parse().expect("a key"),
        instance_profile: "goldsmith".to_owned(),
        instance_roles: None,
        parameter_prefix: "/goldsmith/".parse().expect("a prefix"),
        output_bucket: "output".to_owned(),
    };
    let infrastructure = resources::infrastructure(desired, &stack);
    assert!(infrastructure.resource_tags.len() <= 30);
    for entry in desired.recipes.iter().take(20) {
        let recipe = resources::recipe(desired, &stack, entry);
        assert!(recipe.components.len() <= 20);
        for region in resources::distribution(desired, &stack, &entry.name).regions.values() {
            assert!(region.ami_name.len() <= 127, "{}", region.ami_name);
            assert!(region.ami_tags.len() <= 50);
        }
    }
}
