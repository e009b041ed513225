//! The SNS message of a finished image.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    common::{arn::Arn, json::prune},
    records::{image::Image, notification::Notification},
};

impl Notification {
    /// The message on a finished image.
    pub fn to_topic(topic: String, image: &Image) -> Self {
        let Arn {
            account, region, ..
        } = &image.arn;
        let message = message(image);
        Self::Topic {
            topic,
            account: account.to_string(),
            region: region.to_string(),
            message,
        }
    }
}

/// The version needs more than 64 bits, so that it cannot pass through a [`Value`].
#[derive(Serialize)]
struct Message {
    semver: u128,
    #[serde(flatten)]
    members: Value,
}

/// The message, as the User Guide shows it. The ids of executions and jobs are made up.
pub(crate) fn message(image: &Image) -> String {
    let message = Message {
        semver: semver(image),
        members: members(image),
    };
    serde_json::to_string(&message).unwrap_or_default()
}

fn members(image: &Image) -> Value {
    let mut members = json!({
        "versionlessArn": image.arn.series(),
        "arn": image.arn,
        "name": image.recipe.name,
        "version": image.recipe.version,
        "type": "AMI",
        "buildVersion": image.arn.build,
        "state": {"status": image.status, "reason": image.reason},
        "platform": image.recipe.platform,
        "imageRecipe": &*image.recipe,
        "sourcePipelineArn": image.pipeline.as_ref().map(|pipeline| &pipeline.arn),
        "infrastructureConfiguration": &*image.infrastructure,
        "imageTestsConfigurationDocument": image.tests,
        "distributionConfiguration": image.distribution.as_deref(),
        "dateCreated": image.date_created.0.strftime("%b %-d, %Y %-I:%M:%S %p").to_string(),
        "outputResources": {"amis": image.outputs},
        "buildExecutionId": made_up(),
        "testExecutionId": made_up(),
        "distributionJobId": made_up(),
        "integrationJobId": made_up(),
        "accountId": image.arn.account,
        "osVersion": image.os_version,
        "enhancedImageMetadataEnabled": image.enhanced_metadata,
        "buildType": image.build_type,
        "tags": {"internalId": made_up(), "resourceArn": image.arn},
    });
    prune(&mut members);
    members
}

fn made_up() -> String {
    Uuid::new_v4().to_string()
}

/// The version as one number: three nodes and the build, thirty bits each.
fn semver(image: &Image) -> u128 {
    let nodes = image.recipe.version.nodes();
    let build = image.arn.build.unwrap_or_default();
    nodes
        .into_iter()
        .chain([build])
        .fold(0, |number, node| (number << 30) | u128::from(node))
}
