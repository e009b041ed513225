//! `goldsmith logs`: why the newest failed build of a recipe failed, and the end of its log.

mod draw;

use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::{Build, FailedStep, Operator, builds, failed_step};
use goldsmith_aws::{Aws, get_image, pipelines};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::{ImageState, Pipeline};

use crate::arguments::Logs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stack;
use crate::status::rows::pipeline;
use crate::voice::Voice;

/// What is known of a failure.
#[derive(Debug)]
pub struct Packet {
    /// The image.
    pub image: ImageArn,
    /// Why, in the service's words.
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
    /// Its last lines; none if there is no such log.
    pub lines: Option<Vec<String>>,
}

/// Tells why.
pub async fn run(arguments: &Logs, voice: Voice) -> Result<Exit, Failure> {
    let operator = stack::operator(&arguments.stack).await?;
    let look = async {
        let aws = operator.look().await?;
        let (pipelines, builds) = tokio::try_join!(pipelines(&aws), builds(&aws))?;
        let found = pipeline(&aws.stack, &pipelines, &arguments.recipe);
        let pipeline = found.ok_or_else(|| Failure::NoRecipe(arguments.recipe.clone()))?;
        let Some(build) = newest_failed(&builds, pipeline) else {
            return Ok(None);
        };
        Ok::<_, Failure>(Some(packet(&operator, &aws, build, arguments.lines).await?))
    };
    match Box::pin(voice.during("looking for the failure", look)).await? {
        Some(packet) => voice.data(&draw::text(&packet)),
        None => voice.say(&format!("no build of {} has failed", arguments.recipe)),
    }
    Ok(Exit::Done)
}

/// The newest build that failed, of whatever version: by its start, and where that is not told by its
/// number.
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

async fn packet(
    operator: &Operator,
    aws: &Aws,
    build: &Build,
    lines: i32,
) -> Result<Packet, CallError> {
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
    Ok(Packet {
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
