//! Compares what consumers read with the images: objects with their metadata, and parameters.
//!
//! Each object costs a call, and lists are cheap: one page tells the `ETag` of a thousand objects, and one call ten
//! parameters. So an hour reads whole only the publications whose turn it is, and what the lists say is changed.

use std::collections::BTreeMap;

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::Damage;
use goldsmith_domain::plan::PublicationToCompare;
use goldsmith_domain::publication::{IMAGES, PublishedFile, PublishedParameter, WrittenManifest};

use crate::assumed::Roles;
use crate::at_once::read_each;
use crate::etag::{is_of, is_surely, md5};
use crate::fault::{CallError, chain};
use crate::publication::{current_object, damage};
use crate::ssm::MOST_PARAMETERS;
use crate::{Aws, output};

/// What is wrong with `publications`, by their parts; the calls count as those in search of drift.
///
/// Errors: a temporary one. What cannot be read for good is a damage of its own.
pub(super) async fn read(
    aws: &Aws,
    publications: &[PublicationToCompare],
) -> Result<BTreeMap<String, Damage>, CallError> {
    let etags = etags(aws, publications).await?;
    let (of_files, of_manifests, of_own, of_others) = tokio::try_join!(
        of_files(aws, publications, &etags),
        of_manifests(aws, publications, &etags),
        of_own_parameters(aws, publications),
        of_others_parameters(aws, publications)
    )?;
    let all = of_files.into_iter().chain(of_manifests);
    let all = all.chain(of_own).chain(of_others);
    let damaged = all.filter_map(|(part, damage)| Some((part, damage?)));
    Ok(damaged.collect())
}

/// A part of a publication, and what is wrong with it.
type Compared = (String, Option<Damage>);

async fn of_files(
    aws: &Aws,
    publications: &[PublicationToCompare],
    etags: &BTreeMap<String, String>,
) -> Result<Vec<Compared>, CallError> {
    let is_as_listed = |file: &PublishedFile| {
        let etag = etags.get(&file.key);
        etag.is_some_and(|etag| is_surely(etag, file.content.as_bytes()))
    };
    let files = publications.iter().flat_map(|one| {
        let files = one.publication.files.iter();
        let looked_at = files.filter(|file| one.is_close || !is_as_listed(file));
        looked_at.map(|file| (file, &one.publication.image))
    });
    let files: Vec<_> = files.collect();
    aws.count_drift_calls(files.len());
    read_each(files, |(file, image)| async move {
        Ok((file.key.clone(), of_file(aws, file, image).await?))
    })
    .await
}

/// The manifests, whose content only their MD5 tells: a part of it is only known when an image is published.
async fn of_manifests(
    aws: &Aws,
    publications: &[PublicationToCompare],
    etags: &BTreeMap<String, String>,
) -> Result<Vec<Compared>, CallError> {
    let is_as_listed = |manifest: &WrittenManifest| {
        let etag = etags.get(&manifest.key);
        etag.is_some_and(|etag| is_of(etag, &manifest.md5))
    };
    let manifests = publications.iter().flat_map(|one| {
        let manifest = one.publication.manifest.iter();
        let looked_at = manifest.filter(|manifest| one.is_close || !is_as_listed(manifest));
        looked_at.map(|manifest| (manifest, &one.publication.image))
    });
    let manifests: Vec<_> = manifests.collect();
    aws.count_drift_calls(manifests.len());
    read_each(manifests, |(manifest, image)| async move {
        Ok((
            manifest.key.clone(),
            of_manifest(aws, manifest, image).await?,
        ))
    })
    .await
}

async fn of_manifest(
    aws: &Aws,
    manifest: &WrittenManifest,
    image: &ImageArn,
) -> Result<Option<Damage>, CallError> {
    let found = match current_object(aws, &manifest.key).await {
        Ok(Some(found)) if md5(&found.content) == manifest.md5 => {
            let file = PublishedFile {
                key: manifest.key.clone(),
                content: String::from_utf8_lossy(&found.content).into_owned(),
            };
            damage(aws, &found, &file, image).await
        }
        Ok(Some(_)) => Ok(Some(Damage::Content)),
        Ok(None) => Ok(Some(Damage::Missing)),
        Err(error) => Err(error),
    };
    judged(found)
}

