//! Reads what consumers read: the output bucket's objects, of each recipe and of each copy.

use std::collections::BTreeMap;

use goldsmith_domain::consumers::DeliveryMode;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::Target;
use goldsmith_domain::publication::{copied_ami, copy_key, image_key, published_amis};
use goldsmith_domain::verify::{Known, Published};

use super::{join_limited, known};
use crate::Aws;
use crate::publication::current_object;

type OfRecipes = BTreeMap<RecipeName, Known<Option<Published>>>;
type OfCopies = BTreeMap<(RecipeName, Target), Known<Option<Published>>>;

/// What is published of every recipe, and for every account that has copies.
pub(super) async fn read(aws: &Aws, desired: &Desired) -> (OfRecipes, OfCopies) {
    let recipes = desired
        .recipes
        .iter()
        .map(|entry| of_recipe(aws.clone(), entry.name.clone()));
    let copies = desired.recipes.iter().flat_map(|entry| {
        targets(desired).map(|target| of_copy(aws.clone(), entry.name.clone(), target))
    });
    (join_limited(recipes).await, join_limited(copies).await)
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

async fn of_recipe(aws: Aws, name: RecipeName) -> (RecipeName, Known<Option<Published>>) {
    let found = current_object(&aws, &image_key(&name)).await;
    let published = known(found).map(|found| {
        found.map(|found| Published {
            amis: published_amis(&found.content),
            image: found.image,
        })
    });
    (name, published)
}

async fn of_copy(
    aws: Aws,
    name: RecipeName,
    target: Target,
) -> ((RecipeName, Target), Known<Option<Published>>) {
    let found = current_object(&aws, &copy_key(&name, &target)).await;
    let published = known(found).map(|found| {
        let found = found?;
        let amis = [(target.region.clone(), copied_ami(&found.content)?)].into();
        Some(Published {
            amis,
            image: found.image,
        })
    });
    ((name, target), published)
}
