//! Looks into accounts that have something left to build again.

use goldsmith_domain::names::{AccountId, Region, RoleArn};
use goldsmith_domain::observed::{
    Configuration, Depth, Observed, Rebuilds, Recipe, Resource, Target,
};
use goldsmith_domain::resources::Wanted;

use super::{catalog, distributions, images, infrastructure, required};
use crate::Aws;
use crate::assumed::clients_in_account;
use crate::fault::{CallError, chain};

/// What a place costs that nothing turns a page in: the role, and four lists.
const CALLS: usize = 5;

/// Reads what the accounts have, and the AMIs of ours that they build again. An account never fails the run:
/// a refusal is recorded with its reason, and after a temporary error the next run looks again.
pub(super) async fn read(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let asked = required(wanted, observed, depth).rebuilds;
    let plain = required(wanted, observed, Depth::Digest).rebuilds;
    aws.count_drift_calls(CALLS * (asked.places.len() - plain.places.len()));
    for (Target { account, region }, role) in asked.places {
        let seen = match seen(aws, &account, &role, &region).await {
            Ok(seen) => seen,
            Err(error) if error.fault.is_temporary() => {
                let error = chain(&error);
                tracing::warn!(account.id = %account, error, "an account was not looked into");
                continue;
            }
            Err(error) => Rebuilds::Unseen(chain(&error)),
        };
        observed
            .rebuilds
            .entry(account)
            .or_default()
            .insert(region, seen);
    }
    let built = catalog::base_amis(aws, &asked.amis).await?;
    observed.built = built.into(&mut observed.unreadable);
    Ok(())
}

async fn seen(
    aws: &Aws,
    account: &AccountId,
    role: &RoleArn,
    region: &Region,
) -> Result<Rebuilds, CallError> {
    let there = clients_in_account(aws, role, account, region).await?;
    let (images, recipes, infrastructure, distributions) = tokio::try_join!(
        images(&there),
        catalog::recipes(&there),
        infrastructure(&there),
        distributions(&there)
    )?;
    let recipe = |Recipe { arn, tags }| Resource {
        arn: arn.to_string(),
        tags,
    };
    let resources = recipes.into_iter().map(recipe);
    let resources = resources.chain(infrastructure.into_iter().map(resource));
    let resources = resources
        .chain(distributions.into_iter().map(resource))
        .collect();
    Ok(Rebuilds::Seen { images, resources })
}

fn resource<T>(configuration: Configuration<T>) -> Resource {
    Resource {
        arn: configuration.arn,
        tags: configuration.tags,
    }
}
