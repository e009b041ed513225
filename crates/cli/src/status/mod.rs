//! `goldsmith status`: what is published, what builds, what waits or needs a person, and what helps.

mod found;
mod gather;
mod help;
mod model;
mod render;
mod schedule;
#[cfg(test)]
mod tests;

use std::time::Duration;

use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::operator::{
    FailureQueue, Function, Operator, alarms, build_rule, builds, newest_runs,
};
use goldsmith_aws::{Aws, documents, get_image, output, pipelines};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::Parsed;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::release::Release;
use goldsmith_domain::report::Report;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use self::found::add_results;
pub use self::gather::state;
use self::gather::{View, status};
pub use self::help::of_alarm as help_with_alarm;
pub use self::model::{Build, Reason, ReasonState, Status};
use crate::arguments::{Status as Arguments, StatusFormat};
use crate::exit::Exit;
use crate::json;
use crate::operate::OperateError;
use crate::pipelines::NoPipelineError;
use crate::printer::Printer;
use crate::stack;
use crate::version::warn_if_older;

/// How far back scheduled runs are looked for: a monthly schedule has one in it.
const SCHEDULED: SignedDuration = SignedDuration::from_hours(24 * 40);
/// How many of them are read.
const MOST_SCHEDULED: usize = 5;
/// How often `--watch` looks.
const WATCH: Duration = Duration::from_secs(10);

/// Prints the status, once or until it is interrupted.
pub async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, OperateError> {
    let operator = stack::operator(&arguments.stack).await?;
    let mut before = String::new();
    loop {
        let (status, exit, release) = look(&operator, arguments, printer).await?;
        if !arguments.watch {
            warn_if_older(release.as_ref(), printer);
            match arguments.format {
                StatusFormat::Table => printer.reading(&status),
                StatusFormat::Json => printer.stdout(&status),
            }
            return Ok(exit);
        }
        if status != before {
            printer.page(&status);
            before = status;
        }
        sleep(WATCH).await;
    }
}

/// The status as text, how the command ends with it, and the release that the stack runs.
async fn look(
    operator: &Operator,
    arguments: &Arguments,
    printer: Printer,
) -> Result<(String, Exit, Option<Release>), OperateError> {
    let wanted = arguments.recipe.as_ref();
    let reading = Box::pin(read(operator, wanted));
    let status = printer.with_progress("reading the stack", reading).await?;
    if let Some(name) = wanted.filter(|_| status.recipes.is_empty()) {
        return Err(NoPipelineError(name.clone()).into());
    }
    let text = match arguments.format {
        StatusFormat::Table => {
            let (now, zone) = (Timestamp::now(), TimeZone::system());
            render::text(&status, &render::Page::new(now, &zone, printer.width()))
        }
        StatusFormat::Json => json::pretty(&status)?,
    };
    let exit = if status.needs_person() {
        Exit::Refused
    } else {
        Exit::Done
    };
    let release = status.last_run.and_then(|run| run.release);
    Ok((text, exit, release))
}

async fn read(operator: &Operator, wanted: Option<&RecipeName>) -> Result<Status, OperateError> {
    let aws = operator.look().await?;
    let mut status = of_stack(&aws, wanted).await?;
    let mut missing = Missing::default();
    add_results(&aws, &mut status, &mut missing).await;
    status.not_shown.extend(missing.0);
    Ok(status)
}

/// Reads all of it, or only what is about a recipe. What the caller may not read is named, and the rest is shown.
pub async fn of_stack(aws: &Aws, wanted: Option<&RecipeName>) -> Result<Status, OperateError> {
    let now = Timestamp::now();
    let (pipelines, builds) = tokio::try_join!(pipelines(aws), builds(aws))?;
    let (report, desired, rule, scheduled) = tokio::join!(
        latest(aws),
        desired(aws),
        build_rule(aws),
        newest_runs(
            aws,
            Function::ScheduledBuild,
            now - SCHEDULED,
            MOST_SCHEDULED
        ),
    );
    let mut missing = Missing::default();
    let report = missing.or_none("the last report", report).flatten();
    let rule = missing.or_none("the schedule", rule);
    let scheduled = missing
        .or_none("the scheduled runs", scheduled)
        .unwrap_or_default();
    let view = View {
        stack: &aws.stack,
        desired: desired.as_deref(),
        pipelines: &pipelines,
        builds: &builds,
        report: report.as_ref(),
        rule: rule.as_ref(),
        scheduled: &scheduled,
        now,
    };
    let mut status = status(view, wanted);
    name_failures(aws, &mut status, &mut missing).await;
    let (alarms, failed) = tokio::join!(alarms(aws), failed_events(aws));
    let alarms = missing.or_none("the alarms", alarms);
    status.alarms = alarms.map(|alarms| alarms.into_iter().map(Into::into).collect());
    status.failed_events = missing.or_none("the failure queue", failed);
    missing
        .0
        .extend(aws.take_discarded().iter().map(ToString::to_string));
    status.not_shown = missing.0;
    Ok(status)
}

/// What could not be read, with the reason.
#[derive(Default)]
struct Missing(Vec<String>);

impl Missing {
    fn or_none<T>(&mut self, what: &str, read: Result<T, CallError>) -> Option<T> {
        read.inspect_err(|error| self.0.push(format!("{what}: {}", chain(error))))
            .ok()
    }
}

async fn latest(aws: &Aws) -> Result<Option<Report>, CallError> {
    let (latest, _) = output::latest(aws).await?;
    Ok(latest.map(|latest| latest.report))
}

async fn failed_events(aws: &Aws) -> Result<u64, CallError> {
    FailureQueue::of(aws).await?.count().await
}

/// Adds where each newest build failed: lists do not say it.
async fn name_failures(aws: &Aws, status: &mut Status, missing: &mut Missing) {
    let recipes = status.recipes.iter_mut();
    for build in recipes.filter_map(|recipe| recipe.newest.as_mut()) {
        let Some(arn) = build.image.parse().ok().filter(|_| build.ended_badly()) else {
            continue;
        };
        let detail = missing.or_none("a failed build", get_image(aws, &arn).await);
        let lines = detail
            .flatten()
            .map(|detail| detail.failure)
            .unwrap_or_default();
        build.failed_in = failed_in(&lines);
    }
}

/// `TESTING, step ApplyTestComponents`, from a failure's lines.
fn failed_in(lines: &[String]) -> Option<String> {
    let named = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name));
    let state = named("state: ")?;
    Some(match named("step: ") {
        Some(step) => format!("{state}, step {step}"),
        None => state.to_owned(),
    })
}

/// What the documents in the bucket ask for; none if they cannot be read or used. The report has the
/// reason.
async fn desired(aws: &Aws) -> Option<Box<Desired>> {
    match documents::current(aws).await.ok()?.parsed {
        Parsed::Desired(desired) => Some(desired),
        Parsed::Absent(_) | Parsed::Rejected(_) => None,
    }
}
