//! The core from outside: documents, decisions, policies and properties.

mod bucket_policy;
mod digests;
mod document_texts;
mod documents;
mod documents_consumers;
mod documents_hostile;
mod documents_properties;
mod documents_sizes;
mod key_policy;
mod plan;
mod properties;
mod scale;
mod schedule;
mod schedule_expressions;
mod verify;
mod world;

/// One binary needs this list; a file that is not in it would count as passed without running.
#[test]
fn every_file_here_is_run() {
    let own = include_str!("main.rs");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for entry in std::fs::read_dir(folder).expect("this folder") {
        let path = entry.expect("a file").path();
        let is_code = path.extension().is_some_and(|extension| extension == "rs")
            || path.join("mod.rs").exists();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name")
            .to_owned();
        assert!(
            !is_code || stem == "main" || own.contains(&format!("\nmod {stem};\n")),
            "{} is not run",
            path.display()
        );
    }
}
