//! Builds an image again in another account, and deletes there what the build needed.
//!
//! Expected flow: create the configurations and the recipe, and start the build. Once its image is published,
//! a later plan deletes them.
//!
//! Guarantees: the recipe is deleted before its configurations. A plan that finds configurations deletes them
//! and their recipe, so that an interrupted clean-up leaves nothing behind.
//!
//! Assumptions: names are those of the content, so that a resource that exists already is the right one.
//!
//! Caveats: Image Builder may keep a recipe that an image refers to, which is not documented. Then the recipe
//! stays with its image.

use aws_sdk_imagebuilder::types::ImageTestsConfiguration;
use goldsmith_domain::plan::{CleanUpRebuild, RebuildImage};

use super::distribution::{create_distribution, delete_distribution};
use super::ignore_not_found;
use super::imagebuilder::{create_infrastructure, create_recipe};
use crate::Aws;
use crate::assumed::clients_in_account;
use crate::fault::{CallError, chain};
use crate::tagging::map;

/// Creates what the build needs and does not exist yet, and starts the build.
///
/// Errors: a permission that the role lacks, or a refusal of Image Builder; the next run continues from there.
pub(super) async fn rebuild(aws: &Aws, change: &RebuildImage) -> Result<(), CallError> {
    let there = clients_in_account(aws, &change.role, &change.account, &change.region).await?;
    ignore_already_exists(create_infrastructure(&there, &change.infrastructure).await)?;
    ignore_already_exists(create_distribution(&there, &change.distribution).await)?;
    ignore_already_exists(create_recipe(&there, &change.recipe).await)?;
    // Our image was tested already; a test would only launch one more instance there.
    let tests = ImageTestsConfiguration::builder()
        .image_tests_enabled(false)
        .build();
    let call = there
        .imagebuilder
        .create_image()
        .image_recipe_arn(change.recipe.arn.to_string())
        .infrastructure_configuration_arn(&change.infrastructure.arn)
        .distribution_configuration_arn(&change.distribution.arn)
        .image_tests_configuration(tests)
        .client_token(&change.token)
        .set_tags(Some(map(&change.tags)));
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("imagebuilder:CreateImage", error))
}

/// A resource that exists already was created by an interrupted run.
fn ignore_already_exists(answer: Result<(), CallError>) -> Result<(), CallError> {
    match answer {
        Err(error) if error.is_already_there() => Ok(()),
        other => other,
    }
}

/// Deletes recipes, then configurations, as far as they still exist.
pub(super) async fn clean_up(aws: &Aws, change: &CleanUpRebuild) -> Result<(), CallError> {
    let there = clients_in_account(aws, &change.role, &change.account, &change.region).await?;
    let (recipes, others): (Vec<&String>, Vec<&String>) = change
        .arns
        .iter()
        .partition(|arn| arn.contains(":image-recipe/"));
    for arn in recipes {
        delete_recipe(&there, arn).await?;
    }
    for arn in others {
        if arn.contains(":infrastructure-configuration/") {
            delete_infrastructure(&there, arn).await?;
        } else {
            delete_distribution(&there, arn).await?;
        }
    }
    Ok(())
}

/// Deletes a recipe, unless its images need it.
async fn delete_recipe(there: &Aws, arn: &str) -> Result<(), CallError> {
    let answer = there
        .imagebuilder
        .delete_image_recipe()
        .image_recipe_arn(arn)
        .send()
        .await
        .map(drop);
    match answer.map_err(|error| CallError::new("imagebuilder:DeleteImageRecipe", error)) {
        Err(error) if error.is_still_needed() => {
            let error = chain(&error);
            tracing::info!(recipe.arn = arn, error, "a recipe stays with its image");
            Ok(())
        }
        other => ignore_not_found(other),
    }
}

async fn delete_infrastructure(there: &Aws, arn: &str) -> Result<(), CallError> {
    const OPERATION: &str = "imagebuilder:DeleteInfrastructureConfiguration";
    let call = there.imagebuilder.delete_infrastructure_configuration();
    let answer = call
        .infrastructure_configuration_arn(arn)
        .send()
        .await
        .map(drop);
    ignore_not_found(answer.map_err(|error| CallError::new(OPERATION, error)))
}
