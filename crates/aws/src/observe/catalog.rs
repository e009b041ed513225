//! Reads what new resources are made from, or beside.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::arn::{ComponentBuildArn, VersionArn};
use goldsmith_domain::digest::of_bytes;
use goldsmith_domain::names::{AmiId, Digest, ParameterName, ParentImageArn};
use goldsmith_domain::observed::{
    BaseAmi, Catalog, Component, Depth, Observed, Recipe, RecipeContents, RecipeDevice, Subject,
    Unreadable, UsedComponent,
};
use goldsmith_domain::resources::Wanted;

use super::unread::{self, Read};
use super::{PAGE, list};
use crate::at_once::read_each;
use crate::fault::CallError;
use crate::ssm::{self, MOST_PARAMETERS};
use crate::{Aws, imagebuilder as shapes};

/// Reads the catalog into `observed`, if anything needs it.
pub(super) async fn read(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let required_at = |observed: &Observed, depth| super::required(wanted, observed, depth).catalog;
    let required = |observed: &Observed| required_at(observed, depth);
    let Some(bases) = required(observed) else {
        return Ok(());
    };
    let (components, recipes, parameters, parents) = tokio::try_join!(
        async { unread::read(Subject::Components, components(aws).await) },
        async { unread::read(Subject::Recipes, recipes(aws).await) },
        parameters(aws, &bases.parameters),
        parents(aws, &bases.parents)
    )?;
    let unread = &mut observed.unreadable;
    let catalog = Catalog {
        components: components.into(unread),
        recipes: recipes.into(unread),
        parameters,
        parents: parents.into(unread),
        ..Catalog::default()
    };
    observed.catalog = Some(catalog.clone());
    // Asked again, now that parameters and recipes are known.
    let resolved = required(observed).unwrap_or_default();
    let plain = required_at(observed, Depth::Digest).unwrap_or_default();
    let versions = resolved.recipes.len() - plain.recipes.len();
    let builds = resolved.components.len() - plain.components.len();
    aws.count_drift_calls(versions + builds);
    let (base_amis, contents, component_data) = tokio::try_join!(
        base_amis(aws, &resolved.base_amis),
        contents(aws, &resolved.recipes),
        component_data(aws, &resolved.components)
    )?;
    observed.catalog = Some(Catalog {
        base_amis: base_amis.into(&mut observed.unreadable),
        contents: contents.into(&mut observed.unreadable),
        component_data: component_data.into(&mut observed.unreadable),
        ..catalog
    });
    Ok(())
}

/// What EC2 says of AMIs that we may see.
pub(super) async fn base_amis(
    aws: &Aws,
    asked: &BTreeSet<AmiId>,
) -> Result<Read<BTreeMap<AmiId, BaseAmi>>, CallError> {
    match aws.ec2.base_amis(asked).await {
        Ok(value) => Ok(Read {
            value,
            unread: Vec::new(),
        }),
        Err(error) => {
            let code = unread::code(error)?;
            let of = |ami: &AmiId| Unreadable {
                what: Subject::Ami(ami.clone()),
                code: code.clone(),
            };
            Ok(Read {
                value: BTreeMap::new(),
                unread: asked.iter().map(of).collect(),
            })
        }
    }
}

async fn contents(
    aws: &Aws,
    arns: &BTreeSet<VersionArn>,
) -> Result<Read<BTreeMap<VersionArn, RecipeContents>>, CallError> {
    let read = read_each(arns, |arn| async move {
        let what = Subject::RecipeVersion(arn.clone());
        let found = unread::read(what, recipe(aws, arn).await)?;
        Ok::<_, CallError>((arn, found))
    });
    Ok(by_arn(read.await?))
}

/// The digest of what component builds say; without builds that were deleted.
async fn component_data(
    aws: &Aws,
    arns: &BTreeSet<ComponentBuildArn>,
) -> Result<Read<BTreeMap<ComponentBuildArn, Digest>>, CallError> {
    let read = read_each(arns, |arn| async move {
        let what = Subject::ComponentBuild(arn.clone());
        let found = unread::read(what, digest_of_data(aws, arn).await)?;
        Ok::<_, CallError>((arn, found))
    });
    Ok(by_arn(read.await?))
}

