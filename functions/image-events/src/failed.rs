//! Tells people of a build that failed, once for each image, and keeps what they were told.

use goldsmith_aws::announce::announce_once;
use goldsmith_aws::build_log::last_lines;
use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::{Aws, ImageDetail, get_image};
use goldsmith_domain::announcement::{FailedBuild, FailurePacket, News};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::build_log::{BuildLog, end};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::escape::printable;
use goldsmith_domain::failure::FailureClass;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::Pipeline;
use goldsmith_domain::plan::published_tag;
use goldsmith_domain::stack::recipe_name;
use goldsmith_function::metrics;

use crate::outcome::announcement;

/// Logs the failure context and notifies people, once for each image; whether they were notified now.
pub async fn notify_once(
    aws: &Aws,
    desired: &Desired,
    detail: &ImageDetail,
    pipeline: &Pipeline,
    recipe: &RecipeName,
) -> Result<bool, CallError> {
    let arn = &detail.image.arn;
    let failed = failed_build(aws, desired, detail, pipeline, recipe).await;
    let class = failed.class;
    let announcement = announcement(desired, detail, recipe, News::Failed(Box::new(failed)));
    tracing::error!(image.arn = %arn, recipe.name = %recipe, message = announcement.message(), "build failed");
    let mark = FailurePacket::key(recipe, arn);
    let sent = announce_once(aws, &announcement, &mark).await?;
    if sent {
        metrics::count_failure(class);
    }
    Ok(sent)
}

/// Why a build failed, how its log ends, and what may have changed since the last good one.
async fn failed_build(
    aws: &Aws,
    desired: &Desired,
    detail: &ImageDetail,
    pipeline: &Pipeline,
    recipe: &RecipeName,
) -> FailedBuild {
    let (image, last_good) = (&detail.image, published_tag(pipeline));
    let name = recipe_name(&desired.family, &desired.environment, recipe);
    let log = BuildLog::of(&name, &image.arn);
    let reason = image.reason.as_deref().unwrap_or("no reason given");
    FailedBuild {
        class: image.failure.unwrap_or(FailureClass::Unknown),
        reason: printable(reason),
        context: detail.failure.iter().map(|line| printable(line)).collect(),
        changed: changed_since(aws, last_good.as_ref(), detail).await,
        last_good,
        commit: desired.source.commit.clone(),
        log: end_of(aws, &log).await,
        link: log.link(&aws.stack),
    }
}

/// The end of a build's log. Without it people are told all the same: the link shows the rest.
async fn end_of(aws: &Aws, log: &BuildLog) -> Vec<String> {
    match last_lines(aws, log).await {
        Ok(lines) => end(&lines),
        Err(error) => {
            let error = chain(&error);
            tracing::warn!(
                error,
                log.group = log.group,
                "the log of the build was not read"
            );
            Vec::new()
        }
    }
}

/// What a build is made from that the last good image is not. Whoever may tag the pipeline can name any image as that,
/// so only one of the same recipe is compared. Without an answer people are told all the same.
async fn changed_since(
    aws: &Aws,
    last_good: Option<&ImageArn>,
    failed: &ImageDetail,
) -> Vec<String> {
    let of_recipe = last_good.filter(|good| recipe_of(good) == recipe_of(&failed.image.arn));
    let Some(good) = of_recipe else {
        return Vec::new();
    };
    match get_image(aws, good).await {
        Ok(good) => {
            let changes = good.map(|good| failed.parents.changes_since(&good.parents));
            let changes = changes.unwrap_or_default();
            changes.iter().map(|line| printable(line)).collect()
        }
        Err(error) => {
            let error = chain(&error);
            tracing::warn!(error, image.arn = %good, "the last good image was not read");
            Vec::new()
        }
    }
}

/// An image's ARN without version and build: partition, Region, account and name.
fn recipe_of(image: &ImageArn) -> String {
    let arn = image.to_string();
    let parts: Vec<&str> = arn.rsplitn(3, '/').collect();
    parts.last().copied().unwrap_or_default().to_owned()
}
