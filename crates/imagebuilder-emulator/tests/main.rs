//! The emulator, as its clients see it. Most tests call it in process, some over HTTP.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod builds;
mod components;
mod distributions;
mod documented;
mod ec2;
mod events;
mod fault_json;
mod faults;
mod lifecycle;
mod listing;
mod over_http;
mod random;
mod resources;
mod scans;
mod schedules;
mod state;
mod support;
mod unknowns;
mod workflows;

/// A file that no module names would count as passed without running.
#[test]
fn every_file_here_is_run() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    check_folder(&tests, "main.rs");
}

fn check_folder(folder: &std::path::Path, root: &str) {
    let modules = std::fs::read_to_string(folder.join(root)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_folder(&path, "mod.rs");
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_root = path.file_name().unwrap() == root;
        let is_named = modules.contains(&format!("\nmod {name};\n"));
        assert!(is_root || is_named, "{} is not run", path.display());
    }
}
