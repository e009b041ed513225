//! Quotas: whether the account has room for what a plan makes.

use super::change::Resource;
use super::change::quota::{self, Limit};
use super::reason::Refused;
use super::record::Plan;
use super::view::View;
use crate::names::RecipeName;
use crate::observed::Observed;
use crate::resources;

/// What has to be made for a recipe.
pub(super) struct Needed {
    pub(super) pipelines: usize,
    pub(super) versions: usize,
    pub(super) components: usize,
}

/// Whether the account has room for what a recipe needs made, beside what the plan makes by now.
pub(super) fn check_headroom(
    view: View<'_>,
    recipe: &RecipeName,
    needed: &Needed,
    plan: &Plan,
) -> Result<(), Refused> {
    let Observed {
        pipelines,
        infrastructure,
        distributions,
        ..
    } = view.observed;
    let (recipes, components) = view.catalog().map_or((0, 0), |catalog| {
        (catalog.recipes.len(), catalog.components.len())
    });
    let infrastructure_arn = resources::infrastructure_arn(view.desired, view.stack);
    let distribution_arn = resources::distribution_arn(view.desired, view.stack, recipe);
    let no_infrastructure = infrastructure
        .iter()
        .all(|one| one.arn != infrastructure_arn)
        && !plan.provides(&Resource::Configuration(infrastructure_arn));
    let no_distribution = distributions.iter().all(|one| one.arn != distribution_arn);
    let checks = [
        (quota::PIPELINES, pipelines.len(), needed.pipelines),
        (quota::RECIPES, recipes, needed.versions),
        (quota::COMPONENTS, components, needed.components),
        (
            quota::INFRASTRUCTURE,
            infrastructure.len(),
            usize::from(no_infrastructure),
        ),
        (
            quota::DISTRIBUTIONS,
            distributions.len(),
            usize::from(no_distribution),
        ),
    ];
    checks
        .into_iter()
        .try_for_each(|(quota, used, adding)| room(plan, quota, used, adding))
}

/// Whether `adding` fits beside what there is and what the plan makes already. An account that has
/// more than the default quota has had it raised: there the service decides.
fn room(plan: &Plan, quota: Limit, used: usize, adding: usize) -> Result<(), Refused> {
    let after = used + plan.uses(quota) + adding;
    if adding == 0 || used > quota.limit || after <= quota.limit {
        return Ok(());
    }
    Err(Refused::Quota {
        name: quota.name,
        after,
        limit: quota.limit,
    })
}
