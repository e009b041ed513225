//! Checks against facts of the account: what a plan would only find out after it has made half of it.
//! A fact that was not asked for refuses nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::quota::{self, Limit};
use super::{Planner, Refused};
use crate::desired::{Desired, RecipeEntry};
use crate::names::{KeyArn, Region};
use crate::observed::{Facts, KeyState, Observed, Pipeline, RegionState, SubnetState};
use crate::resources;

/// Further Regions that images cannot be copied to, with the reason.
pub(super) fn unusable_regions(desired: &Desired, facts: &Facts) -> BTreeMap<Region, String> {
    let regions = desired.regions.iter().filter_map(|(region, settings)| {
        let state = facts
            .regions
            .get(region)
            .and_then(|state| region_problem(*state))
            .map(str::to_owned);
        let key = settings.kms_key.as_ref()?;
        let problem =
            state.or_else(|| Some(format!("its key {key} {}", key_problem(facts, key)?)))?;
        Some((region.clone(), problem))
    });
    regions.collect()
}

fn region_problem(state: RegionState) -> Option<&'static str> {
    match state {
        RegionState::Enabled => None,
        RegionState::NotOptedIn => Some("the account has not opted in to it"),
        RegionState::Unknown => Some("there is no such Region in this partition"),
    }
}

/// What keeps a key from encrypting volumes that are shared (EBS user guide, "share a KMS key").
fn key_problem(facts: &Facts, key: &KeyArn) -> Option<String> {
    match facts.keys.get(key)? {
        KeyState::Usable | KeyState::Unreadable => None,
        KeyState::Missing => Some("does not exist".to_owned()),
        KeyState::Unusable(state) => Some(format!("is {state}")),
        KeyState::AwsManaged => {
            Some("is managed by AWS, and what it encrypts cannot be shared".to_owned())
        }
        KeyState::Unsuitable(kind) => Some(format!(
            "is {kind}, and volumes need a symmetric key for encryption"
        )),
    }
}

impl<'a> Planner<'a> {
    /// The instance types of the documents with their architectures, as far as they were asked for.
    pub(super) fn instance_types(
        &self,
    ) -> impl Iterator<Item = (&'a String, &'a BTreeSet<String>)> {
        let facts = &self.observed.facts.instance_types;
        self.desired
            .instances
            .types
            .iter()
            .filter_map(|name| facts.get_key_value(name))
    }

    /// Whether the stack's key encrypts.
    pub(super) fn check_key(&self) -> Result<(), Refused> {
        match key_problem(&self.observed.facts, &self.stack.key) {
            None => Ok(()),
            Some(reason) => Err(Refused::Key {
                key: self.stack.key.clone(),
                reason,
            }),
        }
    }

    /// Whether the subnet is there and does what the documents say of public addresses.
    pub(super) fn check_subnet(&self) -> Result<(), Refused> {
        let Some(subnet) = &self.desired.instances.subnet else {
            return Ok(());
        };
        match (
            self.observed.facts.subnets.get(subnet),
            self.desired.instances.public_ip,
        ) {
            (Some(SubnetState::Missing), _) => Err(Refused::SubnetMissing(subnet.clone())),
            (Some(SubnetState::Found { public_ip }), Some(wanted)) if *public_ip != wanted => {
                Err(Refused::PublicIp {
                    subnet: subnet.clone(),
                    wanted,
                })
            }
            (Some(SubnetState::Found { .. }) | None, _) => Ok(()),
        }
    }

    /// Whether the account has room for what `entry` needs made: with `version`, a recipe version.
    pub(super) fn check_headroom(
        &self,
        entry: &RecipeEntry,
        pipeline: Option<&Pipeline>,
        version: bool,
    ) -> Result<(), Refused> {
        let Observed {
            pipelines,
            infrastructure,
            distributions,
            ..
        } = self.observed;
        let (recipes, components) = self.catalog().map_or((0, 0), |catalog| {
            (catalog.recipes.len(), catalog.components.len())
        });
        let infrastructure_arn = resources::infrastructure_arn(self.desired, self.stack);
        let distribution_arn = resources::distribution_arn(self.desired, self.stack, &entry.name);
        let no_infrastructure = infrastructure
            .iter()
            .all(|one| one.arn != infrastructure_arn)
            && !self.makes(&infrastructure_arn);
        let no_distribution = distributions.iter().all(|one| one.arn != distribution_arn);
        let missing = if version {
            self.missing_components(entry)
        } else {
            0
        };
        self.room(
            quota::PIPELINES,
            pipelines.len(),
            usize::from(pipeline.is_none()),
        )?;
        self.room(quota::RECIPES, recipes, usize::from(version))?;
        self.room(quota::COMPONENTS, components, missing)?;
        self.room(
            quota::INFRASTRUCTURE,
            infrastructure.len(),
            usize::from(no_infrastructure),
        )?;
        self.room(
            quota::DISTRIBUTIONS,
            distributions.len(),
            usize::from(no_distribution),
        )
    }

    fn makes(&self, target: &str) -> bool {
        self.plan
            .changes
            .iter()
            .any(|change| change.target() == target)
    }

    /// Whether `adding` fits beside what there is and what this plan makes already. An account that has
    /// more than the default quota has had it raised: there the service decides.
    fn room(&self, quota: Limit, used: usize, adding: usize) -> Result<(), Refused> {
        let planned = self
            .plan
            .changes
            .iter()
            .filter(|change| change.quota() == Some(quota))
            .count();
        let after = used + planned + adding;
        if adding == 0 || used > quota.limit || after <= quota.limit {
            return Ok(());
        }
        Err(Refused::Quota {
            name: quota.name,
            after,
            limit: quota.limit,
        })
    }
}
