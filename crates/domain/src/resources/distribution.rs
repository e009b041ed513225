//! The distribution configuration of a recipe.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::recipe_tags;
use crate::consumers::{Account, DeliveryMode};
use crate::desired::Desired;
use crate::names::{AccountId, KeyArn, RecipeName, Region};
use crate::sharing::Sharing;
use crate::stack::{StackContext, recipe_name};
use crate::tags::Tags;

/// The distribution configuration of one recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// Its name.
    pub name: String,
    /// What is distributed where.
    pub regions: BTreeMap<Region, RegionDistribution>,
}

/// What is distributed to one Region.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionDistribution {
    /// The AMI's name, with Image Builder's build date.
    pub ami_name: String,
    /// Tags for the AMI.
    pub ami_tags: Tags,
    /// The key for a copy; none in the building Region, whose AMI the recipe's volumes encrypt.
    #[serde(deserialize_with = "Option::deserialize")]
    pub kms_key: Option<KeyArn>,
    /// Who gets launch permission.
    pub shared_with: Sharing,
    /// Accounts that get copies under the key; none in a recipe's own configuration, so that a bad target
    /// never fails a build.
    pub copied_to: BTreeSet<AccountId>,
    /// Parameters that Image Builder sets to the AMI's id.
    pub parameters: BTreeSet<String>,
    /// Launch templates that get a version with the AMI.
    pub launch_templates: BTreeSet<String>,
}

/// The distribution configuration of `recipe` that the documents want: the building Region, and
/// each further Region that has a key.
pub fn distribution(desired: &Desired, stack: &StackContext, recipe: &RecipeName) -> Distribution {
    let name = recipe_name(&desired.family, &desired.environment, recipe);
    let ami_name = desired
        .ami_name
        .as_ref()
        .map_or_else(|| name.clone(), |ami_name| ami_name.of(recipe));
    let further = desired.regions.iter().filter_map(|(region, settings)| {
        let key = settings.kms_key.clone()?;
        (*region != stack.region).then_some((region.clone(), Some(key)))
    });
    let regions = std::iter::once((stack.region.clone(), None))
        .chain(further)
        .map(|(region, kms_key)| {
            let entry = RegionDistribution {
                ami_name: format!("{ami_name} {{{{ imagebuilder:buildDate }}}}"),
                ami_tags: recipe_tags(desired, recipe),
                kms_key,
                shared_with: sharing_in(desired, stack, &region),
                copied_to: BTreeSet::new(),
                parameters: parameters(desired, &region, recipe),
                launch_templates: launch_templates(desired, &region, recipe),
            };
            (region, entry)
        })
        .collect();
    Distribution { name, regions }
}

fn parameters(desired: &Desired, region: &Region, recipe: &RecipeName) -> BTreeSet<String> {
    let patterns = desired
        .regions
        .get(region)
        .into_iter()
        .flat_map(|settings| &settings.parameters);
    patterns
        .map(|pattern| pattern.of(recipe).to_string())
        .collect()
}

fn launch_templates(desired: &Desired, region: &Region, recipe: &RecipeName) -> BTreeSet<String> {
    let templates = desired
        .regions
        .get(region)
        .map(|settings| &settings.launch_templates);
    let of_recipe = |(name, _): &(&RecipeName, _)| name.folded() == recipe.folded();
    let of_recipe = templates.into_iter().flatten().filter(of_recipe);
    of_recipe
        .flat_map(|(_, ids)| ids)
        .map(ToString::to_string)
        .collect()
}

/// The ARN of the distribution configuration of `recipe`.
pub fn distribution_arn(desired: &Desired, stack: &StackContext, recipe: &RecipeName) -> String {
    stack.arn(
        "distribution-configuration",
        &recipe_name(&desired.family, &desired.environment, recipe),
    )
}

/// Further Regions that name no key: an encrypted copy there would fall to `aws/ebs`, which cannot
/// be shared.
pub fn regions_without_key<'a>(
    desired: &'a Desired,
    stack: &'a StackContext,
) -> impl Iterator<Item = &'a Region> {
    let keyless = desired
        .regions
        .iter()
        .filter(|(region, s)| **region != stack.region && s.kms_key.is_none());
    keyless.map(|(region, _)| region)
}

/// Who images are shared with in `region`: never the building account, which owns them, and of those who
/// get copies only who builds images again, from ours.
pub fn sharing_in(desired: &Desired, stack: &StackContext, region: &Region) -> Sharing {
    let launches =
        |account: &&Account| account.serve == DeliveryMode::Share || account.rebuild.is_some();
    let shared = |account: &&Account| launches(account) && account.id != stack.account;
    let accounts = desired.consumers.accounts_in(region).filter(shared);
    let organizations = desired.consumers.organizations_in(region);
    Sharing {
        accounts: accounts.map(|account| account.id.clone()).collect(),
        organizations: organizations
            .map(|organization| organization.arn.clone())
            .collect(),
        everybody: false,
    }
}
