//! Stacks begin and end as they promise.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use goldsmith_tests::{Documents, Factory, Process, eventually, group_members, processes};
use local_stack::{Config, Stack, workspace_root};

const A_MOMENT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn two_stacks_stand_side_by_side() {
    let (one, other) = tokio::join!(Factory::start(), Factory::start());
    assert_ne!(one.endpoints, other.endpoints);

    one.upload(&Documents::sample()).await;

    let seen = other
        .aws
        .list_keys(&other.outputs.document_bucket, "")
        .await
        .expect("a list");
    assert_eq!(seen, Vec::<String>::new());
    assert!(other.recipes().await.is_empty());
    one.assert_settled().await;
    other.assert_settled().await;
}

#[tokio::test]
async fn a_stack_that_is_dropped_leaves_nothing() {
    let factory = Factory::start().await;
    factory.assert_settled().await;
    let (group, directory) = (factory.process_group(), factory.directory().to_owned());
    assert!(
        group_members(group).len() >= 2,
        "ministack and a function run"
    );

    drop(factory);

    assert_eq!(group_members(group), []);
    assert!(
        !directory.exists(),
        "{} is left behind",
        directory.display()
    );
}

#[tokio::test]
async fn a_missing_zip_says_how_it_is_made() {
    let root = checkout_without_zips();

    let started = Stack::start(Config {
        root: root.clone(),
        ..Config::default()
    })
    .await;

    let error = started.err().expect("no stack without zips");
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    assert!(
        cause.ends_with("bootstrap.zip cannot be read: run `make zips`"),
        "{error}: {cause}"
    );
    fs::remove_dir_all(root).expect("the folder goes");
}

#[test]
fn an_interrupt_leaves_nothing() {
    let mut up = Up::start("interrupt");
    let group = up.group();

    let interrupted = Command::new("kill")
        .args(["-INT", &up.child.id().to_string()])
        .status();

    assert!(interrupted.expect("kill").success());
    assert_eq!(up.child.wait().expect("an end").code(), Some(130));
    assert_eq!(group_members(group), []);
    assert!(
        !up.directory.join("env").exists(),
        "exports of a stack that is gone"
    );
}

/// As README says it, in "Drive it yourself".
#[test]
fn what_is_exported_drives_the_stack() {
    let up = Up::start("exports");
    let commands = ". \"$0/env\" && goldsmith apply ami-versions/nonprod --yes && goldsmith status";

    let driven = Command::new("sh")
        .current_dir(workspace_root())
        .args(["-c", commands])
        .arg(&up.directory)
        .output()
        .expect("a shell");

    let said = String::from_utf8_lossy(&driven.stdout);
    assert!(driven.status.success(), "{driven:?}");
    assert!(said.contains("mstr-nonprod-110304"), "{said}");
}

/// A false alarm on a good stack is what a newcomer meets first.
#[tokio::test]
async fn a_stack_that_is_driven_as_the_readme_says_is_verified_as_correct() {
    let up = Up::start("verified");
    let commands = r#"set -e
        . "$0/env"
        goldsmith apply ami-versions/nonprod --yes --wait >&2
        goldsmith verify"#;

    let driven = Command::new("bash")
        .args(["-c", commands])
        .arg(&up.directory)
        .current_dir(workspace_root())
        .output()
        .expect("a shell");

    let said = String::from_utf8_lossy(&driven.stdout);
    assert!(driven.status.success(), "{driven:?}");
    for wrong in ["Incorrect", "Missing", "Unknown"] {
        assert!(!said.contains(wrong), "{said}");
    }
    assert!(said.contains("Correct"), "{said}");
}

#[tokio::test]
async fn not_even_a_kill_leaves_a_process() {
    let mut up = Up::start("kill");
    let group = up.group();

    up.child.kill().expect("a kill");

    up.child.wait().expect("an end");
    eventually("the group has ended", A_MOMENT, async || {
        group_members(group).is_empty()
    })
    .await;
}

/// A checkout where nothing has been built.
fn checkout_without_zips() -> PathBuf {
    let root = workspace_root().join("target/stacks/without-zips");
    let _ = fs::remove_dir_all(&root);
    for folder in ["infra", "target"] {
        fs::create_dir_all(root.join(folder)).expect("a folder");
    }
    let template = "infra/template.yaml";
    fs::copy(workspace_root().join(template), root.join(template)).expect("a template");
    symlink(
        workspace_root().join("target/venv"),
        root.join("target/venv"),
    )
    .expect("a link");
    root
}

/// A running `local-stack up`, ready.
struct Up {
    child: Child,
    directory: PathBuf,
}

impl Up {
    fn start(name: &str) -> Self {
        let directory = workspace_root().join("target/stacks").join(name);
        let binary = binary();
        let mut child = Command::new(&binary)
            .args(["up", "--directory"])
            .arg(&directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}: run `make local-stack`", binary.display())
            });
        let output = child.stdout.take().expect("a pipe");
        let said = BufReader::new(output)
            .lines()
            .next()
            .expect("a line")
            .expect("text");
        assert_eq!(said, "ready");
        let exports = fs::read_to_string(directory.join("env")).expect("exports");
        assert!(
            exports.contains("export BUCKET='goldsmith-nonprod-documents-"),
            "{exports}"
        );
        Self { child, directory }
    }

    /// The process group that it has started.
    fn group(&self) -> u32 {
        let is_child = |process: &Process| process.parent == self.child.id();
        processes()
            .into_iter()
            .find(is_child)
            .expect("ministack runs")
            .group
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// `local-stack`, which is built beside the tests: `target/debug/deps/scenarios-<hash>` is one of them.
fn binary() -> PathBuf {
    let own = env::current_exe().expect("a path");
    own.ancestors()
        .nth(2)
        .expect("a profile's folder")
        .join("local-stack")
}