/// The `ETag`s of what is published, if not everything is read whole anyway. A list that is refused tells nothing,
/// so that everything is read.
async fn etags(
    aws: &Aws,
    publications: &[PublicationToCompare],
) -> Result<BTreeMap<String, String>, CallError> {
    if publications.iter().all(|one| one.is_close) {
        return Ok(BTreeMap::new());
    }
    aws.count_drift_calls(1);
    match output::objects(aws, IMAGES, "").await {
        Err(error) if !error.fault.is_temporary() => Ok(BTreeMap::new()),
        found => Ok(found?.into_iter().collect()),
    }
}

async fn of_file(
    aws: &Aws,
    file: &PublishedFile,
    image: &ImageArn,
) -> Result<Option<Damage>, CallError> {
    let found = match current_object(aws, &file.key).await {
        Ok(Some(found)) => damage(aws, &found, file, image).await,
        Ok(None) => Ok(Some(Damage::Missing)),
        Err(error) => Err(error),
    };
    judged(found)
}

/// The parameters of our own account, ten in a call.
async fn of_own_parameters(
    aws: &Aws,
    publications: &[PublicationToCompare],
) -> Result<Vec<Compared>, CallError> {
    let all = publications
        .iter()
        .flat_map(|one| &one.publication.parameters);
    let own: Vec<_> = all.filter(|parameter| parameter.role.is_none()).collect();
    let batches = own.chunks(MOST_PARAMETERS);
    aws.count_drift_calls(batches.len());
    let compared = read_each(batches, |batch| of_batch(aws, batch)).await?;
    Ok(compared.into_iter().flatten().collect())
}

/// A name that is refused fails the whole call, and must hide nothing about the others: they are read one by one then.
async fn of_batch(
    aws: &Aws,
    parameters: &[&PublishedParameter],
) -> Result<Vec<Compared>, CallError> {
    let names: Vec<&str> = parameters.iter().map(|one| one.name.as_str()).collect();
    let found = match aws.ssm.parameters(&names).await {
        Err(error) if !error.fault.is_temporary() => return one_by_one(aws, parameters).await,
        found => found?.into_iter(),
    };
    let values = found.map(|one| (one.name.clone(), one.plain().unwrap_or_default()));
    let values: BTreeMap<_, _> = values.collect();
    let compared = parameters.iter().map(|parameter| {
        let value = Ok(values.get(&parameter.name).cloned());
        Ok((parameter.part(), of_value(parameter, value)?))
    });
    compared.collect()
}

async fn one_by_one(
    aws: &Aws,
    parameters: &[&PublishedParameter],
) -> Result<Vec<Compared>, CallError> {
    aws.count_drift_calls(parameters.len());
    read_each(parameters, |parameter| async move {
        let value = aws.ssm.parameter(&parameter.name).await;
        let value = value.map(|found| found.map(|found| found.plain().unwrap_or_default()));
        Ok((parameter.part(), of_value(parameter, value)?))
    })
    .await
}

/// The parameters in other accounts, whose roles read one at a time; those whose turn it is.
async fn of_others_parameters(
    aws: &Aws,
    publications: &[PublicationToCompare],
) -> Result<Vec<Compared>, CallError> {
    let (mut compared, mut roles) = (Vec::new(), Roles::new(aws));
    let close = publications.iter().filter(|one| one.is_close);
    for parameter in close.flat_map(|one| &one.publication.parameters) {
        let Some(role) = &parameter.role else {
            continue;
        };
        aws.count_drift_calls(1);
        let value = match roles.ssm(role, &parameter.place.region).await {
            Ok(ssm) => ssm.parameter(&parameter.name).await,
            Err(error) => Err(error),
        };
        let value = value.map(|found| found.map(|found| found.plain().unwrap_or_default()));
        compared.push((parameter.part(), of_value(parameter, value)?));
    }
    Ok(compared)
}

/// What is wrong with a parameter of this value, which is empty if it is no plain text, and none if it is not there.
fn of_value(
    parameter: &PublishedParameter,
    value: Result<Option<String>, CallError>,
) -> Result<Option<Damage>, CallError> {
    judged(value.map(|value| match value {
        Some(value) => (value != parameter.ami.as_str()).then_some(Damage::Content),
        None => Some(Damage::Missing),
    }))
}

/// What cannot be read for good is a damage of its own.
fn judged(found: Result<Option<Damage>, CallError>) -> Result<Option<Damage>, CallError> {
    match found {
        Err(error) if !error.fault.is_temporary() => Ok(Some(Damage::Unreadable(chain(&error)))),
        other => other,
    }
}
