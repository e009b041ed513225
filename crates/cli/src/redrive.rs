//! `goldsmith redrive`: makes up for the events that a function has given up on.
//!
//! The functions decide nothing by their events, so an event that comes again does no harm: reconcile only looks
//! again, and scheduled-build starts only what the same event has not started.

use std::collections::BTreeSet;
use std::time::Duration;

use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::operator::{
    Failure, FailureQueue, Function, InvokeError, Operator, READING_MINUTES,
};
use goldsmith_domain::escape::printable;
use serde_json::Value;
use tokio::time::sleep;

use crate::arguments::Redrive;
use crate::exit::Exit;
use crate::operate::OperateError;
use crate::printer::Printer;
use crate::stack;

/// How many events are made up for at most: whoever has more has another problem first.
const MOST_EVENTS: usize = 200;
/// How often the queue is counted: its number is right only a moment after a deletion (SQS API reference,
/// `GetQueueAttributes`).
const COUNTS: usize = 4;
/// How long it gets between two of them.
const PAUSE: Duration = Duration::from_secs(1);

/// Invokes the functions with what is in the failure queue, and deletes each event that succeeds.
pub async fn run(arguments: &Redrive, printer: Printer) -> Result<Exit, OperateError> {
    let operator = stack::operator(&arguments.stack).await?;
    let aws = operator.look().await?;
    let queue = FailureQueue::of(&aws).await?;
    let mut done = 0;
    let mut failed = BTreeSet::new();
    for _ in 0..MOST_EVENTS {
        let Some(failure) = queue.receive().await? else {
            break;
        };
        // One that is visible again has already failed.
        if failed.contains(&failure.id) {
            continue;
        }
        printer.stdout(&format!("{}\n", describe(&failure)));
        match again(&operator, &failure, printer).await {
            Ok(()) => {
                queue.delete(&failure).await?;
                printer.stdout("  done; the event is deleted\n");
                done += 1;
            }
            Err(why) => {
                printer.stdout(&format!("  it failed again: {why}\n"));
                failed.insert(failure.id);
            }
        }
    }
    let counting = left(&queue, failed.len());
    let left = printer
        .with_progress("counting what is left", counting)
        .await?;
    if done + failed.len() == 0 && left == 0 {
        printer.stderr("there is no event in the failure queue");
    }
    Ok(end(left, failed.len(), printer))
}

/// How many events are left, at least the `known` ones.
async fn left(queue: &FailureQueue<'_>, known: usize) -> Result<u64, CallError> {
    let known = u64::try_from(known).unwrap_or(u64::MAX);
    let mut left = queue.count().await?;
    for _ in 1..COUNTS {
        if left <= known {
            break;
        }
        sleep(PAUSE).await;
        left = queue.count().await?;
    }
    Ok(left.max(known))
}

/// Says how many events are left.
fn end(left: u64, failed: usize, printer: Printer) -> Exit {
    if left == 0 {
        return Exit::Done;
    }
    let events = if left == 1 { "event is" } else { "events are" };
    printer.stderr(&format!("about {left} {events} left in the failure queue"));
    printer.hint(&if failed > 0 {
        format!(
            "read the function's log, fix the cause, and run `goldsmith redrive` again in {READING_MINUTES} \
             minutes: until then nobody gets the events that failed again"
        )
    } else {
        format!(
            "run `goldsmith redrive` again; what another reader has received is visible after {READING_MINUTES} \
             minutes"
        )
    });
    Exit::Refused
}

fn describe(failure: &Failure) -> String {
    let function = failure.function.as_deref().unwrap_or("an unknown function");
    let time = failure.time.as_deref().unwrap_or("an unknown time");
    printable(&format!("{function} gave up at {time}: {}", failure.error))
}

/// Invokes the function with its event again. Errors: why it failed again, as a sentence.
async fn again(operator: &Operator, failure: &Failure, printer: Printer) -> Result<(), String> {
    let Some(function) = function(operator, failure) else {
        return Err("no function of this stack has this name".to_owned());
    };
    let invoked = operator.invoke::<Value>(function, &failure.event);
    let answer: Result<Value, InvokeError> = printer
        .with_progress(&format!("invoking {}", function.as_str()), invoked)
        .await;
    answer.map(drop).map_err(|error| printable(&chain(&error)))
}

fn function(operator: &Operator, failure: &Failure) -> Option<Function> {
    let name = failure.function.as_deref()?;
    let mut all = Function::ALL.into_iter();
    all.find(|function| operator.function_name(*function) == name)
}
