//! Facts of the account that a plan is checked against: what it would only find out after it has made
//! half of it. A fact that was not asked for refuses nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::names::{KeyArn, Region};
use crate::observed::{Facts, KeyState, RegionState, SubnetState};
use crate::plan::reason::Refused;

impl<'a> View<'a> {
    /// Further Regions that images cannot be copied to, with the reason.
    pub(in crate::plan) fn unusable_regions(self) -> BTreeMap<Region, String> {
        let facts = &self.observed.facts;
        let regions = self.desired.regions.iter();
        let regions = regions.filter_map(|(region, settings)| {
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

    /// The instance types of the documents with their architectures, as far as they were asked for.
    pub(in crate::plan) fn instance_types(
        self,
    ) -> impl Iterator<Item = (&'a String, &'a BTreeSet<String>)> {
        let facts = &self.observed.facts.instance_types;
        let types = self.desired.instances.types.iter();
        types.filter_map(|name| facts.get_key_value(name))
    }

    /// Whether the stack's key encrypts.
    pub(in crate::plan) fn check_key(self) -> Result<(), Refused> {
        match key_problem(&self.observed.facts, &self.stack.key) {
            None => Ok(()),
            Some(reason) => Err(Refused::Key {
                key: self.stack.key.clone(),
                reason,
            }),
        }
    }

    /// Whether the subnet is there and does what the documents say of public addresses.
    pub(in crate::plan) fn check_subnet(self) -> Result<(), Refused> {
        let instances = &self.desired.instances;
        let Some(subnet) = &instances.subnet else {
            return Ok(());
        };
        match (self.observed.facts.subnets.get(subnet), instances.public_ip) {
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
