//! The software list of an image, for a person.

use std::collections::BTreeSet;

use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::Image;
use goldsmith_domain::sbom::{LARGEST, Package, Software, key, packages_in};

use crate::Aws;
use crate::fault::CallError;
use crate::imagebuilder::get_image;
use crate::output::get_at_most;
use crate::sbom::packages;

/// The software list of an image of a recipe: the one that was kept when it was published, or what Image Builder lists
/// of it today.
///
/// Errors: what S3 or Image Builder answers.
pub async fn software(
    aws: &Aws,
    recipe: &RecipeName,
    image: &Image,
) -> Result<Software, CallError> {
    let kept = kept(aws, image).await?;
    let (packages, is_whole) = match kept {
        Some(kept) => kept,
        None => packages(aws, &image.arn).await?,
    };
    let detail = get_image(aws, &image.arn).await?;
    Ok(Software {
        recipe: recipe.clone(),
        image: image.arn.clone(),
        amis: image.amis.clone(),
        os: detail.and_then(|detail| detail.os),
        built: image.created,
        packages,
        is_whole,
    })
}

/// The list that was kept. One that cannot be read counts as none: Image Builder is asked instead.
async fn kept(aws: &Aws, image: &Image) -> Result<Option<(BTreeSet<Package>, bool)>, CallError> {
    let Some(ami) = image.amis.get(&aws.stack.region) else {
        return Ok(None);
    };
    let stored = get_at_most(aws, &key(ami), LARGEST + 1).await?;
    Ok(stored.and_then(|(bytes, _)| packages_in(&bytes).ok()))
}
