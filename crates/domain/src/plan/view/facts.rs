//! Facts of the account that a plan is checked against: what it would only find out after it has made
//! half of it. A fact that was not asked for refuses nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use super::keys::foreign_key;
use crate::names::{AmiId, KeyArn, Region};
use crate::observed::{BaseAmi, Facts, KeyState, RegionState, Subject, SubnetState};
use crate::plan::reason::Refused;

impl<'a> View<'a> {
    /// Further Regions that images cannot be copied to, with the reason.
    pub(in crate::plan) fn unusable_regions(self) -> BTreeMap<Region, String> {
        let regions = self.desired.regions.iter();
        let regions = regions.filter_map(|(region, settings)| {
            let problem = self.region_problem(region, settings.kms_key.as_ref()?)?;
            Some((region.clone(), problem))
        });
        regions.collect()
    }

    /// What keeps images from going to a Region under this key.
    fn region_problem(self, region: &Region, key: &KeyArn) -> Option<String> {
        let facts = &self.observed.facts;
        if self.is_home(region) {
            return None;
        }
        let of_key = |problem: String| format!("its key {key} {problem}");
        let policy = Subject::KeyPolicy(key.clone());
        let unread = [Subject::Regions, policy].into_iter();
        let mut unread = unread.filter_map(|what| self.check_read(&what).err());
        foreign_key(self.stack, region, key)
            .map(of_key)
            .or_else(|| region_problem(*facts.regions.get(region)?).map(str::to_owned))
            .or_else(|| key_problem(facts, key).map(of_key))
            .or_else(|| unread.next().map(|unread| unread.to_string()))
    }

    /// Whether every instance type is there and fits every one of these bases: the service picks one by
    /// availability (API reference, `instanceTypes`).
    pub(in crate::plan) fn check_instance_types<'b>(
        self,
        bases: impl IntoIterator<Item = (&'b AmiId, &'b BaseAmi)>,
    ) -> Result<(), Refused> {
        self.check_read(&Subject::InstanceTypes)?;
        if let Some((missing, _)) = self.instance_types().find(|(_, fits)| fits.is_empty()) {
            return Err(Refused::InstanceTypeMissing(missing.clone()));
        }
        for (ami, base) in bases {
            let architecture = &base.architecture;
            let unfit = |(_, fits): &(_, &BTreeSet<String>)| !fits.contains(architecture);
            let unfit = self.instance_types().find(unfit);
            if let Some((instance_type, _)) = unfit.filter(|_| !architecture.is_empty()) {
                return Err(Refused::Architecture {
                    ami: ami.clone(),
                    architecture: architecture.clone(),
                    instance_type: instance_type.clone(),
                });
            }
        }
        Ok(())
    }

    /// The instance types of the documents with their architectures, as far as they were asked for.
    fn instance_types(self) -> impl Iterator<Item = (&'a String, &'a BTreeSet<String>)> {
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

    /// The instance profile of the documents, if it is not the stack's own.
    pub(in crate::plan) fn further_profile(self) -> Option<&'a String> {
        let profile = self.desired.instances.profile.as_ref();
        // The role of an earlier template may not look at other profiles.
        let asks = self.stack.instance_roles.is_some();
        profile.filter(|profile| asks && **profile != self.stack.instance_profile)
    }

    /// Whether the stack may start instances with the profile of the documents: passing a role needs a permission, and
    /// without it each build would fail.
    pub(in crate::plan) fn check_instance_profile(self) -> Result<(), Refused> {
        let Some(profile) = self.further_profile() else {
            return Ok(());
        };
        self.check_read(&Subject::InstanceProfile(profile.clone()))?;
        let profile = profile.clone();
        let of_profile = self.observed.facts.instance_profiles.get(&profile);
        match (of_profile, &self.stack.instance_roles) {
            (Some(None), _) => Err(Refused::InstanceProfileWithoutRole(profile)),
            (Some(Some(role)), Some(roles)) if !roles.contains(role) => {
                let role = role.clone();
                Err(Refused::InstanceRole { profile, role })
            }
            (Some(Some(_)) | None, _) => Ok(()),
        }
    }

    /// Whether the subnet is there and does what the documents say of public addresses.
    pub(in crate::plan) fn check_subnet(self) -> Result<(), Refused> {
        let instances = &self.desired.instances;
        let Some(subnet) = &instances.subnet else {
            return Ok(());
        };
        self.check_read(&Subject::Subnet(subnet.clone()))?;
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
        KeyState::Usable => None,
        KeyState::Unreadable(code) => Some(format!("could not be read: {code}")),
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
