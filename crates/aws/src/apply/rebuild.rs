//! Building an image again in another account, and deleting there what that took, with the functions that
//! make our own.

use aws_sdk_imagebuilder::types::ImageTestsConfiguration;
use goldsmith_domain::plan::{CleanUpRebuild, RebuildImage};

use super::distribution::{create_distribution, delete_distribution};
use super::gone_is_well;
use super::imagebuilder::{create_infrastructure, create_recipe, map};
use crate::Aws;
use crate::assumed::enter;
use crate::fault::CallError;

/// Makes what the build takes, as far as it is not there, and starts it.
///
/// Errors: what the role may not do, or the account's Image Builder refuses; the next run goes on from there.
pub(super) async fn rebuild(aws: &Aws, change: &RebuildImage) -> Result<(), CallError> {
    let there = enter(aws, &change.role, &change.account, &change.region).await?;
    exists_is_well(create_infrastructure(&there, &change.infrastructure).await)?;
    exists_is_well(create_distribution(&there, &change.distribution).await)?;
    exists_is_well(create_recipe(&there, &change.recipe).await)?;
    // What there is to test was tested on our image; a test would only launch one more instance there.
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
        .map_err(|error| CallError::new("imagebuilder:CreateImage", &error))
}

/// Names are those of the content: what exists was made by a run that was cut off.
fn exists_is_well(answer: Result<(), CallError>) -> Result<(), CallError> {
    match answer {
        Err(error) if error.says_that_it_exists() => Ok(()),
        other => other,
    }
}

/// Deletes recipes, then configurations; what is gone already is deleted.
///
/// A plan that sees configurations deletes them with their recipe. So the recipe comes first: none is left
/// behind by a run that is cut off.
pub(super) async fn clean_up(aws: &Aws, change: &CleanUpRebuild) -> Result<(), CallError> {
    let there = enter(aws, &change.role, &change.account, &change.region).await?;
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

/// Deletes a recipe, unless its images keep it, which is not documented either way.
async fn delete_recipe(there: &Aws, arn: &str) -> Result<(), CallError> {
    let answer = there
        .imagebuilder
        .delete_image_recipe()
        .image_recipe_arn(arn)
        .send()
        .await
        .map(drop);
    match answer.map_err(|error| CallError::new("imagebuilder:DeleteImageRecipe", &error)) {
        Err(error) if error.says_that_others_need_it() => {
            tracing::info!(recipe.arn = arn, %error, "a recipe stays with its image");
            Ok(())
        }
        other => gone_is_well(other),
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
    gone_is_well(answer.map_err(|error| CallError::new(OPERATION, &error)))
}
