//! Looks into an image and does what its state asks for.

use goldsmith_aws::announce::ask_once_a_day;
use goldsmith_aws::fault::CallError;
use goldsmith_aws::publication::{self, publish};
use goldsmith_aws::results::objections_to;
use goldsmith_aws::{Aws, ImageDetail, documents, get_image, get_pipeline};
use goldsmith_domain::announcement::{Announcement, MessageKind, News};
use goldsmith_domain::arn::{ImageArn, VersionArn};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{ImageState, Origin, Pipeline};
use goldsmith_domain::plan::{Manifest, PUBLISHED_TAG, Publish, Publisher, published_tag};
use goldsmith_domain::promotion::{Hold, hold};
use goldsmith_domain::report::Calls;
use goldsmith_domain::stack::recipe_name;
use goldsmith_function::{FunctionError, metrics};
use serde::Serialize;

use crate::failed::notify_once;

/// What became of an event.
#[derive(Debug, Serialize)]
pub struct Outcome {
    image: String,
    #[serde(rename = "outcome")]
    what: What,
    calls: Calls,
    writes: u64,
}

/// What was done about an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    /// It is what consumers read now.
    Published,
    /// A newer build of the same recipe version is published.
    Superseded,
    /// The documents say `pause`; the first reconcile after it publishes the image.
    Paused,
    /// A person has to approve it first.
    AwaitingApproval,
    /// A person has rejected it.
    Rejected,
    /// Its tests and scans found more than the documents accept.
    HeldByResults,
    /// Copies are made first, consumers are asked, or the image gets the day on which it expires: reconcile publishes
    /// it, which hears of the same event.
    Delivering,
    /// The pipeline builds another recipe version by now.
    NotCurrent,
    /// It was not built by a pipeline of ours.
    NotOurs,
    /// A notification of its failure was sent.
    Notified,
    /// The notification was sent before.
    KnownFailure,
    /// Its state asks for nothing.
    Ignored,
}

/// Does what the image's state asks for.
pub async fn look_into(aws: &Aws, arn: &ImageArn) -> Result<Outcome, FunctionError> {
    let what = match get_image(aws, arn).await? {
        None => What::Ignored,
        Some(detail) => match owner(aws, &detail).await? {
            None => What::NotOurs,
            Some((pipeline, recipe)) => act(aws, &detail, &pipeline, recipe).await?,
        },
    };
    let (calls, writes) = aws.take_calls();
    Ok(Outcome {
        image: arn.to_string(),
        what,
        calls,
        writes,
    })
}

/// The pipeline of ours that built the image, and the recipe it was made for.
async fn owner(
    aws: &Aws,
    detail: &ImageDetail,
) -> Result<Option<(Pipeline, RecipeName)>, CallError> {
    let Origin::Pipeline(arn) = &detail.origin else {
        return Ok(None);
    };
    let pipeline = get_pipeline(aws, arn)
        .await?
        .filter(|pipeline| pipeline.is_owned(&aws.stack.environment));
    Ok(pipeline.and_then(|pipeline| {
        let recipe = pipeline.recipename()?;
        Some((pipeline, recipe))
    }))
}

async fn act(
    aws: &Aws,
    detail: &ImageDetail,
    pipeline: &Pipeline,
    name: RecipeName,
) -> Result<What, FunctionError> {
    let arn = &detail.image.arn;
    match &detail.image.state {
        ImageState::Available => publish_current(aws, detail, pipeline, name).await,
        ImageState::Failed => match naming(aws, pipeline, &name).await? {
            Some(desired) => {
                let is_news = notify_once(aws, &desired, detail, pipeline, &name).await?;
                Ok(if is_news {
                    What::Notified
                } else {
                    What::KnownFailure
                })
            }
            None => Ok(What::NotOurs),
        },
        ImageState::Running(state) => Err(FunctionError::Retry(format!(
            "image {arn} is still {state}"
        ))),
        ImageState::Cancelled | ImageState::Retired | ImageState::Unrecognized(_) => {
            Ok(What::Ignored)
        }
    }
}