/// What was read of each ARN; without those of which nothing is there.
fn by_arn<K: Clone + Ord, T>(read: Vec<(&K, Read<Option<T>>)>) -> Read<BTreeMap<K, T>> {
    let (mut value, mut unread) = (BTreeMap::new(), Vec::new());
    for (arn, found) in read {
        let found = found.into(&mut unread);
        value.extend(found.map(|found| (arn.clone(), found)));
    }
    Read { value, unread }
}

async fn digest_of_data(aws: &Aws, arn: &ComponentBuildArn) -> Result<Option<Digest>, CallError> {
    let call = aws.imagebuilder.get_component();
    let answer = call
        .component_build_version_arn(arn.to_string())
        .send()
        .await
        .map_err(|error| CallError::new("imagebuilder:GetComponent", error));
    let component = shapes::found(answer)?.and_then(|answer| answer.component);
    let data = component.and_then(|component| component.data);
    Ok(data.map(|data| of_bytes(data.as_bytes())))
}

/// The AMIs that parameters name. Everything else is left out without a trace: what is missing, what we
/// may not read, what is no plain text, and what is no AMI id, which may be a secret.
async fn parameters(
    aws: &Aws,
    names: &BTreeSet<ParameterName>,
) -> Result<BTreeMap<ParameterName, AmiId>, CallError> {
    let mut amis = BTreeMap::new();
    let names: Vec<&ParameterName> = names.iter().collect();
    for batch in names.chunks(MOST_PARAMETERS) {
        match amis_of(aws, batch).await {
            Ok(found) => amis.extend(found),
            Err(error) if error.fault.is_temporary() => return Err(error),
            // A name that is refused fails the whole call, and must not fail the others' recipes.
            Err(_) => {
                for name in batch {
                    amis.extend(amis_of_one(aws, name).await?);
                }
            }
        }
    }
    Ok(amis)
}

async fn amis_of_one(
    aws: &Aws,
    name: &ParameterName,
) -> Result<BTreeMap<ParameterName, AmiId>, CallError> {
    match amis_of(aws, &[name]).await {
        Err(error) if !error.fault.is_temporary() => Ok(BTreeMap::new()),
        other => other,
    }
}

/// The AMIs that a few parameters name. Nothing is decrypted.
async fn amis_of(
    aws: &Aws,
    names: &[&ParameterName],
) -> Result<BTreeMap<ParameterName, AmiId>, CallError> {
    let ami = |found: ssm::Parameter| {
        let name = found.name.parse().ok()?;
        let ami = found.plain()?.parse().ok()?;
        names.contains(&&name).then_some((name, ami))
    };
    let asked: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let found = aws.ssm.parameters(&asked).await?.into_iter();
    Ok(found.filter_map(ami).collect())
}

/// The AMIs of images in the building Region; images that are missing or have none there are left out.
async fn parents(
    aws: &Aws,
    arns: &BTreeSet<ParentImageArn>,
) -> Result<Read<BTreeMap<ParentImageArn, AmiId>>, CallError> {
    let (mut value, mut unread) = (BTreeMap::new(), Vec::new());
    for arn in arns {
        let what = Subject::ParentImage(arn.clone());
        let ami = unread::read(what, shapes::parent_ami(aws, arn).await)?.into(&mut unread);
        value.extend(ami.map(|ami| (arn.clone(), ami)));
    }
    Ok(Read { value, unread })
}

/// Every component build of the account: unlike `ListComponents` this list has tags, and without a
/// version ARN it is of all components that the account owns (API reference).
async fn components(aws: &Aws) -> Result<Vec<Component>, CallError> {
    list!(aws, list_component_build_versions "imagebuilder:ListComponentBuildVersions",
        component_summary_list, shapes::component)
}

pub(super) async fn recipes(aws: &Aws) -> Result<Vec<Recipe>, CallError> {
    list!(aws, list_image_recipes "imagebuilder:ListImageRecipes", image_recipe_summary_list, shapes::recipe)
}

