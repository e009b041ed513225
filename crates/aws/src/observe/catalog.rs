//! Reads what new resources are made from, or beside.

use std::collections::BTreeMap;

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::arn::VersionArn;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::{
    Catalog, Component, Observed, Recipe, RecipeContents, RecipeDevice, UsedComponent,
};
use goldsmith_domain::plan::look;

use super::{PAGE, list};
use crate::fault::CallError;
use crate::{Aws, imagebuilder as shapes};

/// Reads the catalog into `observed`.
pub(super) async fn read(aws: &Aws, desired: &Desired, observed: &mut Observed) -> Result<(), CallError> {
    let base_amis = look::base_amis(desired);
    let (components, recipes, base_amis) =
        tokio::try_join!(components(aws), recipes(aws), aws.ec2.base_amis(&base_amis))?;
    observed.catalog = Some(Catalog { components, recipes, base_amis, ..Catalog::default() });
    let mut contents = BTreeMap::new();
    for arn in look::recipes_to_get(desired, observed, &aws.site) {
        if let Some(content) = recipe(aws, &arn).await? {
            contents.insert(arn, content);
        }
    }
    observed.catalog.iter_mut().for_each(|catalog| catalog.contents = std::mem::take(&mut contents));
    Ok(())
}

/// Every component build of the account: unlike `ListComponents` this list tells tags, and without a
/// version ARN it is of all components that the account owns (API reference).
async fn components(aws: &Aws) -> Result<Vec<Component>, CallError> {
    list!(aws, list_component_build_versions "imagebuilder:ListComponentBuildVersions",
        component_summary_list, shapes::component)
}

async fn recipes(aws: &Aws) -> Result<Vec<Recipe>, CallError> {
    list!(aws, list_image_recipes "imagebuilder:ListImageRecipes", image_recipe_summary_list, shapes::recipe)
}

/// What a recipe version says; none if it was deleted.
async fn recipe(aws: &Aws, arn: &VersionArn) -> Result<Option<RecipeContents>, CallError> {
    let answer = aws.imagebuilder.get_image_recipe().image_recipe_arn(arn.to_string()).send().await;
    let answer =
        shapes::found(answer.map_err(|error| CallError::new("imagebuilder:GetImageRecipe", &error)))?;
    Ok(answer.and_then(|answer| answer.image_recipe).as_ref().map(recipe_contents))
}

fn recipe_contents(recipe: &ib::ImageRecipe) -> RecipeContents {
    RecipeContents {
        parent: recipe.parent_image().unwrap_or_default().to_owned(),
        components: recipe.components().iter().map(used).collect(),
        devices: recipe.block_device_mappings().iter().filter_map(device).collect(),
        ami_tags: shapes::tags(recipe.ami_tags()),
    }
}

/// A parameter has a list of values, of which the service takes one.
fn used(component: &ib::ComponentConfiguration) -> UsedComponent {
    let parameters = component.parameters().iter();
    let parameters = parameters.map(|parameter| (parameter.name().to_owned(), parameter.value().join(", ")));
    UsedComponent { arn: component.component_arn().to_owned(), parameters: parameters.collect() }
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
