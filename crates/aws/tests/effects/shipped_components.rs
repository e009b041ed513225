//! The component documents that environments copy, as `CreateComponent` sees them.

use std::fs;

use imagebuilder_emulator::parse_component_document;

#[test]
fn every_shipped_component_is_taken_by_create_component() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ami-versions/components");
    let entries = fs::read_dir(folder).expect("the components");
    let paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert!(paths.len() >= 5, "{paths:?}");
    for path in paths {
        let text = fs::read_to_string(&path).expect("a document");
        let name = path.display().to_string();
        let platform = if name.ends_with("-windows.yml") {
            "Windows"
        } else {
            "Linux"
        };
        assert_eq!(parse_component_document(&text, platform), Ok(()), "{name}");
    }
}
