//! The steps of the demo, each with what it caused and how long it took.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use local_stack::aws::Invocation;
use local_stack::{ACCOUNT, Config, REGION, Stack, Totals, workspace_root};
use serde_json::{Value, json};

use super::caused::caused;
use super::{DemoError, gates, world};
use crate::terminal;

/// What the bucket announces: a document of another kind would start no run to wait for.
const DOCUMENTS: [&str; 3] = ["json", "yml", "yaml"];

/// The account that gets copies, beside the sample's, which the images are shared with.
const TAKER: &str = "333333333333";

/// The platform team's document.
const ENVIRONMENT: &str = "environment.json";

/// A running demo.
#[derive(Default)]
pub struct Steps {
    pub seconds: BTreeMap<&'static str, f64>,
}

impl Steps {
    /// Starts the stack.
    pub async fn start(config: Config) -> Result<(Self, Stack), DemoError> {
        let mut steps = Self::default();
        let started = Instant::now();
        terminal::step("starting the embedded AWS and deploying infra/template.yaml");
        let stack = Stack::start(config).await?;
        terminal::note(&format!(
            "AWS {}, Image Builder and EC2 {}",
            stack.endpoints.aws, stack.endpoints.imagebuilder
        ));
        terminal::note(&format!(
            "documents go to s3://{}",
            stack.outputs.document_bucket
        ));
        steps.took("start", started, "deployed");
        Ok((steps, stack))
    }

    /// Uploads every document and waits for the builds.
    pub async fn first_upload(&mut self, stack: &Stack) -> Result<Totals, DemoError> {
        terminal::step(&format!(
            "uploading the documents of ami-versions/nonprod, with copies for {TAKER}"
        ));
        let started = Instant::now();
        let totals = caused(stack, upload(stack)).await?;
        all_available(stack).await?;
        published(stack, None).await?;
        self.took(
            "first_run",
            started,
            &format!(
                "every image is available and published, after {} writes",
                totals.writes
            ),
        );
        Ok(totals)
    }

    /// Uploads the same documents again, which must change nothing.
    pub async fn second_upload(&mut self, stack: &Stack) -> Result<Totals, DemoError> {
        terminal::step("uploading the same documents again");
        let started = Instant::now();
        let totals = caused(stack, upload(stack)).await?;
        self.took("second_run", started, &format!("{} writes", totals.writes));
        if totals.writes > 0 {
            return Err(DemoError::Unexpected(format!(
                "the second upload made {} writes, expected none",
                totals.writes
            )));
        }
        Ok(totals)
    }

    /// Lets results decide from now on.
    pub async fn gates(&mut self, stack: &Stack) -> Result<Totals, DemoError> {
        terminal::step(&format!(
            "uploading environment.json with gates {}",
            gates::GATES
        ));
        let started = Instant::now();
        gates::store_results(stack, None).await?;
        let totals = caused(stack, upload_environment(stack, with_gates)).await?;
        published(stack, None).await?;
        self.took("gates_run", started, "every image passes");
        Ok(totals)
    }

    /// Sends the build rule's target what the rule would send it, and waits for the builds. A test fails.
    pub async fn schedule(&mut self, stack: &Stack) -> Result<Totals, DemoError> {
        let rule = &stack.outputs.build_rule;
        let expression = stack.aws.schedule_of(rule).await?.unwrap_or_default();
        terminal::step(&format!("firing the schedule, {expression}"));
        let started = Instant::now();
        let mut totals = caused(stack, fire(stack, rule)).await?;
        all_available(stack).await?;
        let failing = gates::to_fail(stack).await?;
        gates::store_results(stack, Some(&failing)).await?;
        totals += gates::held_back(stack, &failing).await?;
        published(stack, Some(&failing)).await?;
        let what = format!("the new images are available, and that of {failing} is held back");
        self.took("scheduled_run", started, &what);
        Ok(totals)
    }

    /// Merges a waiver of the control that failed.
    pub async fn waiver(&mut self, stack: &Stack) -> Result<Totals, DemoError> {
        terminal::step(&format!(
            "uploading {}, which waives the failed control",
            gates::WAIVERS
        ));
        let started = Instant::now();
        let totals = gates::waive(stack).await?;
        published(stack, None).await?;
        self.took("waiver_run", started, "every new image is published");
        Ok(totals)
    }

    fn took(&mut self, phase: &'static str, started: Instant, what: &str) {
        let took = started.elapsed();
        self.seconds
            .insert(phase, (took.as_secs_f64() * 10.0).round() / 10.0);
        terminal::done(what, took);
    }
}

