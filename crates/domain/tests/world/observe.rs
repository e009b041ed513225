//! What a run sees of the simulated account.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::licence::Licence;
use goldsmith_domain::names::{AmiId, KeyArn, Region};
use goldsmith_domain::observed::{BaseAmi, Depth, Observed, Origin, OwnAmi};
use goldsmith_domain::plan::{
    Configurations, Index, Plan, Publisher, Requirements, ToProve, further_keys, plan, requirements,
};
use goldsmith_domain::publication::PublishedCopy;
use goldsmith_domain::resources::Wanted;
use goldsmith_domain::verify::{Check, Finding, Status};

use super::{POLICY, World, stack, strip};

impl World {
    pub fn observe(&self, desired: &Desired) -> Observed {
        self.observe_to(desired, Depth::Digest)
    }

    /// What a run sees: content only where it looks for it.
    pub fn observe_to(&self, desired: &Desired, depth: Depth) -> Observed {
        let mut observed = self.listed();
        self.read_key_policies(desired, &mut observed);
        let required = |observed: &Observed| -> Requirements {
            requirements(
                Index::new(&Wanted::new(desired, &stack()), observed).view(),
                depth,
            )
        };
        let Configurations {
            infrastructure,
            distributions,
        } = required(&observed).configurations;
        strip(&mut observed.infrastructure, &infrastructure);
        strip(&mut observed.distributions, &distributions);
        self.read_catalog(&mut observed, required);
        self.read_access(&mut observed, required);
        self.read_results(&mut observed, required);
        self.read_leftovers(&mut observed, required);
        self.read_origins(&mut observed, required);
        self.read_rebuilds(&mut observed, required);
        self.read_publications(&mut observed, required);
        keep_facts(&mut observed, required);
        self.read_proofs(desired, &mut observed);
        self.observe_deleted(desired, observed)
    }

    /// What the lists of a run say, and all facts.
    fn listed(&self) -> Observed {
        let world = self.clone();
        Observed {
            time: world.time,
            pipelines: world.pipelines,
            images: world.images,
            origins: BTreeMap::new(),
            objections: BTreeMap::new(),
            proofs: BTreeMap::new(),
            leftovers: BTreeMap::new(),
            kept_instances: Vec::new(),
            key_policy: world.key_policy,
            rule: world.rule,
            infrastructure: world.infrastructure,
            distributions: world.distributions,
            catalog: None,
            facts: world.facts,
            further_key_policies: world.further_key_policies,
            bucket_policy: world.bucket_policy,
            amis: None,
            amis_out_of_turn: BTreeSet::new(),
            licences: BTreeMap::new(),
            rebuilds: BTreeMap::new(),
            built: BTreeMap::new(),
            grants: BTreeMap::new(),
            quarantined: BTreeMap::new(),
            damages: BTreeMap::new(),
            deployment: Vec::new(),
            deleted_documents: BTreeSet::new(),
            unreadable: world.unreadable,
        }
    }

    fn read_key_policies(&self, desired: &Desired, observed: &mut Observed) {
        let of = |key: &KeyArn| self.further_key_policies.get(key).cloned();
        let further = further_keys(desired, &stack()).into_iter();
        observed.further_key_policies = further
            .map(|key| {
                let policy = of(&key).unwrap_or_else(|| POLICY.to_owned());
                (key, policy)
            })
            .collect();
    }

    fn read_catalog(&self, observed: &mut Observed, required: impl Fn(&Observed) -> Requirements) {
        if required(observed).catalog.is_none() {
            return;
        }
        observed.catalog = Some(self.catalog.clone());
        let required = required(observed).catalog.expect("still required");
        let catalog = observed.catalog.as_mut().expect("a catalog");
        catalog
            .contents
            .retain(|arn, _| required.recipes.contains(arn));
        catalog
            .component_data
            .retain(|arn, _| required.components.contains(arn));
        catalog
            .base_amis
            .retain(|ami, _| required.base_amis.contains(ami));
    }

    fn read_access(&self, observed: &mut Observed, required: impl Fn(&Observed) -> Requirements) {
        let access = required(observed).access;
        observed.amis = access.regions.is_some().then(|| self.amis.clone());
        if let (Some(amis), Some(slice)) = (&mut observed.amis, &access.slice) {
            let all = amis
                .iter()
                .map(|ami| (ami.id.clone(), ami.shared.everybody));
            let (in_turn, others) = slice.split(all.collect());
            amis.retain(|ami| in_turn.contains(&ami.id));
            observed.amis_out_of_turn = others.into_iter().collect();
        }
        observed.grants.clone_from(&self.grants);
        observed
            .grants
            .retain(|key, _| access.keys_left.contains(key));
        if access.quarantine {
            observed.quarantined.clone_from(&self.quarantined);
        }
        let of = |ami: &AmiId| {
            let base = self.catalog.base_amis.get(ami);
            base.map_or_else(Licence::unknown, BaseAmi::licence)
        };
        let asked = required(observed).licences.into_iter();
        observed.licences = asked.map(|ami| (ami.clone(), of(&ami))).collect();
    }

