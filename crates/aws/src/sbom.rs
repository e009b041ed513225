//! The software list of an image: read from Image Builder, and kept in the output bucket.

use std::collections::BTreeSet;

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::plan::Publish;
use goldsmith_domain::sbom::{Package, Software, key};
use jiff::Timestamp;

use crate::Aws;
use crate::fault::{CallError, Fault, chain};
use crate::output::{Precondition, put};

/// How many pages are read, of 25 packages each (API reference, `ListImagePackages`). A full installation of Red Hat
/// Enterprise Linux has 2,000.
const MOST_PAGES: usize = 160;

/// The packages that Image Builder lists of an image, and whether they are all. It lists none if its build did not
/// collect them. Errors: what Image Builder answers.
pub async fn packages(aws: &Aws, image: &ImageArn) -> Result<(BTreeSet<Package>, bool), CallError> {
    let (mut packages, mut token) = (BTreeSet::new(), None);
    for _ in 0..MOST_PAGES {
        let call = aws.imagebuilder.list_image_packages();
        let call = call.image_build_version_arn(image.to_string());
        let page = call.set_next_token(token).send().await;
        let page = page.map_err(|error| CallError::new("imagebuilder:ListImagePackages", error))?;
        let listed = page.image_package_list().iter();
        packages.extend(listed.filter_map(|package| {
            let version = package.package_version().unwrap_or_default();
            Package::new(package.package_name()?, version)
        }));
        token = page.next_token;
        if token.is_none() {
            return Ok((packages, true));
        }
    }
    Ok((packages, false))
}

/// Keeps the software list of an image that was published, once. An image is published without it, too: a failure is
/// logged, and `goldsmith sbom` asks Image Builder then.
pub(crate) async fn keep(
    aws: &Aws,
    change: &Publish,
    os: Option<String>,
    built: Option<Timestamp>,
) {
    if let Err(error) = store(aws, change, os, built).await {
        let error = chain(&error);
        tracing::error!(error, image.arn = %change.image, "the software list of the image is not kept");
    }
}

async fn store(
    aws: &Aws,
    change: &Publish,
    os: Option<String>,
    built: Option<Timestamp>,
) -> Result<(), CallError> {
    let Some(ami) = change.amis.get(&aws.stack.region) else {
        return Ok(());
    };
    let (packages, is_whole) = packages(aws, &change.image).await?;
    if packages.is_empty() {
        tracing::warn!(image.arn = %change.image, "Image Builder lists no packages of the image");
        return Ok(());
    }
    let software = Software {
        recipe: change.recipename.clone(),
        image: change.image.clone(),
        amis: change.amis.clone(),
        os,
        built,
        packages,
        is_whole,
    };
    let body = software.cyclonedx().to_string().into_bytes();
    match put(aws, &key(ami), body, Precondition::Absent).await {
        // An earlier attempt to publish the image kept it.
        Err(error) if error.fault == Fault::Conflict => Ok(()),
        other => other.map(drop),
    }
}
