//! `goldsmith approve`, `reject` and `rollback`: a person decides about an image.
//!
//! The decision is kept in tags of the image, with who decided and when. Then reconcile does the rest, as it does
//! whenever it looks.

mod choose;

use goldsmith_aws::operator::{Operator, decide};
use goldsmith_aws::{Aws, images, pipelines};
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{Image, Pipeline};
use goldsmith_domain::plan::published_image;
use goldsmith_domain::promotion::{Decision, ImageVersion, Verdict};
use jiff::Timestamp;

use self::choose::{Builds, ChoiceError, verdict};
use crate::arguments::{Approve, Format, Reject, Rollback, Stack};
use crate::error::Hint;
use crate::exit::Exit;
use crate::operate::OperateError;
use crate::pipelines::{NoPipelineError, pipeline_of};
use crate::printer::Printer;
use crate::publish;
use crate::stack;

/// Nothing could be decided, or what became of it is not known.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// The stack could not be read, asked, or shown.
    #[error(transparent)]
    Operate(#[from] OperateError),
    /// No image can be decided about.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// There is nobody to ask.
    #[error("rollback needs a confirmation, and there is no terminal; nothing was changed")]
    Unattended,
}

impl Hint for DecideError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Operate(error) => error.hint(),
            Self::Choice(_) => {
                Some("`goldsmith status` shows the images of each recipe".to_owned())
            }
            Self::Unattended => Some("`--yes` goes on without asking".to_owned()),
        }
    }
}

/// Approves an image, and prints what became of the recipe.
pub async fn approve(arguments: &Approve, printer: Printer) -> Result<Exit, DecideError> {
    let operator = operator(&arguments.stack).await?;
    let look = Look::new(&operator, &arguments.recipe).await?;
    let image = look.builds().chosen(arguments.image)?;
    if verdict(image) == Some(Verdict::Approved) {
        printer.stderr(&format!("image {} is approved already", version(image)));
    } else {
        let reason = arguments.reason.clone();
        look.decide(image, Verdict::Approved, reason, printer)
            .await?;
    }
    let is_published = |published: Option<&String>| published == Some(&image.arn.to_string());
    let recipe = (&arguments.recipe, arguments.format);
    Ok(publish::until_published(&operator, recipe, printer, is_published).await?)
}

/// Rejects an image, and prints what became of the recipe.
pub async fn reject(arguments: &Reject, printer: Printer) -> Result<Exit, DecideError> {
    let operator = operator(&arguments.stack).await?;
    let look = Look::new(&operator, &arguments.recipe).await?;
    let image = look.builds().chosen(arguments.image)?;
    let format = arguments.format;
    Ok(look
        .reject(image, &arguments.reason, format, printer)
        .await?)
}

/// Rejects the published image in favour of the one before it, and prints what became of the recipe.
pub async fn rollback(arguments: &Rollback, printer: Printer) -> Result<Exit, DecideError> {
    let operator = operator(&arguments.stack).await?;
    let look = Look::new(&operator, &arguments.recipe).await?;
    let published = look.published().ok_or(ChoiceError::NothingPublished)?;
    let before = look.builds().instead_of(published)?;
    let (from, to) = (version(published), version(before));
    let question = format!(
        "{}: reject image {from} of {}, and publish {to} again?",
        operator.stack, arguments.recipe
    );
    if !arguments.yes && !printer.confirm(&question).ok_or(DecideError::Unattended)? {
        return Ok(Exit::Refused);
    }
    let format = arguments.format;
    Ok(look
        .reject(published, &arguments.reason, format, printer)
        .await?)
}

async fn operator(stack: &Stack) -> Result<Operator, OperateError> {
    Ok(stack::operator(stack).await?)
}

/// A recipe, as the decision finds it.
struct Look<'a> {
    operator: &'a Operator,
    aws: Aws,
    recipe: &'a RecipeName,
    pipeline: Pipeline,
    images: Vec<Image>,
}

impl<'a> Look<'a> {
    async fn new(operator: &'a Operator, recipe: &'a RecipeName) -> Result<Self, OperateError> {
        let aws = operator.look().await?;
        let (pipelines, images) = tokio::try_join!(pipelines(&aws), images(&aws))?;
        let pipeline = pipeline_of(&aws.stack, &pipelines, recipe).cloned();
        let pipeline = pipeline.ok_or_else(|| NoPipelineError(recipe.clone()))?;
        Ok(Self {
            operator,
            aws,
            recipe,
            pipeline,
            images,
        })
    }

    fn builds(&self) -> Builds<'_> {
        let slug = self.pipeline.arn.as_str().rsplit('/').next();
        Builds::new(&self.images, slug.unwrap_or_default())
    }

    fn published(&self) -> Option<&Image> {
        published_image(&self.images, &self.pipeline)
    }

    async fn reject(
        &self,
        image: &Image,
        reason: &str,
        format: Format,
        printer: Printer,
    ) -> Result<Exit, OperateError> {
        let reason = Some(reason.to_owned());
        self.decide(image, Verdict::Rejected, reason, printer)
            .await?;
        let rejected = image.arn.to_string();
        let recipe = (self.recipe, format);
        publish::until_published(self.operator, recipe, printer, |published| {
            published != Some(&rejected)
        })
        .await
    }

    async fn decide(
        &self,
        image: &Image,
        verdict: Verdict,
        reason: Option<String>,
        printer: Printer,
    ) -> Result<(), OperateError> {
        let decision = Decision {
            verdict,
            by: self.operator.caller().await?.unwrap_or_default(),
            at: Some(now()),
            reason,
        };
        decide(&self.aws, &image.arn, &decision).await?;
        printer.stderr(&format!("image {} is {decision}", version(image)));
        Ok(())
    }
}

/// The time, to the second.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn version(image: &Image) -> ImageVersion {
    (&image.arn).into()
}
