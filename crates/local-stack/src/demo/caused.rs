//! What a step of the demo causes: it waits for runs and builds, and adds up what the functions report.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use local_stack::{Stack, Totals};

use super::{DemoError, world};
use crate::terminal;

/// A build takes three seconds; ten times that is a build that will not end.
const PATIENCE: Duration = Duration::from_mins(2);

/// States that an image does not leave by itself.
const FINISHED: [&str; 3] = ["AVAILABLE", "FAILED", "CANCELLED"];

const POLL: Duration = Duration::from_millis(200);

/// What the runs did that `step` caused: the reports that were not there before it.
pub async fn caused(
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

fn in_time(started: Instant, what: &str) -> Result<(), DemoError> {
    if started.elapsed() < PATIENCE {
        return Ok(());
    }
    Err(DemoError::Unexpected(format!(
        "{what} after {} s",
        PATIENCE.as_secs()
    )))
}
