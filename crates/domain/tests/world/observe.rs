//! What a run sees of the simulated account.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::desired::Desired;
use goldsmith_domain::licence::Licence;
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{BaseAmi, Depth, Observed};
use goldsmith_domain::plan::{
    Configurations, Plan, Publisher, Requirements, View, further_keys, plan, requirements,
};

use super::{POLICY, World, stack, strip};

impl World {
    pub fn observe(&self, desired: &Desired) -> Observed {
        self.observe_to(desired, Depth::Digest)
    }

    /// What a run sees: content only where it looks for it.
    pub fn observe_to(&self, desired: &Desired, depth: Depth) -> Observed {
        let Self {
            pipelines,
            images,
            key_policy,
            rule,
            infrastructure,
            distributions,
            facts,
            time,
            ..
        } = self.clone();
        let catalog = None;
        let mut observed = Observed {
            time,
            pipelines,
            images,
            key_policy,
            rule,
            infrastructure,
            distributions,
            catalog,
            facts,
            further_key_policies: self.further_key_policies.clone(),
            bucket_policy: self.bucket_policy.clone(),
            amis: None,
            licences: BTreeMap::new(),
            rebuilds: BTreeMap::new(),
            built: BTreeMap::new(),
            grants: BTreeMap::new(),
            quarantined: BTreeMap::new(),
            deleted_documents: BTreeSet::new(),
        };
        let further = further_keys(desired, &stack());
        observed
            .further_key_policies
            .retain(|key, _| further.contains(key));
        for key in further {
            observed
                .further_key_policies
                .entry(key)
                .or_insert_with(|| POLICY.to_owned());
        }
        let required = |observed: &Observed| -> Requirements {
            requirements(View::new(desired, observed, &stack()), depth)
        };
        let Configurations {
            infrastructure,
            distributions,
        } = required(&observed).configurations;
        strip(&mut observed.infrastructure, &infrastructure);
        strip(&mut observed.distributions, &distributions);
        if required(&observed).catalog.is_some() {
            observed.catalog = Some(self.catalog.clone());
            let required = required(&observed).catalog.expect("still required");
            let catalog = observed.catalog.as_mut().expect("a catalog");
            catalog
                .contents
                .retain(|arn, _| required.recipes.contains(arn));
            catalog
                .base_amis
                .retain(|ami, _| required.base_amis.contains(ami));
        }
        let access = required(&observed).access;
        if access.regions.is_some() {
            observed.amis = Some(self.amis.clone());
        }
        observed.grants = self
            .grants
            .clone()
            .into_iter()
            .filter(|(key, _)| access.keys_left.contains(key))
            .collect();
        if access.quarantine {
            observed.quarantined.clone_from(&self.quarantined);
        }
        let asked = required(&observed).licences;
        let of = |ami: &AmiId| {
            self.catalog
                .base_amis
                .get(ami)
                .map_or_else(Licence::unknown, BaseAmi::licence)
        };
        observed.licences = asked
            .into_iter()
            .map(|ami| (ami.clone(), of(&ami)))
            .collect();
        let rebuilds = required(&observed).rebuilds;
        for place in rebuilds.places.into_keys() {
            let seen = self.see(&place);
            observed
                .rebuilds
                .entry(place.account)
                .or_default()
                .insert(place.region, seen);
        }
        let known = |ami: AmiId| Some((ami.clone(), self.catalog.base_amis.get(&ami)?.clone()));
        observed.built = rebuilds.amis.into_iter().filter_map(known).collect();
        let questions = required(&observed).facts;
        let facts = &mut observed.facts;
        facts
            .instance_types
            .retain(|name, _| questions.instance_types.contains(name));
        facts.keys.retain(|key, _| questions.keys.contains(key));
        facts
            .regions
            .retain(|region, _| questions.regions.contains(region));
        facts
            .subnets
            .retain(|subnet, _| questions.subnet.as_ref() == Some(subnet));
        self.observe_deleted(desired, observed)
    }

    /// Deleted documents are only looked for if the plan may take access away.
    fn observe_deleted(&self, desired: &Desired, mut observed: Observed) -> Observed {
        if plan_of(desired, &observed).may_take_access() {
            observed
                .deleted_documents
                .clone_from(&self.deleted_documents);
        }
        observed
    }
}

/// The plan of a run that publishes what it finds.
pub fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(View::new(desired, observed, &stack()), Publisher::Reconcile)
}
