//! Compares what consumers read with the images: objects with their metadata, and parameters.

use std::collections::BTreeMap;

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::Damage;
use goldsmith_domain::publication::{Publication, PublishedFile, PublishedParameter};

use crate::Aws;
use crate::assumed::Roles;
use crate::fault::{CallError, chain};
use crate::publication::{current_object, damage};

/// What is wrong with `publications`, by their parts; the calls count as those in search of drift.
///
/// Errors: a temporary one. What cannot be read for good is a damage of its own.
pub(super) async fn read(
    aws: &Aws,
    publications: &[Publication],
) -> Result<BTreeMap<String, Damage>, CallError> {
    let mut damages = BTreeMap::new();
    let mut roles = Roles::new(aws);
    for publication in publications {
        for file in &publication.files {
            let damage = of_file(aws, file, &publication.image).await?;
            damages.extend(damage.map(|damage| (file.key.clone(), damage)));
        }
        for parameter in &publication.parameters {
            let damage = of_parameter(&mut roles, parameter).await?;
            damages.extend(damage.map(|damage| (parameter.part(), damage)));
        }
        aws.count_drift_calls(publication.files.len() + publication.parameters.len());
    }
    Ok(damages)
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

async fn of_parameter(
    roles: &mut Roles<'_>,
    parameter: &PublishedParameter,
) -> Result<Option<Damage>, CallError> {
    let value = value(roles, parameter).await;
    judged(value.map(|value| match value {
        Some(value) => (value != parameter.ami.as_str()).then_some(Damage::Content),
        None => Some(Damage::Missing),
    }))
}

/// The value of a parameter, which is empty if it is no plain text; none if it is not there.
async fn value(
    roles: &mut Roles<'_>,
    parameter: &PublishedParameter,
) -> Result<Option<String>, CallError> {
    let ssm = match &parameter.role {
        Some(role) => roles.ssm(role, &parameter.place.region).await?,
        None => roles.aws().ssm.clone(),
    };
    let found = ssm.parameter(&parameter.name).await?;
    Ok(found.map(|found| found.plain().unwrap_or_default()))
}

/// What cannot be read for good is a damage of its own.
fn judged(found: Result<Option<Damage>, CallError>) -> Result<Option<Damage>, CallError> {
    match found {
        Err(error) if !error.fault.is_temporary() => Ok(Some(Damage::Unreadable(chain(&error)))),
        other => other,
    }
}