    fn read_leftovers(
        &self,
        observed: &mut Observed,
        required: impl Fn(&Observed) -> Requirements,
    ) {
        let (images, _) = required(observed).leftovers;
        let left = |image: ImageArn| {
            let left = self.leftovers.get(&image).cloned().unwrap_or_default();
            (image, left)
        };
        observed.leftovers = images.into_iter().map(left).collect();
        if required(observed).kept_instances {
            observed.kept_instances.clone_from(&self.kept_instances);
        }
    }

    fn read_results(&self, observed: &mut Observed, required: impl Fn(&Observed) -> Requirements) {
        let images = required(observed).results.into_keys();
        let objections = |image: ImageArn| {
            let found = self.objections.get(&image).cloned().unwrap_or_default();
            (image, found)
        };
        observed.objections = images.map(objections).collect();
    }

    fn read_origins(&self, observed: &mut Observed, required: impl Fn(&Observed) -> Requirements) {
        let images = required(observed).origins.into_iter();
        let origin = |image: ImageArn| {
            let origin = match image.slug() {
                _ if self.foreign.contains(&image) => Origin::Other,
                slug if slug.starts_with("copies-") => Origin::Distribution,
                slug => Origin::Pipeline(stack().pipeline_arn(slug)),
            };
            (image, origin)
        };
        observed.origins = images.map(origin).collect();
    }

    fn read_rebuilds(&self, observed: &mut Observed, required: impl Fn(&Observed) -> Requirements) {
        let rebuilds = required(observed).rebuilds;
        for place in rebuilds.places.into_keys() {
            let seen = self.see(&place);
            let of_account = observed.rebuilds.entry(place.account).or_default();
            of_account.insert(place.region, seen);
        }
        let known = |ami: AmiId| Some((ami.clone(), self.catalog.base_amis.get(&ami)?.clone()));
        observed.built = rebuilds.amis.into_iter().filter_map(known).collect();
    }

    fn read_publications(
        &self,
        observed: &mut Observed,
        required: impl Fn(&Observed) -> Requirements,
    ) {
        let publications = required(observed).publications;
        let parts = publications.iter().flat_map(|one| one.publication.parts());
        let damaged =
            parts.filter_map(|part| Some((part.clone(), self.damages.get(&part)?.clone())));
        observed.damages = damaged.collect();
    }

    fn read_proofs(&self, desired: &Desired, observed: &mut Observed) {
        let asked = plan_of(desired, observed).to_prove;
        observed.proofs = asked
            .iter()
            .map(|one| (one.image.clone(), self.prove(desired, one)))
            .collect();
    }

    /// What the accounts say of an image, and whether its AMIs are there.
    pub fn prove(&self, desired: &Desired, one: &ToProve) -> Vec<Finding> {
        let found = |consumer: String, region: &Region, check, status| Finding {
            consumer,
            region: region.clone(),
            recipename: Some(one.recipename.clone()),
            check,
            status,
            expected: String::new(),
            actual: "seen".to_owned(),
        };
        let ours = one.amis.iter().map(|(region, ami)| {
            let is_there = self.amis.iter().any(|own| own.id == *ami);
            let status = if is_there {
                Status::Correct
            } else {
                Status::Missing
            };
            found(stack().account.to_string(), region, Check::Ami, status)
        });
        let accounts = desired.consumers.accounts.iter();
        let theirs = accounts.flat_map(|account| {
            let status = |region| self.can_launch(account, region, one);
            let of = move |region| {
                found(
                    account.id.to_string(),
                    region,
                    Check::Launch,
                    status(region),
                )
            };
            account.regions.iter().map(of)
        });
        ours.chain(theirs).collect()
    }

    /// Whether an account can launch an image in a Region: it is shared with it, or copied to it.
    pub fn can_launch(&self, account: &Account, region: &Region, one: &ToProve) -> Status {
        let is_shared = |own: &OwnAmi| {
            one.amis.get(region) == Some(&own.id) && own.shared.accounts.contains(&account.id)
        };
        let is_copied = |copy: &PublishedCopy| {
            copy.copy.target.account == account.id && copy.copy.target.region == *region
        };
        let is_served = match account.serve {
            DeliveryMode::Share => self.amis.iter().any(is_shared),
            DeliveryMode::Copy => one.copies.iter().any(is_copied),
        };
        if self.unasked.contains(&account.id) {
            Status::Unknown
        } else if self.unable.contains(&account.id) {
            Status::Incorrect
        } else if is_served {
            Status::Correct
        } else {
            Status::Missing
        }
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
    plan(
        Index::new(&Wanted::new(desired, &stack()), observed).view(),
        Publisher::Reconcile,
    )
}

/// Takes away the facts that a run does not ask for.
fn keep_facts(observed: &mut Observed, required: impl Fn(&Observed) -> Requirements) {
    let asked = required(observed).facts;
    let facts = &mut observed.facts;
    facts
        .instance_types
        .retain(|name, _| asked.instance_types.contains(name));
    facts.keys.retain(|key, _| asked.keys.contains(key));
    facts
        .regions
        .retain(|region, _| asked.regions.contains(region));
    facts
        .subnets
        .retain(|subnet, _| asked.subnet.as_ref() == Some(subnet));
}
