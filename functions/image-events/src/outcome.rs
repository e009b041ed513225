//! Looks into an image and does what its state asks for.

use goldsmith_aws::fault::CallError;
use goldsmith_aws::publication::{self, publish};
use goldsmith_aws::{Aws, ImageDetail, documents, get_image, get_pipeline, notify, output};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::escape::printable;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{ImageState, Origin, Pipeline};
use goldsmith_domain::plan::{PUBLISHED_TAG, Publish, Publisher};
use goldsmith_domain::report::Calls;
use goldsmith_domain::stack::recipe_name;
use goldsmith_function::FunctionError;
use serde::Serialize;

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
    /// Consumers get copies, which are made first: reconcile publishes the image, which hears of the same
    /// event.
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
            Some(_) => Ok(notify_once(aws, detail, &name).await?),
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
    if let Some(left) = left_to_reconcile(aws, &desired) {
        return Ok(left);
    }
    let (image, amis) = (detail.image.arn.clone(), detail.image.amis.clone());
    let change = Publish {
        recipename,
        pipeline: pipeline.arn.clone(),
        recipe,
        image,
        amis,
    };
    Ok(match publish(aws, &change).await? {
        publication::Outcome::Published => What::Published,
        publication::Outcome::Superseded => What::Superseded,
    })
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

/// Why an image is not published here, if it is not.
fn left_to_reconcile(aws: &Aws, desired: &Desired) -> Option<What> {
    if desired.pause {
        return Some(What::Paused);
    }
    match Publisher::of_ended_image(desired, &aws.stack) {
        Publisher::ImageEvents => None,
        Publisher::Reconcile => Some(What::Delivering),
    }
}

/// Logs the failure context and notifies people, once for each image.
async fn notify_once(
    aws: &Aws,
    detail: &ImageDetail,
    recipe: &RecipeName,
) -> Result<What, CallError> {
    let arn = &detail.image.arn;
    let reason = detail.image.reason.as_deref();
    let reason = printable(reason.unwrap_or("no reason given"));
    let context: Vec<_> = detail.failure.iter().map(|line| printable(line)).collect();
    let context = context.join("\n");
    tracing::error!(image.arn = %arn, recipe.name = %recipe, reason, context, "build failed");
    let mark = format!(
        "reports/failures/{recipe}/{}-{}.json",
        arn.version(),
        arn.build()
    );
    if !output::put_once(aws, &mark).await? {
        return Ok(What::KnownFailure);
    }
    let subject = format!(
        "goldsmith {}: build of {recipe} failed",
        aws.stack.environment
    );
    let message = format!("{arn}\nreason: {reason}\n{context}\n");
    let sent = notify::publish(aws, &subject, &message).await;
    if sent.is_err() {
        output::remove(aws, &mark).await?;
    }
    sent.map(|()| What::Notified)
}
