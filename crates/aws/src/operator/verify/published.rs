//! What consumers read, held against what Image Builder says: the objects of each recipe and of each copy.
//!
//! It starts from the images. What the bucket holds is only believed where it is what we publish of them.

use std::collections::BTreeMap;

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::consumers::DeliveryMode;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{Image, Pipeline, Target};
use goldsmith_domain::plan::published_image;
use goldsmith_domain::publication::{
    PublishedFile, copied_ami, copy_key, files, image_key, published_amis,
};
use goldsmith_domain::stack::recipe_name;
use goldsmith_domain::verify::{Known, Published};

use crate::Aws;
use crate::fault::CallError;
use crate::observe::{images, pipelines};
use crate::publication::{CurrentObject, current_object, damage, is_signed};
use crate::verify::{at_once, known};

type OfRecipes = BTreeMap<RecipeName, Known<Option<Published>>>;
type OfCopies = BTreeMap<(RecipeName, Target), Known<Option<Published>>>;

/// What is published of every recipe, and for every account that has copies.
pub(super) async fn read(aws: &Aws, desired: &Desired) -> (OfRecipes, OfCopies) {
    let built = known(tokio::try_join!(pipelines(aws), images(aws)));
    let names = desired.recipes.iter().map(|entry| &entry.name);
    let recipes = names.map(|name| {
        let image = built
            .as_ref()
            .map(|built| current(aws, desired, name, built).cloned())
            .map_err(Clone::clone);
        of_recipe(aws.clone(), name.clone(), image)
    });
    let copies = desired.recipes.iter().flat_map(|entry| {
        targets(desired).map(|target| of_copy(aws.clone(), entry.name.clone(), target))
    });
    (at_once(recipes).await, at_once(copies).await)
}

/// The image of a recipe that has to be published, by what its pipeline's tag says.
fn current<'a>(
    aws: &Aws,
    desired: &Desired,
    name: &RecipeName,
    (pipelines, images): &'a (Vec<Pipeline>, Vec<Image>),
) -> Option<&'a Image> {
    let full_name = recipe_name(&desired.family, &desired.environment, name);
    let arn = aws.stack.pipeline_arn(&full_name);
    let pipeline = pipelines.iter().find(|pipeline| pipeline.arn == arn)?;
    published_image(images, pipeline)
}

fn targets(desired: &Desired) -> impl Iterator<Item = Target> {
    let copied = desired
        .consumers
        .accounts
        .iter()
        .filter(|account| account.serve == DeliveryMode::Copy);
    copied.flat_map(|account| {
        let target = |region: &_| Target {
            account: account.id.clone(),
            region: Clone::clone(region),
        };
        account.regions.iter().map(target)
    })
}

async fn of_recipe(
    aws: Aws,
    name: RecipeName,
    image: Known<Option<Image>>,
) -> (RecipeName, Known<Option<Published>>) {
    let published = match image {
        Ok(image) => known(held_against(&aws, &name, image.as_ref()).await),
        Err(reason) => Err(reason),
    };
    (name, published)
}

/// What `image.json` says, and what is wrong with it if it has to be of `image`.
async fn held_against(
    aws: &Aws,
    name: &RecipeName,
    image: Option<&Image>,
) -> Result<Option<Published>, CallError> {
    let Some(found) = current_object(aws, &image_key(name)).await? else {
        return Ok(None);
    };
    let damage = match image {
        None => Some("its pipeline says of no available image that it is published".to_owned()),
        Some(image) => of_image(aws, name, &found, image).await?,
    };
    Ok(Some(Published {
        amis: published_amis(&found.content),
        image: found.image,
        damage: damage.map(|damage| format!("image.json {damage}")),
    }))
}

async fn of_image(
    aws: &Aws,
    name: &RecipeName,
    found: &CurrentObject,
    image: &Image,
) -> Result<Option<String>, CallError> {
    let Some(file) = files(name, &image.amis).into_iter().next() else {
        return Ok(None);
    };
    let found = damage(aws, found, &file, &image.arn).await?;
    Ok(found.map(|damage| damage.to_string()))
}

async fn of_copy(
    aws: Aws,
    name: RecipeName,
    target: Target,
) -> ((RecipeName, Target), Known<Option<Published>>) {
    let published = known(copy(&aws, &name, &target).await);
    ((name, target), published)
}

/// What an account's object says of its copy. Which AMI it is, the account says itself.
async fn copy(
    aws: &Aws,
    name: &RecipeName,
    target: &Target,
) -> Result<Option<Published>, CallError> {
    let key = copy_key(name, target);
    let Some(found) = current_object(aws, &key).await? else {
        return Ok(None);
    };
    let damage = match &found.image {
        Some(image) if is_ours(aws, key, image, &found).await? => None,
        _ => Some("its object has no valid signature".to_owned()),
    };
    let ami = copied_ami(&found.content).map(|ami| (target.region.clone(), ami));
    Ok(Some(Published {
        amis: ami.into_iter().collect(),
        image: found.image,
        damage,
    }))
}

async fn is_ours(
    aws: &Aws,
    key: String,
    image: &ImageArn,
    found: &CurrentObject,
) -> Result<bool, CallError> {
    let content = String::from_utf8_lossy(&found.content).into_owned();
    is_signed(aws, found, &PublishedFile { key, content }, image).await
}
