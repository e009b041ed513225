//! What an environment has one of: the key policy, the build rule, and the infrastructure
//! configuration.

use super::{Change, Configured, Planner, PutKeyPolicy, Refused, Waiting};
use crate::key_policy::{self, Access, KeyPolicy, KeyPolicyError};
use crate::observed::{Catalog, Rule, digest_of, is_owned};
use crate::resources;

impl Planner<'_> {
    pub(super) fn stack(&mut self) {
        self.regions();
        if let Err(reason) = self.key_policy() {
            self.refuse(&self.site.key, reason.into());
        }
        self.schedule();
    }

    fn regions(&mut self) {
        for region in resources::regions_without_key(self.desired, self.site) {
            self.refuse(region, Refused::RegionWithoutKey(region.clone()));
        }
    }

    fn key_policy(&mut self) -> Result<(), KeyPolicyError> {
        let policy = KeyPolicy::parse(&self.observed.key_policy)?;
        let wanted = self.wanted_access();
        for (account, patterns) in policy.access() {
            if wanted.get(account).is_none_or(|wanted| !patterns.is_subset(wanted)) {
                self.wait(account, Waiting::Revocation(account.clone()));
            }
        }
        if let Some(text) = policy.admitting(&wanted)? {
            self.change(Change::PutKeyPolicy(PutKeyPolicy {
                key: self.site.key.clone(),
                access: KeyPolicy::parse(&text)?.access().clone(),
                policy: text,
                expected: self.observed.key_policy.clone(),
            }));
        }
        Ok(())
    }

    /// The roles that launch, or everybody in an account that names none; only where the key is
    /// used, which is the building Region.
    fn wanted_access(&self) -> Access {
        let partition = key_policy::partition(&self.site.key);
        let here = self.desired.consumers.iter().filter(|consumer| {
            consumer.account != self.site.account && consumer.regions.contains(&self.site.region)
        });
        here.map(|consumer| {
            let roles = consumer.roles.iter().map(ToString::to_string);
            let anyone =
                consumer.roles.is_empty().then(|| key_policy::anyone_in(partition, &consumer.account));
            (consumer.account.clone(), roles.chain(anyone).collect())
        })
        .collect()
    }

    fn schedule(&mut self) {
        let Some(schedule) = &self.desired.schedule else { return };
        let rule = &self.observed.rule;
        if rule.schedule.as_deref() != Some(schedule.as_str()) {
            self.change(Change::PutRule(Rule { schedule: Some(schedule.to_string()), ..rule.clone() }));
        }
    }

    /// Brings the infrastructure configuration to its digest; its ARN, or why there is none.
    pub(super) fn infrastructure(&mut self, catalog: &Catalog) -> Result<String, Refused> {
        let content = resources::infrastructure(self.desired, self.site);
        let digest = content.digest();
        let arn = self.site.arn("infrastructure-configuration", &content.name);
        let tags = resources::resource_tags(self.desired, &digest);
        let existing = catalog.infrastructure.iter().find(|configuration| configuration.arn == arn);
        let configured = Configured { arn: arn.clone(), content, tags };
        match existing {
            None => self.change_once(Change::CreateInfrastructure(configured)),
            Some(existing) if !is_owned(&existing.tags, &self.desired.environment) => {
                return Err(Refused::NotOurs(arn));
            }
            Some(existing) if digest_of(&existing.tags) != Some(digest) => {
                self.change_once(Change::UpdateInfrastructure(configured));
            }
            Some(_) => {}
        }
        Ok(arn)
    }

    /// Adds a change that several recipes ask for.
    pub(super) fn change_once(&mut self, change: Change) {
        if !self.plan.changes.contains(&change) {
            self.change(change);
        }
    }
}
