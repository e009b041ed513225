//! `goldsmith logs`: why the newest failed build of a recipe failed, and the end of its log.

mod render;

use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::{Build, ContextError, FailedStep, Operator, builds, failed_step};
use goldsmith_aws::{Aws, get_image, pipelines};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::{ImageState, Pipeline};

use crate::arguments::Logs;
use crate::error::Hint;
use crate::exit::Exit;
use crate::pipelines::{NoPipelineError, pipeline_of};
use crate::printer::Printer;
use crate::stack::{self, StackError};

/// What is known of a failed build.
#[derive(Debug)]
pub struct FailedBuild {
    /// The image.
    pub image: ImageArn,
    /// The reason that Image Builder gives.
    pub reason: Option<String>,
    /// The failure context, line by line.
    pub context: Vec<String>,
    /// The step that failed.
    pub step: Option<FailedStep>,
    /// Its log.
    pub log: Log,
}

/// The log of a build.
#[derive(Debug)]
pub struct Log {
    /// The CloudWatch log group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// Its last lines; none if there is no log.
    pub lines: Option<Vec<String>>,
}

/// The failure is not known.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The stack cannot be read.
    #[error(transparent)]
    StackContext(#[from] ContextError),
    /// A call of AWS failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The stack does not have the recipe.
    #[error(transparent)]
    NoPipeline(#[from] NoPipelineError),
}

impl Hint for LogsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.hint(),
            Self::StackContext(error) => error.hint(),
            Self::Call(error) => error.hint(),
            Self::NoPipeline(error) => error.hint(),
        }
    }
}

/// Prints why the newest failed build failed.
pub async fn run(arguments: &Logs, printer: Printer) -> Result<Exit, LogsError> {
    let operator = stack::operator(&arguments.stack).await?;
    let reading = async {
        let aws = operator.look().await?;
        let (pipelines, builds) = tokio::try_join!(pipelines(&aws), builds(&aws))?;
        let found = pipeline_of(&aws.stack, &pipelines, &arguments.recipe);
        let pipeline = found.ok_or_else(|| NoPipelineError(arguments.recipe.clone()))?;
        let Some(build) = newest_failed(&builds, pipeline) else {
            return Ok(None);
        };
        Ok::<_, LogsError>(Some(
            failed_build(&operator, &aws, build, arguments.lines).await?,
        ))
    };
    match Box::pin(printer.with_progress("looking for the failure", reading)).await? {
        Some(failed_build) => printer.stdout(&render::text(&failed_build)),
        None => printer.stderr(&format!("no build of {} has failed", arguments.recipe)),
    }
    Ok(Exit::Done)
}

/// The newest build that failed, of any version. If two have the same start, or none, their numbers
/// decide.
fn newest_failed<'a>(builds: &'a [Build], pipeline: &Pipeline) -> Option<&'a Build> {
    let slug = pipeline.recipe.as_ref()?.slug();
    let failed = builds
        .iter()
        .filter(|build| build.image.arn.slug() == slug && build.image.state == ImageState::Failed);
    failed.max_by_key(|build| {
        (
            &build.created,
            build.image.arn.version(),
            build.image.arn.build(),
        )
    })
}

async fn failed_build(
    operator: &Operator,
    aws: &Aws,
    build: &Build,
    lines: i32,
) -> Result<FailedBuild, CallError> {
    let arn = &build.image.arn;
    // CloudWatch logs of a build (Image Builder user guide, "Monitor logs with CloudWatch Logs").
    let group = format!(
        "/aws/imagebuilder/{}",
        build.name.as_deref().unwrap_or(arn.slug())
    );
    let stream = format!("{}/{}", arn.version(), arn.build());
    let (detail, step, lines) = tokio::try_join!(
        get_image(aws, arn),
        failed_step(aws, arn),
        operator.last_lines(&group, &stream, lines)
    )?;
    Ok(FailedBuild {
        image: arn.clone(),
        reason: build.image.reason.clone(),
        context: detail.map(|detail| detail.failure).unwrap_or_default(),
        step,
        log: Log {
            group,
            stream,
            lines,
        },
    })
}
