//! `goldsmith redrive`: makes up for the events that a function has given up on.
//!
//! The functions decide nothing by their events, so an event that comes again does no harm: reconcile only looks
//! again, and scheduled-build starts only what the same event has not started.

use std::time::Duration;

use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::operator::{
    Failure, FailureQueue, Function, InvokeError, Operator, READING_MINUTES,
};
use goldsmith_domain::escape::printable;
use serde::Serialize;
use serde_json::Value;
use tokio::time::sleep;

use crate::arguments::{Format, Redrive};
use crate::exit::Exit;
use crate::json;
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
    let mut work = Redriven::default();
    for _ in 0..MOST_EVENTS {
        let Some(failure) = queue.receive().await? else {
            break;
        };
        // One that is visible again has already failed.
        if work.has_failed(&failure.id) {
            continue;
        }
        let say = |text: &str| {
            if arguments.format == Format::Text {
                printer.stdout(text);
            }
        };
        say(&format!("{}\n", describe(&failure)));
        let why = again(&operator, &failure, printer).await.err();
        match &why {
            None => {
                queue.delete(&failure).await?;
                say("  done; the event is deleted\n");
            }
            Some(why) => say(&format!("  it failed again: {why}\n")),
        }
        work.events.push(Event::new(failure, why));
    }
    let failed = work.failed();
    let counting = left(&queue, failed);
    work.left = printer
        .with_progress("counting what is left", counting)
        .await?;
    if arguments.format == Format::Json {
        printer.stdout(&json::pretty(&work)?);
    }
    if work.events.is_empty() && work.left == 0 {
        printer.stderr("there is no event in the failure queue");
    }
    Ok(end(work.left, failed, printer))
}

/// What became of the queue.
#[derive(Debug, Default, Serialize)]
struct Redriven {
    /// The events that were there.
    events: Vec<Event>,
    /// How many are left.
    left: u64,
}

/// An event that a function had given up on.
#[derive(Debug, Serialize)]
struct Event {
    id: String,
    function: Option<String>,
    /// When it gave up.
    time: Option<String>,
    /// Why it gave up.
    error: String,
    /// Why it failed again; none if it did not, and the event is deleted.
    failure: Option<String>,
}

impl Redriven {
    fn has_failed(&self, id: &str) -> bool {
        let mut events = self.events.iter();
        events.any(|event| event.failure.is_some() && event.id == id)
    }

    fn failed(&self) -> usize {
        let events = self.events.iter();
        events.filter(|event| event.failure.is_some()).count()
    }
}

impl Event {
    fn new(failure: Failure, why: Option<String>) -> Self {
        Self {
            id: failure.id,
            function: failure.function,
            time: failure.time,
            error: failure.error,
            failure: why,
        }
    }
}

fn describe(failure: &Failure) -> String {
    let function = failure.function.as_deref().unwrap_or("an unknown function");
    let time = failure.time.as_deref().unwrap_or("an unknown time");
    printable(&format!("{function} gave up at {time}: {}", failure.error))
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
