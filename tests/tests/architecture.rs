//! The arrows of ARCHITECTURE.md: who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Crates whose arrows are free: they are only used to test and to show.
const EXEMPT: [&str; 2] = ["goldsmith-tests", "local-stack"];

/// What each crate may depend on in this workspace, dev-dependencies aside.
fn allowed(package: &str) -> &'static [&'static str] {
    match package {
        "iam-policy" | "imagebuilder-emulator" => &[],
        "goldsmith-domain" => &["iam-policy"],
        "goldsmith-aws" | "goldsmith-layers" | "goldsmith-import" => &["goldsmith-domain"],
        "goldsmith-cli" => &[
            "goldsmith-aws",
            "goldsmith-domain",
            "goldsmith-import",
            "goldsmith-layers",
        ],
        "goldsmith-function" => &["goldsmith-aws", "goldsmith-domain"],
        "bootstrap" => &[
            "goldsmith-function",
            "image-events",
            "reconcile",
            "scheduled-build",
        ],
        _ => &["goldsmith-aws", "goldsmith-domain", "goldsmith-function"],
    }
}

#[test]
fn dependencies_point_one_way() {
    let dependencies = dependencies();
    let workspace: BTreeSet<&String> = dependencies.keys().collect();
    assert!(
        workspace.len() >= 9,
        "the workspace has its crates: {workspace:?}"
    );
    for (package, needed) in dependencies
        .iter()
        .filter(|(name, _)| !EXEMPT.contains(&name.as_str()))
    {
        for name in needed.iter().filter(|name| workspace.contains(name)) {
            assert!(
                allowed(package).contains(&name.as_str()),
                "{package} must not depend on {name}"
            );
        }
    }
}

#[test]
fn only_the_aws_crate_names_the_sdk_and_the_core_is_pure() {
    for (package, needed) in dependencies()
        .iter()
        .filter(|(name, _)| !EXEMPT.contains(&name.as_str()))
    {
        let sdk = needed
            .iter()
            .find(|name| name.starts_with("aws-sdk-") || *name == "aws-config");
        assert!(
            sdk.is_none() || package == "goldsmith-aws",
            "{package} must not depend on {sdk:?}"
        );
        let impure = needed
            .iter()
            .find(|name| name.starts_with("aws") || *name == "tokio" || *name == "reqwest");
        assert!(
            impure.is_none()
                || !["goldsmith-domain", "goldsmith-layers"].contains(&package.as_str()),
            "the core must not depend on {impure:?}"
        );
    }
}

/// The dependencies of each package of the workspace, dev-dependencies aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let arguments = [
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--offline",
    ];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .output()
        .expect("cargo runs");
    let metadata: Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| (text(&package["name"]), needed(package)))
        .collect()
}

fn needed(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"]
        .as_array()
        .expect("dependencies")
        .iter();
    all.filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| text(&dependency["name"]))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
