//! Reads what new resources are made from, or beside.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::arn::VersionArn;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AmiId, ParameterName, ParentImageArn};
use goldsmith_domain::observed::{
    Catalog, Component, Depth, Observed, Recipe, RecipeContents, RecipeDevice, UsedComponent,
};
use goldsmith_domain::plan::{View, requirements};

use super::{PAGE, list};
use crate::fault::CallError;
use crate::{Aws, imagebuilder as shapes};

/// The most names that one `GetParameters` takes (SSM API reference).
const MOST_PARAMETERS: usize = 10;

/// Reads the catalog into `observed`, if anything needs it.
pub(super) async fn read(
    aws: &Aws,
    desired: &Desired,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let required =
        |observed: &Observed| requirements(View::new(desired, observed, &aws.stack), depth).catalog;
    let Some(bases) = required(observed) else {
        return Ok(());
    };
    let (components, recipes, parameters, parents) = tokio::try_join!(
        components(aws),
        recipes(aws),
        parameters(aws, &bases.parameters),
        parents(aws, &bases.parents)
    )?;
    let catalog = Catalog {
        components,
        recipes,
        parameters,
        parents,
        ..Catalog::default()
    };
    observed.catalog = Some(catalog.clone());
    // Asked again, now that parameters and recipes are known.
    let resolved = required(observed).unwrap_or_default();
    let base_amis = aws.ec2.base_amis(&resolved.base_amis).await?;
    let contents = contents(aws, &resolved.recipes).await?;
    observed.catalog = Some(Catalog {
        base_amis,
        contents,
        ..catalog
    });
    Ok(())
}

async fn contents(
    aws: &Aws,
    arns: &BTreeSet<VersionArn>,
) -> Result<BTreeMap<VersionArn, RecipeContents>, CallError> {
    let mut contents = BTreeMap::new();
    for arn in arns {
        if let Some(content) = recipe(aws, arn).await? {
            contents.insert(arn.clone(), content);
        }
    }
    Ok(contents)
}

/// What the parameters say; those that are missing are left out.
async fn parameters(
    aws: &Aws,
    names: &BTreeSet<ParameterName>,
) -> Result<BTreeMap<ParameterName, String>, CallError> {
    let mut values = BTreeMap::new();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    for batch in names.chunks(MOST_PARAMETERS) {
        let answer = aws
            .ssm
            .get_parameters()
            .set_names(Some(batch.to_vec()))
            .send()
            .await;
        let answer = answer.map_err(|error| CallError::new("ssm:GetParameters", error))?;
        let parameters = answer.parameters.unwrap_or_default();
        values.extend(
            parameters
                .into_iter()
                .filter_map(|found| Some((found.name?.parse().ok()?, found.value?))),
        );
    }
    Ok(values)
}

/// The AMIs of images in the building Region; images that are missing or have none there are left out.
async fn parents(
    aws: &Aws,
    arns: &BTreeSet<ParentImageArn>,
) -> Result<BTreeMap<ParentImageArn, AmiId>, CallError> {
    let mut amis = BTreeMap::new();
    for arn in arns {
        if let Some(ami) = shapes::parent_ami(aws, arn).await? {
            amis.insert(arn.clone(), ami);
        }
    }
    Ok(amis)
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
        parent: recipe.parent_image().unwrap_or_default().to_owned(),
        components: recipe.components().iter().map(used).collect(),
        devices: recipe
            .block_device_mappings()
            .iter()
            .filter_map(device)
            .collect(),
        ami_tags: shapes::tags(recipe.ami_tags()),
    }
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
        key: ebs.kms_key_id().map(str::to_owned),
    })
}
