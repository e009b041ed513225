//! Scenarios: the deployed factory on an embedded AWS, from the upload to the AMI.
//!
//! They need the zips and the virtual environment of the embedded AWS: `make test` makes both.

mod architecture;
#[path = "../attacks/mod.rs"]
mod attacks;
mod bad_input;
mod by_hand;
mod consumers;
mod copies;
mod delivery;
mod failures;
mod faults;
mod footprint;
mod hard_images;
mod image_events;
mod images;
mod keys;
mod kms;
mod lifecycle;
mod limits;
mod lost;
mod modules;
mod organizations;
mod parameters;
mod pause;
mod product_team;
mod promotion;
mod recreated;
mod reports;
mod reviewed;
mod roles;
mod scale;
mod scenarios;
mod schedule;
mod verify;

/// One binary needs these lists; a file that is in none of them would count as passed without running.
#[test]
fn every_file_here_is_run() {
    assert_all_run("tests", "main", include_str!("main.rs"));
    assert_all_run("attacks", "mod", include_str!("../attacks/mod.rs"));
}

/// Every file of `folder` is a module that `list`, the content of its file `root`, names.
fn assert_all_run(folder: &str, root: &str, list: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    for entry in std::fs::read_dir(folder).expect("a folder of tests") {
        let path = entry.expect("a file").path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name")
            .to_owned();
        assert!(
            stem == root || list.contains(&format!("\nmod {stem};\n")),
            "{} is not run",
            path.display()
        );
    }
}
