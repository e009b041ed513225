//! What a plan uses up: quotas, snapshots and gigabytes.

use std::collections::BTreeMap;

use super::{AccountQuotas, Quota, QuotaSource, Storage};
use crate::desired::Desired;
use crate::names::Region;
use crate::observed::{ImageState, Observed};
use crate::plan::{Change, Plan, StartBuild, quota};
use crate::resources::{self, Distribution};
use crate::stack::StackContext;

/// The quotas that the plan uses more of. The account's own counts, by its name; else what the documents say it has;
/// else the default.
pub(super) fn quotas(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    account: &AccountQuotas,
) -> Vec<Quota> {
    let entry = |(quota, used, after)| entry(desired, account, quota, used, after);
    let (recipes, components) = observed.catalog.as_ref().map_or((0, 0), |catalog| {
        (catalog.recipes.len(), catalog.components.len())
    });
    let running = observed
        .images
        .iter()
        .filter(|image| matches!(image.state, ImageState::Running(_)))
        .count();
    let used = [
        (quota::PIPELINES, observed.pipelines.len()),
        (quota::RECIPES, recipes),
        (quota::COMPONENTS, components),
        (quota::INFRASTRUCTURE, observed.infrastructure.len()),
        (quota::DISTRIBUTIONS, observed.distributions.len()),
        (quota::BUILDS, running),
    ];
    let all = used.into_iter().filter_map(|(quota, used)| {
        let added = plan
            .changes
            .iter()
            .filter(|change| change.quota() == Some(quota))
            .count();
        (added > 0).then_some((quota, used, used + added))
    });
    let all = all.chain(components_of_a_recipe(observed, plan));
    all.map(entry).collect()
}

/// A sentence for each quota that the plan goes beyond, as far as it is known. The service decides: many accounts
/// have had theirs raised.
pub(super) fn beyond(quotas: &[Quota]) -> Vec<String> {
    let beyond = quotas.iter().filter(|quota| quota.after > quota.limit);
    let sentence = |quota: &Quota| {
        let Quota {
            name, after, limit, ..
        } = quota;
        let (whose, advice) = match quota.source {
            QuotaSource::Default => (
                "the default quota",
                "AWS decides by the account's own, which Service Quotas shows and raises",
            ),
            QuotaSource::Document => (
                "environment.json says that the quota",
                "AWS decides by the account's own, which Service Quotas shows and raises",
            ),
            QuotaSource::Account => (
                "the account's quota",
                "AWS will refuse the rest until Service Quotas has raised it",
            ),
        };
        format!("the account would have {after} {name}, and {whose} is {limit}; {advice}")
    };
    beyond.map(sentence).collect()
}

fn entry(
    desired: &Desired,
    account: &AccountQuotas,
    quota: quota::Limit,
    used: usize,
    after: usize,
) -> Quota {
    let of_account = account.get(quota.name).copied();
    let of_document = desired.quotas.get(quota.key).copied();
    let (limit, source) = match (of_account, of_document) {
        (Some(limit), _) => (limit, QuotaSource::Account),
        (None, Some(limit)) => (limit, QuotaSource::Document),
        (None, None) => (quota.limit, QuotaSource::Default),
    };
    Quota {
        name: quota.name.to_owned(),
        used,
        after,
        limit,
        source,
    }
}

/// The recipe version of the plan with the most components, if that is not as many as today.
fn components_of_a_recipe(
    observed: &Observed,
    plan: &Plan,
) -> Option<(quota::Limit, usize, usize)> {
    let created = plan.changes.iter().filter_map(Change::makes_recipe);
    let largest = created.max_by_key(|create| create.components.len())?;
    let mut current = observed
        .pipelines
        .iter()
        .filter_map(|pipeline| pipeline.recipe.as_ref());
    let today = current.find(|recipe| recipe.slug() == largest.arn.slug());
    let contents = today.and_then(|recipe| observed.catalog.as_ref()?.contents.get(recipe));
    let (used, after) = (
        contents.map_or(0, |contents| contents.components.len()),
        largest.components.len(),
    );
    (used != after).then_some((quota::COMPONENTS_OF_A_RECIPE, used, after))
}

/// The snapshots that the plan's builds leave in each Region, all of them in the building account. What
/// could not be told is in the second part: recipes whose devices were not observed.
pub(super) fn storage(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    stack: &StackContext,
) -> (Vec<Storage>, Vec<String>) {
    let mut totals: BTreeMap<Region, (usize, u64)> = BTreeMap::new();
    let mut notes = Vec::new();
    for start in plan.changes.iter().filter_map(Change::starts) {
        let Some((snapshots, gib)) = size(start, observed, plan) else {
            notes.push(format!(
                "how much the build of {} will store was not observed",
                start.recipename
            ));
            continue;
        };
        for region in distribution(start, desired, observed, plan, stack)
            .regions
            .into_keys()
        {
            let total = totals.entry(region).or_default();
            *total = (total.0 + snapshots, total.1 + gib);
        }
    }
    let storage = totals.into_iter().map(|(region, (snapshots, gib))| {
        let account = stack.account.clone();
        Storage {
            account,
            region,
            snapshots,
            gib,
        }
    });
    (storage.collect(), notes)
}

/// The devices of the recipe version that a build is of: how many, and their GiB.
fn size(start: &StartBuild, observed: &Observed, plan: &Plan) -> Option<(usize, u64)> {
    let mut of_pipeline = plan
        .changes
        .iter()
        .filter(|change| change.pipeline() == Some(&start.pipeline));
    let points = of_pipeline.find_map(Change::points_at);
    let today = || {
        observed
            .pipelines
            .iter()
            .find(|pipeline| pipeline.arn == start.pipeline)?
            .recipe
            .as_ref()
    };
    let recipe = points.or_else(today)?;
    let created = plan
        .changes
        .iter()
        .filter_map(Change::makes_recipe)
        .find(|create| create.arn == *recipe);
    if let Some(create) = created {
        let gib = create
            .devices
            .iter()
            .map(|device| u64::from(device.size_gib))
            .sum();
        return Some((create.devices.len(), gib));
    }
    let contents = observed.catalog.as_ref()?.contents.get(recipe)?;
    let gib: Option<u64> = contents
        .devices
        .iter()
        .map(|device| device.size_gib.map(u64::from))
        .sum();
    Some((contents.devices.len(), gib?))
}

/// Where the image of a build goes.
fn distribution(
    start: &StartBuild,
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    stack: &StackContext,
) -> Distribution {
    let arn = resources::distribution_arn(desired, stack, &start.recipename);
    let changed = plan
        .changes
        .iter()
        .filter_map(Change::distributes)
        .find(|wanted| wanted.arn == arn);
    let changed = changed.map(|wanted| wanted.content.clone());
    let standing = observed
        .distributions
        .iter()
        .find(|standing| standing.arn == arn);
    let today = || {
        standing?
            .content
            .as_ref()
            .map(|content| content.known.clone())
    };
    changed
        .or_else(today)
        .unwrap_or_else(|| resources::distribution(desired, stack, &start.recipename))
}
