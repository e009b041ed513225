//! docs/variables.md.

#![expect(
    clippy::disallowed_methods,
    reason = "the layers read no files, but the page is one"
)]

use std::path::Path;

use goldsmith_layers::page::page;
use goldsmith_layers::table::TABLE;

#[test]
fn the_committed_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/variables.md");
    let committed = std::fs::read_to_string(path).expect("the page");
    assert!(
        committed == page(),
        "docs/variables.md is not current: cargo run -p goldsmith-layers --example variables"
    );
}

#[test]
fn every_example_is_json_and_every_name_is_listed_once() {
    let mut names: Vec<&str> = TABLE.iter().flat_map(|row| row.names).copied().collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for row in TABLE {
        let example = serde_json::from_str::<serde_json::Value>(row.example);
        assert!(example.is_ok(), "{:?}", row.names);
    }
}
