//! What tests find, and what follows from it: an image that is held back, and a waiver that lets it go.
//!
//! The embedded AWS runs no instances. So the demo stores what a test's instance would store; everything after that
//! is the factory's own.

use std::process::Command;

use local_stack::aws::CallError;
use local_stack::{Function, Stack, Totals, workspace_root};
use serde_json::{Value, json};

use super::caused::caused;
use super::summary::{RecipeRow, Results};
use super::{DemoError, world};
use crate::{local, terminal};

/// What the environment accepts from then on: no failed control of severity high.
pub const GATES: &str = r#"{ "failed-controls": { "high": 0 } }"#;

/// The test that the demo plays.
const SUITE: &str = "baseline";

/// The control that fails.
const CONTROL: &str = "root-login";

/// The waiver, as a reviewer merges it.
const WAIVER: &str = "- benchmark: Baseline
  profile: baseline
  rules:
    root-login:
      reason: only the bastion reaches port 22
      approved_by: security@example.com
      approved_on: 2026-01-02
";

/// The document that waives it.
pub const WAIVERS: &str = "audit/skip.yml";

/// Stores what the test of each recipe's newest image found; of the recipe `fails` with a failed control.
pub async fn store_results(stack: &Stack, fails: Option<&str>) -> Result<(), DemoError> {
    for recipe in world::recipes(&stack.aws).await? {
        let found = if fails == Some(&recipe.recipename) {
            "fail"
        } else {
            "pass"
        };
        store(stack, &recipe, found).await?;
        let RecipeRow {
            recipename,
            version,
            ..
        } = &recipe;
        terminal::note(&format!(
            "the test of {recipename} {version}: {CONTROL} {found}"
        ));
    }
    Ok(())
}

async fn store(stack: &Stack, recipe: &RecipeRow, found: &str) -> Result<(), CallError> {
    let control = |id: &str, severity: &str, result: &str| json!({"id": id, "severity": severity, "result": result});
    let results = json!({"goldsmith-results": 1, "tool": "demo", "profile": "baseline", "controls": [
        control(CONTROL, "high", found),
        control("disk-space", "medium", "pass"),
    ]});
    let bucket = &stack.outputs.output_bucket;
    for ami in recipe.amis.values() {
        let key = format!("results/{ami}/{SUITE}/results.json");
        let body = results.to_string().into_bytes();
        stack.aws.put_object(bucket, &key, body).await?;
    }
    Ok(())
}

/// The recipe that is to fail: the last one.
pub async fn to_fail(stack: &Stack) -> Result<String, DemoError> {
    let last = world::recipes(&stack.aws).await?.pop();
    let recipe = last.ok_or_else(|| DemoError::Unexpected("there is no recipe".to_owned()))?;
    Ok(recipe.recipename)
}

/// Has reconcile look, as the hour would, and shows why the image of `recipe` waits.
pub async fn held_back(stack: &Stack, recipe: &str) -> Result<Totals, DemoError> {
    let mut report = Value::Null;
    let looking = async {
        let answer = stack.invoke(Function::Reconcile, &json!({})).await?;
        report = answer.payload;
        Ok(1)
    };
    let totals = caused(stack, looking).await?;
    let mut waiting = report["waiting"].as_array().into_iter().flatten();
    let of_recipe = waiting.find(|entry| entry["kind"] == "results" && entry["target"] == recipe);
    let Some(entry) = of_recipe else {
        let reason = format!("the image of {recipe} is not held back: {report}");
        return Err(DemoError::Unexpected(reason));
    };
    let why = entry["reason"].as_str().unwrap_or_default();
    terminal::note(&format!("{recipe} waits: {why}"));
    Ok(totals)
}

/// Merges the waiver.
pub async fn waive(stack: &Stack) -> Result<Totals, DemoError> {
    caused(stack, async {
        stack.put_document(WAIVERS, WAIVER.into()).await?;
        Ok(1)
    })
    .await
}

/// Adds what `goldsmith results` says of each recipe's newest image.
pub fn add_results(stack: &Stack, recipes: &mut [RecipeRow]) -> Result<(), DemoError> {
    for recipe in recipes {
        recipe.results = results(stack, &recipe.recipename)?;
    }
    Ok(())
}

fn results(stack: &Stack, recipe: &str) -> Result<Results, DemoError> {
    let output = Command::new(workspace_root().join("target/debug/goldsmith"))
        .args(["results", recipe, "--format", "json"])
        .envs(local::access(&stack.endpoints))
        .output();
    let output = output.map_err(|error| DemoError::File("goldsmith".into(), error))?;
    let found: Result<Value, _> = serde_json::from_slice(&output.stdout);
    let summary = found.ok().map(|found| found["summary"].clone());
    let read = summary.and_then(|summary| serde_json::from_value(summary).ok());
    read.ok_or_else(|| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        DemoError::Unexpected(format!("`goldsmith results {recipe}` says: {said}"))
    })
}
