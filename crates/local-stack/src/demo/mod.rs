//! `local-stack demo`: the factory at work, from an upload to AMIs that other accounts may launch.
//!
//! Nothing here knows what the answer should be: what is shown and what goes to `summary.json` is
//! read from the running stack.

mod caused;
mod gates;
mod steps;
mod summary;
mod table;
mod world;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use local_stack::aws::CallError;
use local_stack::{Config, SettleError, Stack, StartError, workspace_root};

use crate::terminal;
use steps::Steps;
use summary::Summary;

/// How many lines of each log a failure shows.
const LAST_LINES: usize = 15;

/// The demo did not get to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The stack did not start.
    #[error("the stack did not start")]
    Start(#[from] StartError),
    /// A call failed.
    #[error("the stack did not answer as it should")]
    Call(#[from] CallError),
    /// The stack did not become quiet.
    #[error("the step did not come to an end")]
    Settle(#[from] SettleError),
    /// A file could not be read or written.
    #[error("{} cannot be used", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The stack is not in the state that the demo promises.
    #[error("{0}")]
    Unexpected(String),
}

/// Runs the demo.
pub async fn run() -> Result<(), DemoError> {
    let directory = workspace_root().join("target/demo");
    forget(&directory)?;
    let config = Config::default().logging_to(&directory);
    let (mut steps, stack) = Steps::start(config)
        .await
        .inspect_err(|_| show_logs(&directory))?;
    let shown = show(&mut steps, &stack).await;
    if let Err(error) = stack.save_logs().await {
        terminal::note(&format!("the functions' logs cannot be kept: {error}"));
    }
    stack.stop();
    match shown {
        Ok(summary) => finish(&directory, &summary),
        Err(error) => {
            show_logs(&directory);
            Err(error)
        }
    }
}

async fn show(steps: &mut Steps, stack: &Stack) -> Result<Summary, DemoError> {
    let first_run = steps.first_upload(stack).await?;
    let second_run = steps.second_upload(stack).await?;
    let gates_run = steps.gates(stack).await?;
    let scheduled_run = steps.schedule(stack).await?;
    let waiver_run = steps.waiver(stack).await?;
    let mut recipes = world::recipes(&stack.aws).await?;
    world::add_copies(stack, &mut recipes).await?;
    gates::add_results(stack, &mut recipes)?;
    let builds_started = world::builds(&stack.aws).await?;
    let image_json = stack.output_keys("images/").await?;
    let seconds = steps.seconds.clone();
    Ok(Summary {
        recipes,
        first_run,
        second_run,
        gates_run,
        scheduled_run,
        waiver_run,
        builds_started,
        image_json,
        seconds,
    })
}

fn finish(directory: &Path, summary: &Summary) -> Result<(), DemoError> {
    let path = directory.join("summary.json");
    let text = serde_json::to_string_pretty(summary).map_err(io::Error::from);
    let written = text.and_then(|text| fs::write(&path, text + "\n"));
    written.map_err(|error| DemoError::File(path.clone(), error))?;
    terminal::data(&table::render(&summary.recipes));
    let shown = path.strip_prefix(workspace_root()).unwrap_or(&path);
    terminal::note(&format!("the same and more is in {}", shown.display()));
    Ok(())
}

/// Removes what an earlier demo left.
fn forget(directory: &Path) -> Result<(), DemoError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(DemoError::File(directory.to_owned(), error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Shows how each log ends, for somebody who does not know yet where to look.
fn show_logs(directory: &Path) {
    let logs = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    for log in logs.filter(|path| path.extension().is_some_and(|extension| extension == "log")) {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        terminal::step(&format!("the end of {}", log.display()));
        lines
            .iter()
            .skip(lines.len().saturating_sub(LAST_LINES))
            .for_each(|line| terminal::note(line));
    }
}
