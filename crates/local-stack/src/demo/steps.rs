//! The steps of the demo, each with what it caused and how long it took.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use local_stack::aws::Invocation;
use local_stack::{ACCOUNT, Config, REGION, Stack, Totals, workspace_root};
use serde_json::{Value, json};

use super::{DemoError, world};
use crate::terminal;

/// A build takes three seconds; ten times that is a build that will not end.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the bucket announces: a document of another kind would start no run to wait for.
const DOCUMENTS: [&str; 3] = ["json", "yml", "yaml"];

/// The account that gets copies, beside the sample's, which the images are shared with.
const TAKER: &str = "333333333333";

/// States that an image does not leave by itself.
const FINISHED: [&str; 3] = ["AVAILABLE", "FAILED", "CANCELLED"];

const POLL: Duration = Duration::from_millis(200);

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
        published(stack).await?;
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

    /// Sends the build rule's target what the rule would send it, and waits for the builds.
    pub async fn schedule(&mut self, stack: &Stack) -> Result<Totals, DemoError> {
        let rule = &stack.outputs.build_rule;
        let expression = stack.aws.schedule_of(rule).await?.unwrap_or_default();
        terminal::step(&format!("firing the schedule, {expression}"));
        let started = Instant::now();
        let totals = caused(stack, fire(stack, rule)).await?;
        all_available(stack).await?;
        published(stack).await?;
        self.took(
            "scheduled_run",
            started,
            "the new images are available and published",
        );
        Ok(totals)
    }

    fn took(&mut self, phase: &'static str, started: Instant, what: &str) {
        let took = started.elapsed();
        self.seconds
            .insert(phase, (took.as_secs_f64() * 10.0).round() / 10.0);
        terminal::done(what, took);
    }
}

/// What the runs did that `step` caused: the reports that were not there before it.
async fn caused(
    stack: &Stack,
    step: impl Future<Output = Result<usize, DemoError>>,
) -> Result<Totals, DemoError> {
    let before = stack.report_keys().await?;
    let states = world::states(&stack.aws).await?;
    stack.emulator.clear_calls();
    let runs = step.await?;
    let started = Instant::now();
    while stack.report_keys().await?.difference(&before).count() < runs {
        in_time(started, "the functions have not reported")?;
        tokio::time::sleep(POLL).await;
    }
    watch_builds(stack, states).await?;
    stack.settle(PATIENCE).await?;
    let after = stack.report_keys().await?;
    let totals = stack.totals(after.difference(&before)).await?;
    plausible(stack, &totals)?;
    Ok(totals)
}

/// Checks that the functions do not report fewer writes than Image Builder alone has seen.
fn plausible(stack: &Stack, totals: &Totals) -> Result<(), DemoError> {
    let reads = ["Get", "List", "Describe"];
    let calls = stack.emulator.calls();
    let seen = calls
        .iter()
        .filter(|call| !reads.iter().any(|read| call.operation.starts_with(read)));
    let (seen, reported) = (seen.count() as u64, totals.writes);
    if seen <= reported {
        return Ok(());
    }
    Err(DemoError::Unexpected(format!(
        "the functions report {reported} writes, Image Builder alone saw {seen}"
    )))
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
        if key == "environment.json" {
            body =
                with_copies(&body).map_err(|error| DemoError::File(path.clone(), error.into()))?;
        }
        stack.put_document(&key, body).await?;
        terminal::note(&key);
    }
    Ok(documents.len())
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

/// Shows each state that an image enters after `shown`, until none is on its way.
async fn watch_builds(stack: &Stack, mut shown: BTreeMap<String, String>) -> Result<(), DemoError> {
    let started = Instant::now();
    loop {
        let states = world::states(&stack.aws).await?;
        for (image, state) in states
            .iter()
            .filter(|(image, state)| shown.get(*image) != Some(*state))
        {
            terminal::note(&format!(
                "{:5.1} s  {image}  {state}",
                started.elapsed().as_secs_f64()
            ));
        }
        if states
            .values()
            .all(|state| FINISHED.contains(&state.as_str()))
        {
            return Ok(());
        }
        shown = states;
        in_time(started, "images are still being built")?;
        tokio::time::sleep(POLL).await;
    }
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

/// Checks that what is published is the newest image of each recipe.
async fn published(stack: &Stack) -> Result<(), DemoError> {
    for recipe in world::recipes(&stack.aws).await? {
        let key = format!("images/{}/image.json", recipe.recipename);
        let published = stack.output_json(&key).await?;
        if published["ami_ids"] != json!(recipe.amis) {
            let reason = format!("{key} is {published}, expected {:?}", recipe.amis);
            return Err(DemoError::Unexpected(reason));
        }
        terminal::note(&format!("{key}  {published}"));
    }
    Ok(())
}

fn in_time(started: Instant, what: &str) -> Result<(), DemoError> {
    if started.elapsed() < PATIENCE {
        return Ok(());
    }
    Err(DemoError::Unexpected(format!(
        "{what} after {} s",
        PATIENCE.as_secs()
    )))
}
