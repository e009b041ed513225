//! `goldsmith logs`: how a build of a recipe went, why it failed, and the end of its log.

mod keep;
mod render;

use std::time::Duration;

use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::{Build, FailedStep, LogLines, Operator, builds, failed_step};
use goldsmith_aws::{Aws, get_image, pipelines};
use goldsmith_domain::build_log::BuildLog;
use goldsmith_domain::observed::{Image, ImageState, Pipeline};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use tokio::time::sleep;

use self::keep::{Keep, KeepError, require_absent};
use crate::arguments::{Logs, LogsFormat};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::operate::OperateError;
use crate::patience::{ReadError, patiently};
use crate::pipelines::{NoPipelineError, newest, pipeline_of};
use crate::printer::Printer;
use crate::stack::{self, StackError};
use crate::status::state;

/// How often `--follow` looks.
const FOLLOW: Duration = Duration::from_secs(3);

/// A build could not be shown, or not be kept.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The stack could not be read.
    #[error(transparent)]
    Operate(#[from] OperateError),
    /// It could not be read for too long.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file could not be written.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The build could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for LogsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.hint(),
            Self::Operate(error) => error.hint(),
            Self::Read(error) => error.hint(),
            Self::Keep(error) => error.hint(),
            Self::Json(error) => error.hint(),
        }
    }
}

/// What is known of a build.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Story {
    /// The image.
    pub image: String,
    /// Its recipe version and build.
    pub version: String,
    /// Its state, as Image Builder spells it.
    pub state: String,
    /// When it began.
    pub created: Option<String>,
    /// The reason that Image Builder gives.
    pub reason: Option<String>,
    /// The failure context, line by line.
    pub context: Vec<String>,
    /// The step that failed.
    pub step: Option<Step>,
    /// Builds that a reader has to know of beside this one.
    pub others: Others,
    /// Its log.
    pub log: Log,
}

/// The step of a workflow that failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What it does.
    pub action: String,
    /// What it says.
    pub message: String,
}

impl From<FailedStep> for Step {
    fn from(step: FailedStep) -> Self {
        let FailedStep {
            name,
            action,
            message,
        } = step;
        Self {
            name,
            action,
            message,
        }
    }
}

/// Other builds of the recipe.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Others {
    /// The newest later build that is available.
    pub later_good: Option<String>,
    /// The newest build that failed, if this one did not.
    pub last_failed: Option<String>,
}

/// The log of a build.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Log {
    /// The CloudWatch log group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// Its last lines; none if there is no log.
    pub lines: Option<Vec<String>>,
}

/// Prints how the newest build went, or the one that is asked for.
pub async fn run(arguments: &Logs, printer: Printer) -> Result<Exit, LogsError> {
    let output = arguments.output.as_deref();
    require_absent(output.filter(|_| !arguments.force))?;
    let operator = stack::operator(&arguments.stack).await?;
    let reading = read(&operator, arguments);
    let read = Box::pin(printer.with_progress("looking for the build", reading)).await?;
    let Some(Read { story, next, aws }) = read else {
        printer.stderr(&format!("no build of {} has started", arguments.recipe));
        return Ok(Exit::Done);
    };
    let mut keep = Keep::new(output, arguments.force, printer)?;
    keep.stdout(&shown(&story, arguments)?)?;
    if arguments.follow {
        let lines = Lines {
            next,
            format: arguments.format,
            keep,
        };
        follow(&operator, &aws, &story, lines).await?;
    }
    Ok(Exit::Done)
}

/// The build in the format that is asked for.
fn shown(story: &Story, arguments: &Logs) -> Result<String, JsonError> {
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    match arguments.format {
        LogsFormat::Text => Ok(render::text(story, arguments.recipe.as_str(), now, &zone)),
        LogsFormat::Json => json::pretty(story),
    }
}

/// A build that was read.
struct Read {
    story: Story,
    /// The token of what comes after its last lines.
    next: Option<String>,
    aws: Aws,
}

async fn read(operator: &Operator, arguments: &Logs) -> Result<Option<Read>, OperateError> {
    let aws = operator.look().await?;
    let (pipelines, builds) = tokio::try_join!(pipelines(&aws), builds(&aws))?;
    let found = pipeline_of(&aws.stack, &pipelines, &arguments.recipe);
    let pipeline = found.ok_or_else(|| NoPipelineError(arguments.recipe.clone()))?;
    let Some(build) = wanted(&builds, pipeline, arguments.build.as_deref())? else {
        return Ok(None);
    };
    let others = others(&builds, build);
    let (story, next) = story(operator, &aws, build, others, arguments.lines).await?;
    Ok(Some(Read { story, next, aws }))
}