async fn publish_current(
    aws: &Aws,
    detail: &ImageDetail,
    pipeline: &Pipeline,
    recipename: RecipeName,
) -> Result<What, FunctionError> {
    let Some(recipe) = pipeline
        .recipe
        .clone()
        .filter(|recipe| detail.image.arn.is_of(recipe))
    else {
        return Ok(What::NotCurrent);
    };
    // The tag is set last, so that what it names is published: the event came twice.
    if pipeline
        .tags
        .get(PUBLISHED_TAG)
        .is_some_and(|tag| *tag == detail.image.arn.to_string())
    {
        return Ok(What::Published);
    }
    let Some(desired) = naming(aws, pipeline, &recipename).await? else {
        return Ok(What::NotOurs);
    };
    metrics::count(metrics::BUILDS_SUCCEEDED, 1);
    if let Some(what) = kept_back(aws, &desired, detail, &recipename).await? {
        return Ok(what);
    }
    let change = publication_of(aws, &desired, detail, pipeline, (recipename, recipe));
    Ok(match publish(aws, &change).await? {
        publication::Outcome::Published => What::Published,
        publication::Outcome::Superseded => What::Superseded,
    })
}

/// What keeps an image from being published here and now; people are asked where a person has to decide.
async fn kept_back(
    aws: &Aws,
    desired: &Desired,
    detail: &ImageDetail,
    recipename: &RecipeName,
) -> Result<Option<What>, FunctionError> {
    if desired.pause {
        return Ok(Some(What::Paused));
    }
    let is_left = Publisher::of_ended_image(desired, &aws.stack) == Publisher::Reconcile;
    Ok(match held(aws, desired, recipename, detail).await? {
        Some(Hold::Approval) => Some(ask_for_approval(aws, desired, detail, recipename).await?),
        Some(Hold::Rejected(_)) => Some(What::Rejected),
        Some(Hold::Results(_) | Hold::Unjudged) => Some(What::HeldByResults),
        None => is_left.then_some(What::Delivering),
    })
}

/// What publishing takes. Whether the version before is still there, the next reconcile sees.
fn publication_of(
    aws: &Aws,
    desired: &Desired,
    detail: &ImageDetail,
    pipeline: &Pipeline,
    (recipename, recipe): (RecipeName, VersionArn),
) -> Publish {
    let image = &detail.image;
    let is_known = |previous: &ImageArn| previous.slug() == image.arn.slug();
    Publish {
        manifest: Manifest::of(&aws.stack, &recipename, pipeline, image, None, is_known),
        recipename,
        pipeline: pipeline.arn.clone(),
        recipe,
        image: image.arn.clone(),
        amis: image.amis.clone(),
        previous: published_tag(pipeline),
        notifies_people: desired.notifies(MessageKind::Promoted),
    }
}

/// The documents, if they give the pipeline its name: anybody who may tag a pipeline of their own can give it
/// our tags.
async fn naming(
    aws: &Aws,
    pipeline: &Pipeline,
    recipe: &RecipeName,
) -> Result<Option<Box<Desired>>, FunctionError> {
    let desired = documents::desired_in_force(aws).await?;
    Ok(desired.filter(|desired| {
        let name = recipe_name(&desired.family, &desired.environment, recipe);
        aws.stack.pipeline_arn(&name) == pipeline.arn
    }))
}

/// What keeps an image from being published, by its tags and by the results of its tests.
async fn held(
    aws: &Aws,
    desired: &Desired,
    recipe: &RecipeName,
    detail: &ImageDetail,
) -> Result<Option<Hold>, CallError> {
    let (image, promotion) = (&detail.image, desired.promotion(recipe));
    let objections = if promotion.has_limits {
        Some(objections_to(aws, desired, recipe, image).await?)
    } else {
        None
    };
    let objections = objections.as_deref();
    Ok(hold(&promotion, &image.arn, &image.tags, objections))
}

/// Tells people that an image waits for them, once a day for each image; reconcile reminds them on later days.
async fn ask_for_approval(
    aws: &Aws,
    desired: &Desired,
    detail: &ImageDetail,
    recipe: &RecipeName,
) -> Result<What, CallError> {
    let amis = detail.image.amis.clone();
    let announcement = announcement(desired, detail, recipe, News::AwaitingApproval { amis });
    ask_once_a_day(aws, &announcement).await?;
    Ok(What::AwaitingApproval)
}

/// News of an image, for people only if the documents want it.
pub fn announcement(
    desired: &Desired,
    detail: &ImageDetail,
    recipe: &RecipeName,
    news: News,
) -> Announcement {
    let announcement = Announcement {
        environment: desired.environment.clone(),
        recipe: recipe.clone(),
        image: detail.image.arn.clone(),
        news,
        is_for_people: true,
    };
    Announcement {
        is_for_people: desired.notifies(announcement.kind()),
        ..announcement
    }
}
