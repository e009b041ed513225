//! `goldsmith sbom`: the software list of an image, and what changed since the one that was promoted before it.
//!
//! What an image says of its packages is data of a stranger: names are made printable before they come here.

#[cfg(test)]
mod tests;
mod text;

use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::{Build, ContextError, builds, software};
use goldsmith_aws::{Aws, pipelines};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{Image, ImageState};
use goldsmith_domain::promotion::PROMOTED_TAG;
use goldsmith_domain::sbom::{Difference, Software, difference};
use serde::Serialize;

use crate::arguments::{Sbom, SbomFormat};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::pipelines::{NoPipelineError, pipeline_of};
use crate::printer::Printer;
use crate::stack::{self, StackError};

/// There is no software list to show.
#[derive(Debug, thiserror::Error)]
pub enum SbomError {
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
    /// There is no such image of the recipe.
    #[error("the recipe has no available image {0}")]
    NoImage(String),
    /// No image is available.
    #[error("the recipe has no available image yet")]
    Nothing,
    /// There is nothing to compare an image with.
    #[error("no image of the recipe was promoted before {0}")]
    NothingBefore(ImageArn),
    /// Image Builder knows nothing of its software.
    #[error("Image Builder lists no packages of {0}")]
    NoPackages(ImageArn),
    /// The list could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for SbomError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Stack(error) => return error.hint(),
            Self::StackContext(error) => return error.hint(),
            Self::Call(error) => return error.hint(),
            Self::NoPipeline(error) => return error.hint(),
            Self::Json(error) => return error.hint(),
            Self::NoImage(_) => {
                "`goldsmith status` shows the images; one is named by the ARN of its build, which ends in a version and \
                 a number"
            }
            Self::Nothing => "`goldsmith build RECIPE` starts a build",
            Self::NothingBefore(_) => "without --diff its own list is shown",
            Self::NoPackages(_) => {
                "Systems Manager collects them while the image is built: its instance needs the agent, and a profile \
                 that may call ssm:PutInventory"
            }
        };
        Some(hint.to_owned())
    }
}

/// What changed from one image to another.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Comparison {
    /// The image.
    image: String,
    /// What it is compared with.
    before: String,
    #[serde(flatten)]
    difference: Difference,
}

/// Prints the software list of an image, or what changed in it.
pub async fn run(arguments: &Sbom, printer: Printer) -> Result<Exit, SbomError> {
    let reading = read(arguments);
    let (list, before) = Box::pin(printer.with_progress("reading the packages", reading)).await?;
    let shown = match (before, arguments.format) {
        (None, SbomFormat::Json) => json::pretty(&list.cyclonedx())?,
        (None, SbomFormat::Text) => text::list(&list),
        (Some(before), format) => {
            let comparison = Comparison {
                image: list.image.to_string(),
                before: before.image.to_string(),
                difference: difference(&before.packages, &list.packages),
            };
            match format {
                SbomFormat::Json => json::pretty(&comparison)?,
                SbomFormat::Text => text::comparison(&comparison),
            }
        }
    };
    printer.stdout(&shown);
    Ok(Exit::Done)
}

/// The list of the image that is asked for, and of the one before it if both are to be compared.
async fn read(arguments: &Sbom) -> Result<(Software, Option<Software>), SbomError> {
    let operator = stack::operator(&arguments.stack).await?;
    let aws = operator.look().await?;
    let recipe = &arguments.recipe;
    let images = available(&aws, recipe).await?;
    let image = chosen(&images, arguments.image.as_ref())?;
    let list = listed(&aws, recipe, image).await?;
    if !arguments.diff {
        return Ok((list, None));
    }
    let before = promoted_before(&images, image);
    let before = before.ok_or_else(|| SbomError::NothingBefore(image.arn.clone()))?;
    let before = listed(&aws, recipe, before).await?;
    Ok((list, Some(before)))
}

async fn listed(aws: &Aws, recipe: &RecipeName, image: &Image) -> Result<Software, SbomError> {
    let list = software(aws, recipe, image).await?;
    if list.packages.is_empty() {
        return Err(SbomError::NoPackages(image.arn.clone()));
    }
    Ok(list)
}

/// The available images of a recipe, oldest first.
async fn available(aws: &Aws, recipe: &RecipeName) -> Result<Vec<Image>, SbomError> {
    let (pipelines, builds) = tokio::try_join!(pipelines(aws), builds(aws))?;
    let pipeline = pipeline_of(&aws.stack, &pipelines, recipe);
    let pipeline = pipeline.ok_or_else(|| NoPipelineError(recipe.clone()))?;
    let slug = pipeline.arn.as_str().rsplit('/').next().unwrap_or_default();
    let own = builds.into_iter().map(|Build { image, .. }| image);
    let own = own.filter(|image| image.arn.slug() == slug && image.state == ImageState::Available);
    let mut images: Vec<Image> = own.collect();
    images.sort_by(|one, other| one.arn.cmp(&other.arn));
    Ok(images)
}

fn chosen<'a>(images: &'a [Image], asked: Option<&ImageArn>) -> Result<&'a Image, SbomError> {
    let Some(arn) = asked else {
        return images.last().ok_or(SbomError::Nothing);
    };
    let mut images = images.iter();
    let found = images.find(|image| image.arn == *arn);
    found.ok_or_else(|| SbomError::NoImage(arn.to_string()))
}

/// The last image before `image` that consumers launched.
fn promoted_before<'a>(images: &'a [Image], image: &Image) -> Option<&'a Image> {
    let mut newest_first = images.iter().rev();
    newest_first.find(|one| one.arn < image.arn && one.tags.contains_key(PROMOTED_TAG))
}
