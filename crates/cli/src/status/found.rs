//! What tests and scans found on the images that a status shows.

use goldsmith_aws::Aws;
use goldsmith_aws::documents::desired_in_force;
use goldsmith_aws::fault::{CallError, chain};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AmiId, RecipeName};

use super::Missing;
use super::model::{RecipeStatus, Status};
use crate::results::{Asked, Counts, of_image};

/// Of how many recipes results are read: each image takes some five calls. The status of one recipe always has them.
const MOST_RECIPES: usize = 20;

/// Adds what was found on the published image and on the newest one of each recipe.
pub(super) async fn add_results(aws: &Aws, status: &mut Status, missing: &mut Missing) {
    if status.recipes.len() > MOST_RECIPES {
        let told = format!(
            "results of more than {MOST_RECIPES} recipes: `goldsmith status RECIPE` has them"
        );
        return missing.0.push(told);
    }
    // Without documents there are no limits, and the counts are shown all the same.
    let desired = desired_in_force(aws).await.ok().flatten();
    for recipe in &mut status.recipes {
        let found = of_recipe(aws, desired.as_deref(), recipe).await;
        if let Err(error) = found {
            return missing
                .0
                .push(format!("results of tests: {}", chain(&error)));
        }
    }
}

async fn of_recipe(
    aws: &Aws,
    desired: Option<&Desired>,
    recipe: &mut RecipeStatus,
) -> Result<(), CallError> {
    let (name, region) = (&recipe.recipename, &aws.stack.region);
    if let Some(published) = &mut recipe.published {
        let ami = published.amis.get(region);
        published.results = counts(aws, desired, name, (&published.image, ami)).await?;
    }
    if let Some(newest) = &mut recipe.newest {
        let tested = (newest.image.as_str(), newest.tested.as_ref());
        newest.results = counts(aws, desired, name, tested).await?;
    }
    Ok(())
}

async fn counts(
    aws: &Aws,
    desired: Option<&Desired>,
    recipe: &RecipeName,
    (image, ami): (&str, Option<&AmiId>),
) -> Result<Option<Counts>, CallError> {
    let (Ok(image), Some(ami)) = (image.parse(), ami) else {
        return Ok(None);
    };
    let asked = Asked::of(desired, recipe);
    let findings = of_image(aws, &asked, recipe, (&image, ami)).await?;
    Ok(findings.counts())
}