/// What a recipe version says; none if it was deleted.
async fn recipe(aws: &Aws, arn: &VersionArn) -> Result<Option<RecipeContents>, CallError> {
    let answer = aws
        .imagebuilder
        .get_image_recipe()
        .image_recipe_arn(arn.to_string())
        .send()
        .await;
    let answer = shapes::found(
        answer.map_err(|error| CallError::new("imagebuilder:GetImageRecipe", error)),
    )?;
    Ok(answer
        .and_then(|answer| answer.image_recipe)
        .as_ref()
        .map(recipe_contents))
}

fn recipe_contents(recipe: &ib::ImageRecipe) -> RecipeContents {
    RecipeContents {
        name: recipe.name().unwrap_or_default().to_owned(),
        parent: recipe.parent_image().unwrap_or_default().to_owned(),
        components: recipe.components().iter().map(used).collect(),
        devices: recipe
            .block_device_mappings()
            .iter()
            .filter_map(device)
            .collect(),
        ami_tags: shapes::tags(recipe.ami_tags()),
        others: others(recipe),
    }
}

/// Where builds work if a recipe does not say it, on Linux and on Windows (Image Builder user guide, "Create an image
/// recipe"). An answer may name it.
const USUAL_PLACES: [&str; 3] = ["", "/tmp", "C:/"];

/// What would run or be on an image beside what we ask for. We send none of these, and the service adds none.
fn others(recipe: &ib::ImageRecipe) -> BTreeMap<String, String> {
    let instance = recipe.additional_instance_configuration();
    let user_data = instance.and_then(ib::AdditionalInstanceConfiguration::user_data_override);
    let user_data = user_data.filter(|data| !data.is_empty());
    // It can hold a secret, so that only its presence is told.
    let user_data = user_data.map(|_| ("user data".to_owned(), "set".to_owned()));
    let agent = instance.and_then(|instance| instance.systems_manager_agent());
    let uninstalls = agent.is_some_and(|agent| agent.uninstall_after_build() == Some(true));
    let agent = uninstalls.then(|| ("SSM agent".to_owned(), "uninstalled".to_owned()));
    let devices = recipe.block_device_mappings().iter().filter_map(|mapping| {
        let snapshot = mapping.ebs().and_then(|ebs| ebs.snapshot_id());
        let what = snapshot
            .or(mapping.virtual_name())
            .or(mapping.no_device())?;
        let name = mapping.device_name().unwrap_or_default();
        Some((format!("device {name}"), what.to_owned()))
    });
    let devices = devices.filter(|(_, what)| !what.is_empty());
    let place = recipe.working_directory();
    let place = place.filter(|place| !USUAL_PLACES.contains(place));
    let place = place.map(|place| ("working directory".to_owned(), place.to_owned()));
    let of_instance = user_data.into_iter().chain(agent).chain(place);
    of_instance.chain(devices).collect()
}

/// A parameter has a list of values, of which the service takes one.
fn used(component: &ib::ComponentConfiguration) -> UsedComponent {
    let parameters = component.parameters().iter();
    let parameters =
        parameters.map(|parameter| (parameter.name().to_owned(), parameter.value().join(", ")));
    UsedComponent {
        arn: component.component_arn().to_owned(),
        parameters: parameters.collect(),
    }
}

fn device(mapping: &ib::InstanceBlockDeviceMapping) -> Option<RecipeDevice> {
    let ebs = mapping.ebs()?;
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    Some(RecipeDevice {
        name: mapping.device_name()?.to_owned(),
        size_gib: number(ebs.volume_size()),
        volume_type: ebs.volume_type().map(|volume| volume.as_str().to_owned()),
        iops: number(ebs.iops()),
        throughput: number(ebs.throughput()),
        // A key alone encrypts nothing: Image Builder takes one without `encrypted`.
        key: ebs
            .kms_key_id()
            .filter(|_| ebs.encrypted() == Some(true))
            .map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_directory_of_somebody_else_is_told() {
        let place = |text: Option<&str>| {
            let recipe = ib::ImageRecipe::builder()
                .set_working_directory(text.map(str::to_owned))
                .build();
            others(&recipe).remove("working directory")
        };
        assert_eq!(place(Some("/var/evil")).as_deref(), Some("/var/evil"));
        for usual in [None, Some(""), Some("/tmp"), Some("C:/")] {
            assert_eq!(place(usual), None, "{usual:?}");
        }
    }
}
