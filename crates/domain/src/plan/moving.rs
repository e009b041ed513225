//! Accounts that go over to copies, or to copies under another key: until the copies of what is current are
//! there as they are to be, nothing that such an account has is taken from it. `DistributeImage` skips a copy
//! that exists, so that one under the old key stands until the next image.

use super::recipe::pipeline_arn;
use super::{copies, images, rebuild};
use crate::consumers::{Account, Consumers, DeliveryMode};
use crate::desired::Desired;
use crate::key_policy::Access;
use crate::names::Region;
use crate::observed::{Image, Observed, Pipeline, Target};
use crate::stack::StackContext;

/// Whether an account is to have copies in `region` and does not have all of them yet.
pub(super) fn moves(
    account: &Account,
    region: &Region,
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> bool {
    let copied = account.serve == DeliveryMode::Copy && account.regions.contains(region);
    let lacks = |(pipeline, image): (&Pipeline, &Image)| {
        lacks_copy(account, region, image, desired, observed)
            && !rebuild::is_done(account, pipeline, image, desired, observed, stack)
    };
    copied && current(desired, observed, stack).any(|image| image.is_none_or(lacks))
}

/// The image of each recipe that consumers launch today, with its pipeline; none of one that has none.
fn current<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
    stack: &'a StackContext,
) -> impl Iterator<Item = Option<(&'a Pipeline, &'a Image)>> {
    desired.recipes.iter().map(move |entry| {
        let arn = pipeline_arn(desired, stack, &entry.name);
        let pipeline = observed
            .pipelines
            .iter()
            .find(|pipeline| pipeline.arn == arn)?;
        Some((
            pipeline,
            images::current(observed, pipeline, pipeline.recipe.as_ref()?)?,
        ))
    })
}

fn lacks_copy(
    account: &Account,
    region: &Region,
    image: &Image,
    desired: &Desired,
    observed: &Observed,
) -> bool {
    let target = Target {
        account: account.id.clone(),
        region: region.clone(),
    };
    let own_key = account.keys.contains_key(region);
    copies::made_with(
        desired,
        observed,
        &image.arn,
        own_key.then_some(&account.id),
    )
    .all(|made| made != target)
}

/// What accounts that move were given on our key of `region`, as `admitted` tells, and would be given if their
/// copies were under it.
pub(super) fn kept(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
    region: &Region,
    admitted: &Access,
) -> Access {
    let under_ours = |account: &Account| Account {
        keys: [].into(),
        ..account.clone()
    };
    let has_own_key = |account: &&Account| account.keys.contains_key(region);
    let accounts: Vec<Account> = desired
        .consumers
        .accounts_in(region)
        .filter(has_own_key)
        .filter(|account| moves(account, region, desired, observed, stack))
        .map(under_ours)
        .collect();
    Access::of(
        &Consumers {
            accounts,
            organizations: Vec::new(),
        },
        stack,
        region,
    )
    .intersection(admitted)
}
