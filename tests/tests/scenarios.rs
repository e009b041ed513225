//! The command line at work: each script in `scenarios/` is played against a factory of its own.

use std::fs;
use std::path::PathBuf;

use goldsmith_tests::play;
use local_stack::workspace_root;

macro_rules! scripts {
    ($($script:ident),* $(,)?) => {
        const PLAYED: &[&str] = &[$(stringify!($script)),*];
        $(
            #[tokio::test]
            async fn $script() {
                play(stringify!($script)).await;
            }
        )*
    };
}

scripts![
    dependents,
    first_merge,
    night,
    pull_requests,
    refusals,
    several_repositories
];

/// A script that is not in the list would count as passed without being played.
#[test]
fn every_script_is_played() {
    for entry in fs::read_dir(workspace_root().join("tests/scenarios")).expect("the scripts") {
        let path = entry.expect("an entry").path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        assert!(PLAYED.contains(&stem), "{} is not played", path.display());
    }
}

/// The README, and the pages of `docs/`.
fn pages() -> Vec<PathBuf> {
    let root = workspace_root();
    let docs = fs::read_dir(root.join("docs")).expect("the pages");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    let pages = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    [root.join("README.md")].into_iter().chain(pages).collect()
}

/// What a page shows of a script, behind `<!-- scenario: <name> -->`, is what is played.
#[test]
fn the_readme_and_the_pages_show_what_is_played() {
    let mut showing = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        for part in text.split("<!-- scenario: ").skip(1) {
            assert_is_played(part);
            showing.push(page.file_name().expect("a name").to_owned());
        }
    }
    for page in ["README.md", "pull-requests.md"] {
        assert!(
            showing.iter().any(|shown| shown == page),
            "{page} shows no script"
        );
    }
}

/// `part` begins with the name of a script and goes on with a block of it.
fn assert_is_played(part: &str) {
    let (name, rest) = part.split_once(" -->").expect("the end of the mark");
    let script = workspace_root().join(format!("tests/scenarios/{name}.txt"));
    let script = fs::read_to_string(&script).unwrap_or_else(|error| panic!("{name}: {error}"));
    let block = rest
        .split("```")
        .nth(1)
        .and_then(|block| block.split_once('\n'))
        .expect("a block")
        .1;
    assert!(script.contains(block), "{name} does not have\n{block}");
}