/// Uploads every document, and says how many runs that starts at the least.
async fn upload(stack: &Stack) -> Result<usize, DemoError> {
    let root = workspace_root().join("ami-versions/nonprod");
    let documents = documents_below(&root).map_err(|error| DemoError::File(root.clone(), error))?;
    for path in &documents {
        let mut body = fs::read(path).map_err(|error| DemoError::File(path.clone(), error))?;
        let key = path
            .strip_prefix(&root)
            .unwrap_or(path)
            .display()
            .to_string();
        if key == ENVIRONMENT {
            body =
                with_copies(&body).map_err(|error| DemoError::File(path.clone(), error.into()))?;
        }
        stack.put_document(&key, body).await?;
        terminal::note(&key);
    }
    Ok(documents.len())
}

/// Uploads the sample's environment, changed by `change`.
async fn upload_environment(
    stack: &Stack,
    change: fn(&[u8]) -> serde_json::Result<Vec<u8>>,
) -> Result<usize, DemoError> {
    let path = workspace_root()
        .join("ami-versions/nonprod")
        .join(ENVIRONMENT);
    let unusable = |error| DemoError::File(path.clone(), error);
    let body = fs::read(&path).map_err(unusable)?;
    let body = change(&body).map_err(|error| unusable(error.into()))?;
    stack.put_document(ENVIRONMENT, body).await?;
    Ok(1)
}

/// The environment with the consumer that gets copies, and limits for results.
fn with_gates(environment: &[u8]) -> serde_json::Result<Vec<u8>> {
    let mut environment: Value = serde_json::from_slice(&with_copies(environment)?)?;
    environment["gates"] = serde_json::from_str(gates::GATES)?;
    serde_json::to_vec_pretty(&environment)
}

/// The environment with one consumer more, which gets copies.
fn with_copies(environment: &[u8]) -> serde_json::Result<Vec<u8>> {
    let mut environment: Value = serde_json::from_slice(environment)?;
    let taker = json!({ "account-id": TAKER, "roles": "any", "serve": "copy" });
    if let Some(consumers) = environment["consumers"].as_array_mut() {
        consumers.push(taker);
    }
    serde_json::to_vec_pretty(&environment)
}

/// The documents in a folder and its folders, in order.
fn documents_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(documents_below(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| DOCUMENTS.iter().any(|known| extension == *known))
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Invokes the targets of `rule` with a scheduled event.
async fn fire(stack: &Stack, rule: &str) -> Result<usize, DemoError> {
    let targets = stack.aws.targets_of(rule).await?;
    for target in &targets {
        let answer = stack.aws.invoke(target, &scheduled_event(rule)).await?;
        show_started(&answer)?;
    }
    Ok(targets.len())
}

fn show_started(answer: &Invocation) -> Result<(), DemoError> {
    if answer.failed {
        return Err(DemoError::Unexpected(format!(
            "the scheduled build failed: {}",
            answer.payload
        )));
    }
    let entries = |member: &str| {
        answer.payload[member]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    for started in entries("started") {
        terminal::note(&format!("started {}", text(&started["pipeline-arn"])));
    }
    for skipped in entries("skipped") {
        terminal::note(&format!(
            "skipped {}, {}",
            text(&skipped["recipename"]),
            text(&skipped["reason"])
        ));
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The event of a scheduled rule.
fn scheduled_event(rule: &str) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": jiff::Timestamp::now().to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}")],
        "detail": {},
    })
}

async fn all_available(stack: &Stack) -> Result<(), DemoError> {
    let states = world::states(&stack.aws).await?;
    let others: Vec<_> = states
        .iter()
        .filter(|(_, state)| *state != "AVAILABLE")
        .collect();
    if states.is_empty() || !others.is_empty() {
        return Err(DemoError::Unexpected(format!(
            "expected every image to be available, found {others:?}"
        )));
    }
    Ok(())
}

/// Checks that what is published is the newest image of each recipe, but for the one that is held back.
async fn published(stack: &Stack, held_back: Option<&str>) -> Result<(), DemoError> {
    for recipe in world::recipes(&stack.aws).await? {
        let is_held_back = held_back == Some(&recipe.recipename);
        let key = format!("images/{}/image.json", recipe.recipename);
        let published = stack.output_json(&key).await?;
        if (published["ami_ids"] == json!(recipe.amis)) == is_held_back {
            let not = if is_held_back {
                "something else than "
            } else {
                ""
            };
            let reason = format!("{key} is {published}, expected {not}{:?}", recipe.amis);
            return Err(DemoError::Unexpected(reason));
        }
        terminal::note(&format!("{key}  {published}"));
    }
    Ok(())
}
