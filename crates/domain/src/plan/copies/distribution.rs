//! The call that makes copies, and the distribution configuration that it takes.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::{KeyArn, RecipeName, Region};
use crate::observed::Target;
use crate::plan::change::{Action, Change, DistributeImage, Resource};
use crate::plan::configurations::configured;
use crate::plan::copy_eligibility::ServedImage;
use crate::plan::digests;
use crate::plan::reason::Waiting;
use crate::plan::record::Plan;
use crate::plan::tags::{COPIES_FOR_TAG, COPIES_OF_TAG, DISTRIBUTION_TAG};
use crate::plan::view::{Batch, View};
use crate::resources::{Distribution, RegionDistribution};

/// The copies of a batch that are missing, each with its key.
pub(super) type Targets = BTreeMap<Target, KeyArn>;

/// Copies that one call makes.
pub(super) struct Distributed<'a> {
    pub(super) batch: &'a Batch,
    pub(super) targets: &'a Targets,
    /// How many images were made before to copy this one for the batch.
    pub(super) earlier: usize,
    /// The access on keys without which it cannot succeed.
    pub(super) needs: BTreeSet<Resource>,
}

/// Makes copies of an image; the distribution configuration that they are made with.
pub(super) fn distribute(
    view: View<'_>,
    served: &ServedImage<'_>,
    wanted: Distributed<'_>,
    plan: &mut Plan,
) -> Option<String> {
    let Distributed {
        batch,
        targets,
        earlier,
        needs,
    } = wanted;
    let ServedImage { name, image, .. } = served;
    let ami = image.amis.get(&view.stack.region).cloned()?;
    let identity = digests::copies(&image.arn, &batch.tag(), targets, earlier);
    let content = content(view, name, &identity.as_str()[..12], targets);
    let mut tags = view.recipe_tags(name);
    tags.insert(COPIES_OF_TAG.to_owned(), image.arn.to_string());
    tags.insert(COPIES_FOR_TAG.to_owned(), batch.tag());
    let arn = view.stack.arn("distribution-configuration", &content.name);
    if view.distribution_configuration(&arn).is_none() {
        let digest = content.digest();
        let mut wanted = configured(view.desired, &arn, content, &digest);
        wanted.tags.clone_from(&tags);
        plan.change(Action::CreateDistribution(wanted));
    }
    tags.insert(DISTRIBUTION_TAG.to_owned(), arn.clone());
    let distribute = Action::DistributeImage(DistributeImage {
        recipename: name.clone(),
        image: image.arn.clone(),
        ami,
        distribution: arn.clone(),
        token: identity.to_string(),
        tags,
    });
    plan.change(Change::from(distribute).needing(needs));
    let accounts = targets.keys().map(|target| target.account.clone());
    let waiting = Waiting::CopiesBegun {
        image: image.arn.clone(),
        accounts: accounts.collect(),
    };
    plan.wait(name, waiting);
    Some(arn)
}

/// A configuration of only these targets. The building Region is always in it (user guide, "Set up
/// cross-account AMI distribution").
fn content(view: View<'_>, name: &RecipeName, identity: &str, targets: &Targets) -> Distribution {
    let recipe = view.wanted().distribution(name).content;
    let home = &view.stack.region;
    let blank = recipe.regions.get(home);
    let entry = |region: &Region| {
        let like = recipe.regions.get(region).or(blank);
        let like = like.map(|like| RegionDistribution {
            ami_name: like.ami_name.clone(),
            ami_tags: like.ami_tags.clone(),
            ..RegionDistribution::default()
        });
        like.unwrap_or_default()
    };
    let mut regions: BTreeMap<Region, RegionDistribution> = [(home.clone(), entry(home))].into();
    for (Target { account, region }, key) in targets {
        let entry = regions
            .entry(region.clone())
            .or_insert_with(|| entry(region));
        entry.kms_key = Some(key.clone());
        entry.copied_to.insert(account.clone());
    }
    Distribution {
        name: format!("{}-copies-{identity}", view.recipe_name(name)),
        regions,
    }
}