/// The build to show: the one that is asked for, or the newest.
fn wanted<'a>(
    builds: &'a [Build],
    pipeline: &Pipeline,
    asked: Option<&str>,
) -> Result<Option<&'a Build>, OperateError> {
    let slug = pipeline.arn.as_str().rsplit('/').next().unwrap_or_default();
    let Some(asked) = asked else {
        return Ok(newest(builds, slug));
    };
    let mut of_recipe = builds.iter().filter(|build| build.image.arn.slug() == slug);
    let found = of_recipe.find(|build| version(&build.image) == asked);
    found.map_or_else(
        || Err(OperateError::NoBuild(asked.to_owned())),
        |build| Ok(Some(build)),
    )
}

fn version(image: &Image) -> String {
    format!("{}/{}", image.arn.version(), image.arn.build())
}

/// The builds of the same recipe that a reader has to know of.
fn others(builds: &[Build], shown: &Build) -> Others {
    let slug = shown.image.arn.slug();
    let newest_in = |state: &ImageState| {
        let in_state = builds.iter().filter(|build| build.image.state == *state);
        let in_state: Vec<Build> = in_state.cloned().collect();
        newest(&in_state, slug).cloned()
    };
    let has_failed = shown.image.state == ImageState::Failed;
    let good = newest_in(&ImageState::Available).filter(|good| good.created > shown.created);
    let failed = newest_in(&ImageState::Failed).filter(|_| !has_failed);
    Others {
        later_good: good.filter(|_| has_failed).map(|good| version(&good.image)),
        last_failed: failed.map(|failed| version(&failed.image)),
    }
}

/// What is known of a build, and the token of what comes after the lines.
async fn story(
    operator: &Operator,
    aws: &Aws,
    build: &Build,
    others: Others,
    most: i32,
) -> Result<(Story, Option<String>), CallError> {
    let arn = &build.image.arn;
    let name = build.name.as_deref().unwrap_or(arn.slug());
    let BuildLog { group, stream } = BuildLog::of(name, arn);
    let (detail, step, lines) = tokio::try_join!(
        get_image(aws, arn),
        failed_step(aws, arn),
        operator.last_lines(&group, &stream, most)
    )?;
    let (lines, next) = lines.map_or((None, None), |found| (Some(found.lines), found.next));
    let story = Story {
        image: arn.to_string(),
        version: stream.clone(),
        state: state(&build.image.state).to_owned(),
        created: build.created.clone(),
        reason: build.image.reason.clone(),
        context: detail.map(|detail| detail.failure).unwrap_or_default(),
        step: step.map(Into::into),
        others,
        log: Log {
            group,
            stream,
            lines,
        },
    };
    Ok((story, next))
}

/// What follows in a log, and how it is printed.
struct Lines {
    /// The token of what was not printed yet; none from the beginning on.
    next: Option<String>,
    format: LogsFormat,
    keep: Keep,
}

impl Lines {
    /// Prints what is in the log by now. The end of a log has its own token (CloudWatch Logs API reference,
    /// `GetLogEvents`).
    async fn catch_up(&mut self, operator: &Operator, log: &Log) -> Result<(), LogsError> {
        loop {
            let before = self.next.clone();
            let further = || operator.further_lines(&log.group, &log.stream, before.clone());
            let read = patiently(further, self.keep.printer()).await?;
            let Some(LogLines { lines, next }) = read else {
                return Ok(());
            };
            for line in lines {
                let line = match self.format {
                    LogsFormat::Text => render::log_line(&line),
                    LogsFormat::Json => render::json_line(&line),
                };
                self.keep.stdout(&line)?;
            }
            if next.is_none() || next == before {
                return Ok(());
            }
            self.next = next;
        }
    }

    /// Tells how the build ended. A file of text has it too: its head says that the build runs.
    fn end(&mut self, text: &str) -> Result<(), LogsError> {
        match self.format {
            LogsFormat::Text => self.keep.stderr(text)?,
            LogsFormat::Json => self.keep.printer().stderr(text),
        }
        Ok(())
    }
}

/// Prints what is added to the log until the build has ended. An error that may pass ends nothing: a build takes
/// longer than networks and credentials are sure to last.
async fn follow(
    operator: &Operator,
    aws: &Aws,
    story: &Story,
    mut lines: Lines,
) -> Result<(), LogsError> {
    let Ok(arn) = story.image.parse() else {
        return Ok(());
    };
    loop {
        // The state is read first: what is written until the end is in the log then.
        let found = patiently(|| get_image(aws, &arn), lines.keep.printer()).await?;
        lines.catch_up(operator, &story.log).await?;
        let running = found.map(|found| found.image.state);
        if let Some(ended) = running.filter(|state| !matches!(state, ImageState::Running(_))) {
            let state = state(&ended);
            return lines.end(&format!("{} is {state}", story.version));
        }
        sleep(FOLLOW).await;
    }
}
