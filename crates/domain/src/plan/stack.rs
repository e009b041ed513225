//! What recipes stand on: the build rule and the configurations.

use super::{Change, Configured, Planner, Refused, Waiting};
use crate::desired::Drift;
use crate::difference::{Describe, between, sentence};
use crate::names::{Digest, RecipeName, Region};
use crate::observed::{Configuration, Rule, is_owned};
use crate::resources::{self, Distribution, RegionDistribution};

impl Planner<'_> {
    pub(super) fn stack(&mut self) {
        self.regions();
        self.admit();
        self.schedule();
    }

    fn regions(&mut self) {
        for region in resources::regions_without_key(self.desired, self.stack) {
            self.refuse(region, Refused::RegionWithoutKey(region.clone()));
        }
        for (region, reason) in self.unusable.clone() {
            self.refuse(&region.clone(), Refused::Region { region, reason });
        }
        let here = self
            .desired
            .regions
            .get(&self.stack.region)
            .and_then(|region| region.kms_key.as_ref());
        if let Some(key) = here.filter(|key| **key != self.stack.key) {
            let (named, stack) = (key.clone(), self.stack.key.clone());
            self.refuse(
                &self.stack.region,
                Refused::BuildingRegionKey { named, stack },
            );
        }
    }

    fn schedule(&mut self) {
        let Some(schedule) = &self.desired.schedule else {
            return;
        };
        let rule = &self.observed.rule;
        if rule.schedule.as_deref() != Some(schedule.as_str()) {
            self.change(Change::PutRule(Rule {
                schedule: Some(schedule.to_string()),
                ..rule.clone()
            }));
        }
    }

    /// Brings the infrastructure configuration to its digest; its ARN, or why there is none.
    pub(super) fn infrastructure(&mut self) -> Result<String, Refused> {
        self.check_subnet()?;
        let content = resources::infrastructure(self.desired, self.stack);
        let digest = content.digest();
        let arn = resources::infrastructure_arn(self.desired, self.stack);
        let standing = self.standing(&self.observed.infrastructure, &arn, &content, &digest)?;
        let wanted = self.configured(&arn, content, &digest);
        match standing {
            ConfigurationState::Absent => self.change_once(Change::CreateInfrastructure(wanted)),
            ConfigurationState::Other => self.change_once(Change::UpdateInfrastructure(wanted)),
            ConfigurationState::Drifted(differences) => self.told_drift(&arn, differences),
            ConfigurationState::Same => {}
        }
        Ok(arn)
    }

    /// Brings the distribution configuration of a recipe to its digest; its ARN.
    pub(super) fn distribution(&mut self, recipe: &RecipeName) -> Result<String, Refused> {
        let arn = resources::distribution_arn(self.desired, self.stack, recipe);
        let content = self.usable(
            &arn,
            resources::distribution(self.desired, self.stack, recipe),
        );
        let digest = content.digest();
        let standing = self.standing(&self.observed.distributions, &arn, &content, &digest)?;
        let wanted = self.configured(&arn, content, &digest);
        match standing {
            ConfigurationState::Absent => self.change_once(Change::CreateDistribution(wanted)),
            ConfigurationState::Other => self.change_once(Change::UpdateDistribution(wanted)),
            ConfigurationState::Drifted(differences) => self.told_drift(&arn, differences),
            ConfigurationState::Same => {}
        }
        Ok(arn)
    }

    /// The content without Regions that cannot be used, unless the configuration has them already: what
    /// works is not taken away because a fact was read at a bad moment.
    fn usable(&self, arn: &str, mut content: Distribution) -> Distribution {
        let standing = self
            .observed
            .distributions
            .iter()
            .find(|standing| standing.arn == arn);
        let digest = content.digest();
        if standing.is_some_and(|standing| standing.digest.as_ref() == Some(&digest)) {
            return content;
        }
        let today = standing
            .and_then(|standing| standing.content.as_ref())
            .map(|content| &content.known);
        let established = |region: &Region, entry: &RegionDistribution| {
            let before = today.and_then(|today| today.regions.get(region));
            before.is_some_and(|before| before.kms_key == entry.kms_key)
        };
        content.regions.retain(|region, entry| {
            !self.unusable.contains_key(region) || established(region, entry)
        });
        content
    }

    /// Says that somebody changed a configuration, once.
    fn told_drift(&mut self, arn: &str, differences: String) {
        let waiting = (
            arn.to_owned(),
            Waiting::Drift {
                subject: arn.to_owned(),
                differences,
            },
        );
        if !self.plan.waiting.contains(&waiting) {
            self.plan.waiting.push(waiting);
        }
    }

    pub(super) fn configured<T>(&self, arn: &str, content: T, digest: &Digest) -> Configured<T> {
        let tags = resources::owned_tags(self.desired);
        Configured {
            arn: arn.to_owned(),
            content,
            description: resources::description(digest),
            tags,
        }
    }

    /// How a configuration stands to what is wanted; refused if it is somebody else's.
    fn standing<T: Describe>(
        &self,
        existing: &[Configuration<T>],
        arn: &str,
        wanted: &T,
        digest: &Digest,
    ) -> Result<ConfigurationState, Refused> {
        let Some(standing) = existing
            .iter()
            .find(|configuration| configuration.arn == arn)
        else {
            return Ok(ConfigurationState::Absent);
        };
        if !is_owned(&standing.tags, &self.desired.environment) {
            return Err(Refused::NotOurs(arn.to_owned()));
        }
        if standing.digest.as_ref() != Some(digest) {
            return Ok(ConfigurationState::Other);
        }
        let members = standing.content.as_ref().map(Describe::members);
        let differences = members
            .map(|members| between(&members, &wanted.members()))
            .unwrap_or_default();
        match self.desired.drift {
            _ if differences.is_empty() => Ok(ConfigurationState::Same),
            Drift::Repair => Ok(ConfigurationState::Other),
            Drift::Report => Ok(ConfigurationState::Drifted(sentence(&differences))),
        }
    }

    /// Adds a change that several recipes may ask for.
    fn change_once(&mut self, change: Change) {
        if !self.plan.changes.contains(&change) {
            self.change(change);
        }
    }
}

/// How a configuration stands to what is wanted.
enum ConfigurationState {
    /// There is none of this name.
    Absent,
    /// It says what is wanted.
    Same,
    /// It says something else.
    Other,
    /// Somebody changed it, which is only told: how.
    Drifted(String),
}
