//! The command line at work: each script in `scenarios/` is played against a factory of its own.

use std::fs;

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

/// What the README shows of a script, behind `<!-- scenario: <name> -->`, is what is played.
#[test]
fn the_readme_shows_what_is_played() {
    let readme = fs::read_to_string(workspace_root().join("README.md")).expect("the README");
    let mut shown = readme.split("<!-- scenario: ").skip(1).peekable();
    assert!(shown.peek().is_some(), "the README shows no script");
    for part in shown {
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
}
